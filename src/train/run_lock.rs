//! One training at a time in a run's folder.

use super::error::TrainError;
use crate::weights::escape;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::Path;

/// The right to train in a folder, until it is dropped.
///
/// It is an advisory lock of the operating system on the file `lock` in the folder. The system releases it when the
/// process ends, however it ends, so the file that stays behind stops nobody. On a file system without locks none is
/// taken.
#[derive(Debug)]
pub struct RunLock {
    _locked: File,
}

impl RunLock {
    /// The file in the folder that is locked.
    pub(super) const NAME: &str = "lock";

    /// Locks `folder`.
    ///
    /// # Errors
    ///
    /// [`TrainError::Locked`] when another training holds it; [`TrainError::Lock`] when its file cannot be made.
    pub fn take(folder: &Path) -> Result<RunLock, TrainError> {
        let path = folder.join(RunLock::NAME);
        let failed = |cause: Error| TrainError::Lock {
            path: escape(&path.to_string_lossy()),
            cause,
        };
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let folder = escape(&folder.to_string_lossy());
                return Err(TrainError::Locked { folder });
            }
            Err(TryLockError::Error(cause)) if cause.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        Ok(RunLock { _locked: file })
    }
}

#[cfg(test)]
mod tests {
    use super::RunLock;
    use crate::train::TrainError;

    /// Catches two trainings in one folder, a lock that outlives its holder, and a file left behind that blocks.
    #[test]
    fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lock"), "left behind").unwrap();
        let first = RunLock::take(folder.path()).unwrap();
        let second = RunLock::take(folder.path());
        assert!(matches!(second, Err(TrainError::Locked { .. })));
        drop(first);
        RunLock::take(folder.path()).unwrap();
    }

    /// Catches a folder that cannot be locked and is trained in all the same, or that is refused without its name.
    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let text = RunLock::take(&missing).unwrap_err().to_string();
        assert!(text.contains("missing") && !text.contains('\n'), "{text}");
    }
}
