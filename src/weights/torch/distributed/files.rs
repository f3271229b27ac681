//! The `.distcp` files that metadata name, all of them in the folder of the metadata.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use crate::weights::error::Fault;
use crate::weights::escape::escape;
use crate::weights::input::Input;

/// The `.distcp` files of a folder.
pub(super) struct Files {
    folder: PathBuf,
    names: HashMap<String, usize>,
    pub(super) paths: Vec<PathBuf>,
    /// Bytes of each; why it cannot be read, where it cannot.
    lengths: Vec<Result<u64, String>>,
}

impl Files {
    pub(super) fn new(metadata: &Path) -> Files {
        let folder = metadata.parent().filter(|folder| *folder != Path::new(""));
        Files {
            folder: folder.unwrap_or(Path::new(".")).to_path_buf(),
            names: HashMap::new(),
            paths: Vec::new(),
            lengths: Vec::new(),
        }
    }

    /// Returns the number of the file with this name, which lies in the folder itself.
    pub(super) fn number(&mut self, name: &str) -> Result<usize, Fault> {
        if let Some(&number) = self.names.get(name) {
            return Ok(number);
        }
        let mut parts = Path::new(name).components();
        let is_plain = matches!(
            (parts.next(), parts.next()),
            (Some(Component::Normal(_)), None)
        );
        if !is_plain || name.contains(['\\', '\0']) {
            return Err(Fault::malformed(format!(
                "the metadata name '{}', which is no file beside them",
                escape(name)
            )));
        }
        let path = self.folder.join(name);
        let length = match Input::open(&path) {
            Ok(input) => Ok(input.length()),
            Err(error) => Err(error.without_path()),
        };
        self.names.insert(name.to_owned(), self.paths.len());
        self.paths.push(path);
        self.lengths.push(length);
        Ok(self.paths.len() - 1)
    }

    /// Returns the bytes of all files that can be read.
    pub(super) fn bytes(&self) -> u64 {
        self.lengths.iter().flatten().sum()
    }

    /// Checks that the file has these bytes.
    pub(super) fn check(&self, file: usize, offset: u64, length: u64) -> Result<(), Fault> {
        let name = self.paths[file]
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        match &self.lengths[file] {
            Err(reason) => Err(Fault::malformed(format!("'{}' {reason}", escape(&name)))),
            Ok(held) if offset.checked_add(length).is_some_and(|end| end <= *held) => Ok(()),
            Ok(held) => Err(Fault::malformed(format!(
                "a chunk of {length} bytes at byte {offset} of '{}', which has {held}; the file is cut short",
                escape(&name)
            ))),
        }
    }
}
