//! Which state of some files was seen.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The size of some files and when the last of them was written: another stamp is another checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes of all files.
    pub bytes: u64,
    /// When the last of them was written, in seconds since 1970.
    pub modified: f64,
}

impl Stamp {
    /// Returns the stamp of files; `None` where one is not there.
    pub fn of<'a>(files: impl Iterator<Item = &'a Path>) -> Option<Stamp> {
        let mut stamp = Stamp {
            bytes: 0,
            modified: 0.0,
        };
        for file in files {
            let metadata = std::fs::metadata(file).ok()?;
            let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            stamp.bytes += metadata.len();
            stamp.modified = stamp.modified.max(modified.as_secs_f64());
        }
        Some(stamp)
    }
}
