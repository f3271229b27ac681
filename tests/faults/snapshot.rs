//! The files of a folder at one time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files by their path in the folder, with their bytes. Temporary files are counted, not held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    pub temporary: Vec<PathBuf>,
}

impl Snapshot {
    pub fn of(root: &Path) -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.add(root, root);
        snapshot
    }

    fn add(&mut self, root: &Path, folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let inside = path.strip_prefix(root).unwrap().to_path_buf();
            if name.starts_with(".spectra-") && name.ends_with(".tmp") {
                self.temporary.push(inside);
            } else if path.is_dir() {
                self.add(root, &path);
            } else {
                self.files.insert(inside, std::fs::read(&path).unwrap());
            }
        }
    }

    /// Makes `root` hold these files and nothing else.
    pub fn restore(&self, root: &Path) {
        let _ = std::fs::remove_dir_all(root);
        std::fs::create_dir_all(root).unwrap();
        for (path, bytes) in &self.files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }

    /// The files in one folder of it.
    pub fn within(&self, folder: &str) -> BTreeMap<&Path, &[u8]> {
        let files = self.files.iter();
        let inside = files.filter(|(path, _)| path.starts_with(folder));
        inside
            .map(|(path, bytes)| (path.as_path(), bytes.as_slice()))
            .collect()
    }
}
