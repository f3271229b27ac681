//! Files that a plan depends on.

use crate::weights::escape_within;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A file with its checksum.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSum {
    /// The path as given.
    pub path: String,
    /// The length in bytes.
    pub bytes: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

impl FileSum {
    /// Returns that of the file at `path`, which has this sum.
    #[must_use]
    pub fn of(path: &Path, sha256: String) -> FileSum {
        FileSum {
            path: escape_within(&path.to_string_lossy(), 4096),
            bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            sha256,
        }
    }
}
