//! Temporary files and folders that a later start recognises and removes.

use std::fs::{self, File, Permissions};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempDir, TempPath};

/// Beginning of the names of all temporary files and folders: they are hidden, and no folder is read with them.
pub const TEMPORARY_PREFIX: &str = ".spectra-";
/// End of their names.
const SUFFIX: &str = ".tmp";
/// Names that are tried before a folder is called unusable.
const ATTEMPTS: usize = 16;

/// A temporary file, locked while its writer lives and removed when it is dropped.
#[derive(Debug)]
pub(super) struct TemporaryFile {
    pub(super) file: File,
    path: TempPath,
}

/// A temporary folder, locked while its writer lives and removed with all that is in it when it is dropped.
#[derive(Debug)]
pub struct TemporaryFolder {
    folder: TempDir,
    _lock: Option<File>,
}

impl TemporaryFile {
    /// Makes a file in `folder` with the permissions of an ordinary new file.
    pub(super) fn in_folder(folder: &Path) -> Result<TemporaryFile, Error> {
        let mut builder = Builder::new();
        builder.prefix(TEMPORARY_PREFIX).suffix(SUFFIX);
        if let Some(permissions) = ordinary(0o666) {
            builder.permissions(permissions);
        }
        for _ in 0..ATTEMPTS {
            let (file, path) = builder.tempfile_in(folder)?.into_parts();
            if claimed(&file, &path) {
                return Ok(TemporaryFile { file, path });
            }
        }
        Err(removed_by_another())
    }

    /// Gives the file its final name, in place of what has that name.
    pub(super) fn rename(self, target: &Path) -> Result<(), Error> {
        fs::rename(&self.path, target)?;
        // The temporary name is gone; another process may take it.
        let _ = self.path.keep();
        Ok(())
    }
}

impl TemporaryFolder {
    /// Makes a folder in `parent` with the permissions of an ordinary new folder.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn in_folder(parent: &Path) -> Result<TemporaryFolder, Error> {
        let mut builder = Builder::new();
        builder.prefix(TEMPORARY_PREFIX).suffix(SUFFIX);
        if let Some(permissions) = ordinary(0o777) {
            builder.permissions(permissions);
        }
        for _ in 0..ATTEMPTS {
            let folder = builder.tempdir_in(parent)?;
            // Not every system opens folders; there a folder that a killed process left stays.
            let lock = File::open(folder.path()).ok();
            let claimed = lock
                .as_ref()
                .is_none_or(|lock| claimed(lock, folder.path()));
            if claimed {
                return Ok(TemporaryFolder {
                    folder,
                    _lock: lock,
                });
            }
        }
        Err(removed_by_another())
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder to the caller, who has renamed it: nothing is removed.
    pub fn keep(self) {
        let _ = self.folder.keep();
    }
}

/// Removes the temporary files and folders that ended processes left in `folder`. Those of a process that lives
/// are locked and stay; so does what cannot be removed.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if !is_temporary(&path) || metadata.is_symlink() {
            continue;
        }
        let lock = File::open(&path);
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = if metadata.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
        }
    }
}

/// Whether a path has the name of a temporary file or folder of this program.
pub fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(TEMPORARY_PREFIX) && name.ends_with(SUFFIX))
}

/// Locks what was just made at `path`. `false` where a sweep of another process came in between and removed it; on
/// a file system without locks nobody sweeps.
fn claimed(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => false,
        _ => fs::symlink_metadata(path).is_ok(),
    }
}

fn removed_by_another() -> Error {
    let text = "another program removes every temporary file at once";
    Error::new(ErrorKind::ResourceBusy, text)
}

#[cfg(unix)]
fn ordinary(mode: u32) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn ordinary(_mode: u32) -> Option<Permissions> {
    None
}

/// Returns the folder that `path` lies in.
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Catches a sweep that takes files of others, or the file that another process is writing, and one that
    /// leaves what a killed process left.
    #[test]
    fn a_sweep_takes_what_no_living_process_holds() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        let held = TemporaryFile::in_folder(folder.path()).unwrap();
        let held_folder = TemporaryFolder::in_folder(folder.path()).unwrap();
        fs::write(inside(".spectra-left.tmp"), "x").unwrap();
        fs::create_dir(inside(".spectra-folder.tmp")).unwrap();
        fs::write(inside(".spectra-folder.tmp/index.html"), "x").unwrap();
        for theirs in [".spectra-report.json", "weights.tmp", ".tmpAbCdEf"] {
            fs::write(inside(theirs), "x").unwrap();
        }
        std::os::unix::fs::symlink("weights.tmp", inside(".spectra-link.tmp")).unwrap();
        sweep(folder.path());
        let mut left: Vec<PathBuf> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        left.sort();
        let mut expected = vec![
            inside(".spectra-report.json"),
            inside("weights.tmp"),
            inside(".tmpAbCdEf"),
            inside(".spectra-link.tmp"),
            held.path.to_path_buf(),
            held_folder.path().to_path_buf(),
        ];
        expected.sort();
        assert_eq!(left, expected);
        drop((held, held_folder));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }
}
