//! Lists of class names that lie beside a set's files.

use super::error::DataError;
use super::file;
use super::origin::Format;
use std::path::Path;

/// Bytes of the longest list.
const LONGEST: u64 = 1 << 16;

/// Reads the names in the file at `path`, a line each; `None` where there is no file.
///
/// # Errors
/// Other than `classes` names.
pub(super) fn read(
    path: &Path,
    format: Format,
    classes: usize,
) -> Result<Option<Vec<String>>, DataError> {
    if !path.is_file() {
        return Ok(None);
    }
    let text = file::head(path, LONGEST)?;
    let text = String::from_utf8_lossy(&text);
    let names = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    if names.len() == classes {
        return Ok(Some(names));
    }
    let count = names.len();
    let problem =
        format!("names {count} classes, not {classes}; take the file anew or out of the folder");
    Err(DataError::malformed(path, format, problem))
}
