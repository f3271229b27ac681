//! Files that are there whole or not at all.

use std::io::{Error, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes `bytes` to `path` through a temporary file beside it, renamed when complete. Killed at
/// any moment, it leaves the old file or the new one.
///
/// # Errors
///
/// The system's, naming the path and the bytes needed; the temporary file is removed.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |error: Error| {
        Error::new(
            error.kind(),
            format!(
                "{}: cannot be written ({} bytes): {error}",
                path.display(),
                bytes.len()
            ),
        )
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    readable(&file).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes files of these names into `folder`, making it where it is missing. `index`, the file
/// that people open first, belongs last: a reader who sees it finds all others.
///
/// # Errors
///
/// As [`write_file`].
pub fn write_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::new(
            error.kind(),
            format!("{}: cannot be made: {error}", folder.display()),
        )
    })?;
    for (name, bytes) in files {
        write_file(&folder.join(name), bytes)?;
    }
    Ok(())
}

/// Temporary files are private to their owner; what a user asked for is not.
#[cfg(unix)]
fn readable(file: &NamedTempFile) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile) -> Result<(), Error> {
    Ok(())
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
}
