//! Errors between a name and a data set.

use super::origin::Format;
use crate::weights::{WeightsError, escape, escape_within};
use std::io;
use std::path::{Path, PathBuf};

/// Why a data set cannot be opened or fetched.
///
/// Each is one sentence: what, where, and the way out. Names and paths in it are escaped.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The operating system refused to read.
    #[error("{}: cannot be read: {cause}", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A path that holds no data set that is read here.
    #[error("{}: {found}; {advice}", shown(path))]
    NotRecognised {
        /// The path.
        path: PathBuf,
        /// The content.
        found: String,
        /// The way out.
        advice: String,
    },
    /// A known set is asked for, and no folder to look in is known.
    #[error("{name}: no folder of data sets is given to look in")]
    NoFolder {
        /// The set.
        name: String,
    },
    /// A set is not in the folder.
    #[error(
        "{}: is neither a path nor a data set in {}; spectra data lists what is there{}",
        escape(name),
        shown(root),
        offer(*fetchable)
    )]
    NotFound {
        /// The name that was asked for.
        name: String,
        /// The folder that was searched.
        root: PathBuf,
        /// Whether it can be fetched.
        fetchable: bool,
    },
    /// A file breaks the rules of its format.
    #[error("{}{}: {problem}", shown(path), place(*byte))]
    Malformed {
        /// The file or folder.
        path: PathBuf,
        /// How it should be written.
        format: Format,
        /// Offset in the (unpacked) file, where one is known.
        byte: Option<u64>,
        /// The problem, and the way out where there is one.
        problem: String,
    },
    /// Two files that are each sound do not belong together.
    #[error("{} and {}: {problem}", shown(first), shown(second))]
    Disagree {
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// How they differ, and the way out.
        problem: String,
    },
    /// The reader of arrays refused.
    #[error("{error}")]
    Arrays {
        /// The reason.
        error: WeightsError,
    },
    /// The system has no memory for what the files do hold.
    #[error(
        "{}: needs {bytes} bytes of memory, which the system refuses; free memory or take a part of \
         the set",
        shown(path)
    )]
    Memory {
        /// The file or folder.
        path: PathBuf,
        /// Bytes asked for.
        bytes: u64,
    },
    /// The operating system refused to write.
    #[error("{}: cannot be written: {cause}", shown(path))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A set that no mirror is known of.
    #[error(
        "{}: cannot be fetched; mnist, fashion-mnist and cifar10 can",
        escape(name)
    )]
    NotFetchable {
        /// The name that was asked for.
        name: String,
    },
    /// A file that is not the one to be fetched lies where that belongs.
    #[error(
        "{}: is there already and is not what is to be fetched; move it away",
        shown(path)
    )]
    InTheWay {
        /// The file or folder.
        path: PathBuf,
    },
    /// A server does not give a file.
    #[error("{}: {problem}", escape_within(url, 300))]
    Download {
        /// The file's address.
        url: String,
        /// The problem, and the way out where there is one.
        problem: String,
    },
    /// A server gave something else than the file.
    #[error(
        "{}: is not the file that is meant (SHA-256 {found} instead of {expected}); it was deleted, try \
         another mirror",
        escape_within(url, 300)
    )]
    Checksum {
        /// The file's address.
        url: String,
        /// The sum it should have.
        expected: String,
        /// The sum it has.
        found: String,
    },
    /// The download was ended on request.
    #[error(
        "{}: the download was ended; run again to go on where it stopped",
        shown(path)
    )]
    Interrupted {
        /// The bytes that arrived.
        path: PathBuf,
    },
}

impl DataError {
    pub(super) fn malformed(path: &Path, format: Format, problem: impl Into<String>) -> DataError {
        DataError::Malformed {
            path: path.to_path_buf(),
            format,
            byte: None,
            problem: problem.into(),
        }
    }

    pub(super) fn at(self, offset: u64) -> DataError {
        match self {
            DataError::Malformed {
                path,
                format,
                problem,
                ..
            } => DataError::Malformed {
                path,
                format,
                byte: Some(offset),
                problem,
            },
            other => other,
        }
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> DataError {
        move |cause| DataError::Io {
            path: path.to_path_buf(),
            cause,
        }
    }
}

/// A path made safe to show.
pub(super) fn shown(path: &Path) -> String {
    escape_within(&path.to_string_lossy(), 1000)
}

fn place(byte: Option<u64>) -> String {
    byte.map_or(String::new(), |byte| format!(", byte {byte}"))
}

fn offer(fetchable: bool) -> &'static str {
    if fetchable {
        ", spectra data fetch brings it"
    } else {
        ""
    }
}
