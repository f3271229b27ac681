//! Files that are there whole or not at all.

use super::escape_within;
use super::temporary::{TemporaryFile, folder_of};
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Longest path shown, in characters.
const LONGEST_PATH: usize = 1000;
/// Links that are followed from one to the next.
const MOST_LINKS: usize = 40;

/// Writes `bytes` to `path` through a temporary file beside it, renamed when complete: killed at
/// any moment, it leaves the old file or the new one. A link is followed, also one whose target is not
/// there yet; what is no regular file, a device or a pipe, is written to as it is.
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
            _ => plain_reason(&error),
        };
        let message = format!("{shown}: cannot be written ({count} bytes): {why}");
        Error::new(error.kind(), message)
    };
    let target = followed(path).map_err(failed)?;
    let special = std::fs::metadata(&target).is_ok_and(|m| !m.is_file() && !m.is_dir());
    if special {
        let mut device = OpenOptions::new()
            .write(true)
            .open(&target)
            .map_err(failed)?;
        return device.write_all(bytes).map_err(failed);
    }
    let folder = folder_of(&target);
    let mut temporary = TemporaryFile::in_folder(&folder).map_err(failed)?;
    temporary.file.write_all(bytes).map_err(failed)?;
    temporary.file.sync_all().map_err(failed)?;
    temporary.rename(&target).map_err(failed)?;
    sync_folder(&folder).map_err(failed)
}

/// Waits until the names in `folder` are on the disk, where the system can do that.
///
/// # Errors
///
/// The system's.
pub fn sync_folder(folder: &Path) -> Result<(), Error> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Not every system opens folders, nor every file system waits for them.
        Err(error) => match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::Unsupported => {
                Ok(())
            }
            _ => Err(error),
        },
        synced => synced,
    }
}

/// Says why the system refused, without its numbers.
pub fn plain_reason(error: &Error) -> String {
    /// The number of "input/output error" on Unix systems.
    const EIO: i32 = 5;
    if cfg!(unix) && error.raw_os_error() == Some(EIO) {
        return "the disk or the connection to it failed (input/output error)".to_string();
    }
    let kind = error.kind().to_string();
    match (kind.as_str(), error.raw_os_error()) {
        ("uncategorized error", Some(_)) => {
            let text = error.to_string();
            let words = text
                .split_once(" (os error")
                .map_or(&*text, |(words, _)| words);
            words.to_lowercase()
        }
        _ => kind,
    }
}

/// The file that `path` stands for when all links are followed, which need not be there.
fn followed(path: &Path) -> Result<PathBuf, Error> {
    let refused = match std::fs::canonicalize(path) {
        Ok(target) => return Ok(target),
        Err(error) => error,
    };
    let mut target = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => return Ok(target),
        }
    }
    Err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// Catches a link that is replaced by a file, its target left as it was or not made; and a circle of links that
    /// is replaced.
    #[cfg(unix)]
    #[test]
    fn links_are_followed() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        std::fs::write(inside("target"), "old").unwrap();
        symlink(inside("target"), inside("link")).unwrap();
        symlink("dangling", inside("second")).unwrap();
        symlink("missing", inside("dangling")).unwrap();
        symlink("circle", inside("circle")).unwrap();
        for (link, target) in [("link", "target"), ("second", "missing")] {
            write_file(&inside(link), b"new").unwrap();
            assert!(inside(link).is_symlink());
            assert_eq!(std::fs::read(inside(target)).unwrap(), b"new");
        }
        write_file(&inside("circle"), b"new").unwrap_err();
        assert!(inside("circle").is_symlink() && inside("dangling").is_symlink());
    }

    /// Catches "uncategorized error" and numbers of the system in a sentence.
    #[cfg(unix)]
    #[test]
    fn reasons_are_words() {
        for (number, words) in [(5, "input/output error"), (28, "no storage space")] {
            let text = plain_reason(&Error::from_raw_os_error(number));
            assert!(text.contains(words) && !text.contains("os error"), "{text}");
        }
        let text = plain_reason(&Error::from_raw_os_error(71));
        assert!(!text.contains("uncategorized"), "{text}");
    }
}
