//! The list of the files that a report consists of, kept in its folder.

use crate::weights::write_file;
use serde::{Deserialize, Serialize};
use std::io::Error;
use std::path::{Component, Path};

/// Files of a report by name.
pub type NamedFiles = [(String, Vec<u8>)];

/// A report's kind and the names of its files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) kind: String,
    pub(super) files: Vec<String>,
}

impl Manifest {
    /// The name in the folder.
    pub(super) const NAME: &str = ".spectra-report.json";

    pub(super) fn new(kind: &str, files: &NamedFiles) -> Manifest {
        Manifest {
            kind: kind.to_owned(),
            files: files.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// Reads the list in `folder`. A study's report that was written before there were lists is known by the study's
    /// name in `report.json`; which files are its own is not known then.
    pub(super) fn read(folder: &Path, kind: &str) -> Option<Manifest> {
        if let Ok(text) = std::fs::read(folder.join(Manifest::NAME)) {
            let mut manifest: Manifest = serde_json::from_slice(&text).ok()?;
            // The list is a file like any other: a name in it cannot lead out of the folder.
            manifest.files.retain(|name| is_plain(name));
            return Some(manifest);
        }
        let study = kind.strip_prefix("study ")?;
        let report = std::fs::read(folder.join("report.json")).ok()?;
        let report: serde_json::Value = serde_json::from_slice(&report).ok()?;
        (report["id"] == study).then(|| Manifest::new(kind, &[]))
    }

    /// Whether `path` in the folder is the list or named by it.
    pub(super) fn names(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| {
            name == Manifest::NAME || self.files.iter().any(|file| file == name)
        })
    }

    /// Returns the list with the names of `other` added.
    pub(super) fn with(&self, other: &Manifest) -> Manifest {
        let mut files = self.files.clone();
        files.extend(other.files.iter().cloned());
        files.sort();
        files.dedup();
        Manifest {
            kind: self.kind.clone(),
            files,
        }
    }

    /// Writes the list into `folder`.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let text = serde_json::to_string(self).map_err(Error::other)? + "\n";
        write_file(&folder.join(Manifest::NAME), text.as_bytes())
    }
}

/// Whether a name is that of a file in the folder itself.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(parts.next(), Some(Component::Normal(part)) if part == name)
}
