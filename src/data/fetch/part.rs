//! Files that are being written: where they lie until they are whole.

use crate::data::error::DataError;
use std::path::{Path, PathBuf};

/// The path of a file until it is whole.
pub(super) fn part_of(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Refuses a link where a part is to be written: what it points to is not ours.
pub(super) fn refuse_link(part: &Path) -> Result<(), DataError> {
    let is_link = std::fs::symlink_metadata(part).is_ok_and(|metadata| metadata.is_symlink());
    if is_link {
        return Err(DataError::InTheWay {
            path: part.to_path_buf(),
        });
    }
    Ok(())
}

impl DataError {
    pub(super) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> DataError {
        move |cause| DataError::Write {
            path: path.to_path_buf(),
            cause,
        }
    }
}
