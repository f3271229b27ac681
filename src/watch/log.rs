//! The file of snapshots: a line of JSON a checkpoint.

use super::snapshot::Snapshot;
use crate::weights::escape;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Longest log that is read.
const LONGEST: u64 = 1 << 30;

/// Why a log cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The system's refusal.
    #[error("{path}: {cause}")]
    System {
        /// The file.
        path: String,
        /// The error.
        cause: Error,
    },
    /// A file that is something else.
    #[error(
        "{path}: line {line} is no checkpoint of a watch ({problem}); give the log another name"
    )]
    Foreign {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// The parser's words.
        problem: String,
    },
    /// Another watch writes it.
    #[error("{path}: another watch writes to it; end that, or give the log another name")]
    Locked {
        /// The file.
        path: String,
    },
    /// More than any log has.
    #[error("{path}: has {bytes} bytes; a log of a watch has at most {LONGEST}")]
    TooLong {
        /// The file.
        path: String,
        /// The length.
        bytes: u64,
    },
}

/// A file of snapshots that is added to. It is locked, so that two watches do not mix their lines.
#[derive(Debug)]
pub struct Log {
    file: File,
    path: PathBuf,
}

impl Log {
    /// Opens the log at `path`, which need not be there yet, with the snapshots that it holds. A last line without its
    /// end, which a killed watch leaves, is cut off.
    ///
    /// # Errors
    ///
    /// A file that is no log, one that another watch holds, and the system's.
    pub fn open(path: &Path) -> Result<(Log, Vec<Snapshot>), LogError> {
        let shown = || escape(&path.to_string_lossy());
        let system = |cause| LogError::System {
            path: shown(),
            cause,
        };
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).read(true).write(true);
        let mut file = options.open(path).map_err(system)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(LogError::Locked { path: shown() });
        }
        let bytes = file.metadata().map_err(system)?.len();
        if bytes > LONGEST {
            let path = shown();
            return Err(LogError::TooLong { path, bytes });
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(system)?;
        let whole = text
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        let mut snapshots = Vec::new();
        for (line, content) in (1..).zip(text[..whole].split_inclusive(|&byte| byte == b'\n')) {
            let snapshot = serde_json::from_slice(content).map_err(|error| LogError::Foreign {
                path: shown(),
                line,
                problem: error.to_string(),
            })?;
            snapshots.push(snapshot);
        }
        // A text without a line of a watch is somebody's file.
        if whole == 0 && !text.is_empty() && text[0] != b'{' {
            return Err(LogError::Foreign {
                path: shown(),
                line: 1,
                problem: "no JSON".to_owned(),
            });
        }
        file.set_len(whole as u64).map_err(system)?;
        file.seek(SeekFrom::End(0)).map_err(system)?;
        let path = path.to_path_buf();
        Ok((Log { file, path }, snapshots))
    }

    /// Adds a snapshot. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// The system's; then the log holds whole lines still.
    pub fn add(&mut self, snapshot: &Snapshot) -> Result<(), LogError> {
        let mut add = || {
            let end = self.file.stream_position()?;
            let line = serde_json::to_string(snapshot)? + "\n";
            let written = self.file.write_all(line.as_bytes());
            if let Err(error) = written.and_then(|()| self.file.sync_data()) {
                self.file.set_len(end)?;
                self.file.seek(SeekFrom::Start(end))?;
                return Err(error);
            }
            Ok(())
        };
        add().map_err(|cause| LogError::System {
            path: escape(&self.path.to_string_lossy()),
            cause,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, LogError};
    use crate::watch::{Snapshot, Stamp};

    fn snapshot(step: u64) -> Snapshot {
        Snapshot {
            checkpoint: format!("checkpoint-{step}"),
            step: Some(step),
            seed: 0,
            stamp: Stamp {
                bytes: 12,
                modified: 1.7e9 + 0.123_456_7,
            },
            layers: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Would catch lines lost or doubled by a watch that was killed while it wrote, two watches of one log, and a file of
    /// somebody else's that is cut or written to.
    #[test]
    fn a_log_goes_on_after_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let (mut log, before) = Log::open(&path).unwrap();
        assert!(before.is_empty());
        log.add(&snapshot(1)).unwrap();
        assert!(matches!(Log::open(&path), Err(LogError::Locked { .. })));
        drop(log);
        let mut text = std::fs::read(&path).unwrap();
        text.extend(b"{\"checkpoint\": \"che");
        std::fs::write(&path, &text).unwrap();
        let (mut log, before) = Log::open(&path).unwrap();
        assert_eq!(before, [snapshot(1)]);
        log.add(&snapshot(2)).unwrap();
        drop(log);
        assert_eq!(Log::open(&path).unwrap().1, [snapshot(1), snapshot(2)]);
        for foreign in ["no log", "a\nb\n", "{\"checkpoint\": 3}\n", "{}\n"] {
            let path = folder.path().join("foreign");
            std::fs::write(&path, foreign).unwrap();
            let refused = Log::open(&path);
            assert!(
                matches!(refused, Err(LogError::Foreign { .. })),
                "{foreign}"
            );
            assert_eq!(std::fs::read_to_string(&path).unwrap(), foreign);
        }
    }
}
