//! Files that are there whole or not at all.

use super::escape_within;
use std::fs::{OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Write};
use std::path::Path;
use tempfile::{Builder, NamedTempFile};

/// Longest path shown, in characters.
const LONGEST_PATH: usize = 1000;

/// Writes `bytes` to `path` through a temporary file beside it, renamed when complete: killed at
/// any moment, it leaves the old file or the new one. A link is followed; what is no regular file,
/// a device or a pipe, is written to as it is.
///
/// # Errors
///
/// The system's, naming the path and the bytes needed; the temporary file is removed.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |error: Error| {
        let shown = escape_within(&path.to_string_lossy(), LONGEST_PATH);
        let count = bytes.len();
        let why = match error.kind() {
            ErrorKind::NotFound => "its folder does not exist".to_string(),
            kind => kind.to_string(),
        };
        let message = format!("{shown}: cannot be written ({count} bytes): {why}");
        Error::new(error.kind(), message)
    };
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let special = std::fs::metadata(&target).is_ok_and(|m| !m.is_file() && !m.is_dir());
    if special {
        let mut device = OpenOptions::new()
            .write(true)
            .open(&target)
            .map_err(failed)?;
        return device.write_all(bytes).map_err(failed);
    }
    let mut file = temporary_beside(&target).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// A temporary file in the folder of `path`, with the permissions of an ordinary new file.
fn temporary_beside(path: &Path) -> Result<NamedTempFile, Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    if let Some(permissions) = ordinary() {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder)
}

#[cfg(unix)]
fn ordinary() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn ordinary() -> Option<Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::write_file;

    /// Catches a temporary file left behind, or an old file lost, when the rename cannot be done.
    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("taken");
        std::fs::create_dir(&target).unwrap();
        std::fs::write(target.join("inside"), "old").unwrap();
        let error = write_file(&target, b"new").unwrap_err().to_string();
        assert!(
            error.contains("taken") && error.contains("3 bytes"),
            "{error}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read(target.join("inside")).unwrap(), b"old");
    }

    /// Catches a link that is replaced by a file, its target left as it was.
    #[cfg(unix)]
    #[test]
    fn a_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write_file(&link, b"new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), b"new");
    }
}
