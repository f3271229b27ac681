//! Errors between a path and a tensor.

use std::io;
use std::path::{Path, PathBuf};

use super::escape::{escape, escape_path};
use super::format::Format;

/// Why a file, or one tensor of it, cannot be read.
///
/// Each is one sentence: the file, the tensor and the byte where they apply, and the way out
/// where there is one. Names and paths in the sentence are escaped.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The operating system refused.
    #[error("{}: cannot be read: {source}", escape_path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Not a regular file: a pipe, a device, a socket, a folder where a file was needed.
    #[error(
        "{}: is {what}; give a weight file or a folder of weight files",
        escape_path(path)
    )]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// The kind of the path.
        what: &'static str,
    },
    /// A folder without a single weight file.
    #[error(
        "{}: neither the folder nor those inside it hold a weight file (.npy, .npz, .safetensors or PyTorch, \
         recognised by content)",
        escape_path(path)
    )]
    NoWeights {
        /// The folder.
        path: PathBuf,
    },
    /// The content is none of the formats read here.
    #[error("{}: is {found}; {advice}", escape_path(path))]
    NotRecognised {
        /// The file.
        path: PathBuf,
        /// The content.
        found: String,
        /// The way out.
        advice: String,
    },
    /// The content breaks the rules of its format.
    #[error("{}{}: {problem}", escape_path(path), place(.tensor.as_deref(), *.byte))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The format.
        format: Format,
        /// The tensor, where one is concerned.
        tensor: Option<String>,
        /// Offset in the file (inside a zip: in the member), where one is known.
        byte: Option<u64>,
        /// The problem, and the way out where there is one.
        problem: String,
    },
    /// The content is sound, but is not read by this version.
    #[error("{}{}: {problem}", escape_path(path), place(.tensor.as_deref(), None))]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The format.
        format: Format,
        /// The tensor, where one is concerned.
        tensor: Option<String>,
        /// The problem, and the way out.
        problem: String,
    },
    /// The system has no memory for a tensor that the file does hold.
    #[error(
        "{}{}: needs {bytes} bytes of memory, which the system refuses; free memory or leave the \
         tensor out",
        escape_path(path),
        place(.tensor.as_deref(), None)
    )]
    Memory {
        /// The file.
        path: PathBuf,
        /// The tensor, where one is concerned.
        tensor: Option<String>,
        /// Bytes asked for.
        bytes: u64,
    },
}

impl WeightsError {
    /// Returns the file or folder that the sentence is about.
    pub fn path(&self) -> &Path {
        match self {
            WeightsError::Io { path, .. }
            | WeightsError::NotAFile { path, .. }
            | WeightsError::NoWeights { path }
            | WeightsError::NotRecognised { path, .. }
            | WeightsError::Malformed { path, .. }
            | WeightsError::Unsupported { path, .. }
            | WeightsError::Memory { path, .. } => path,
        }
    }

    /// Returns the sentence without the path that it begins with.
    pub fn without_path(&self) -> String {
        let text = self.to_string();
        let rest = text
            .strip_prefix(&escape_path(self.path()))
            .unwrap_or(&text);
        rest.trim_start_matches([':', ',', ' ']).to_owned()
    }
}

fn place(tensor: Option<&str>, byte: Option<u64>) -> String {
    let tensor = tensor.map_or(String::new(), |name| format!(", tensor '{}'", escape(name)));
    let byte = byte.map_or(String::new(), |byte| format!(", byte {byte}"));
    tensor + &byte
}

/// A failure inside a parser, which does not know the path.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) tensor: Option<String>,
    pub(super) byte: Option<u64>,
    pub(super) cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    Malformed(String),
    Unsupported(String),
    Io(io::Error),
    Memory(u64),
}

impl Fault {
    pub(super) fn malformed(problem: impl Into<String>) -> Self {
        Cause::Malformed(problem.into()).into()
    }

    pub(super) fn unsupported(problem: impl Into<String>) -> Self {
        Cause::Unsupported(problem.into()).into()
    }

    pub(super) fn memory(bytes: u64) -> Self {
        Cause::Memory(bytes).into()
    }

    pub(super) fn tensor(mut self, name: impl Into<String>) -> Self {
        self.tensor.get_or_insert(name.into());
        self
    }

    pub(super) fn at(mut self, byte: u64) -> Self {
        self.byte.get_or_insert(byte);
        self
    }

    /// Returns what is wrong with one tensor, in words.
    ///
    /// # Errors
    ///
    /// This fault, where it is not one of the tensor alone.
    pub(super) fn reason(self) -> Result<String, Fault> {
        match self.cause {
            Cause::Malformed(reason) | Cause::Unsupported(reason) => Ok(reason),
            cause => Err(Fault { cause, ..self }),
        }
    }

    pub(super) fn with_path(self, path: &Path, format: Format) -> WeightsError {
        let path = path.to_path_buf();
        let tensor = self.tensor;
        match self.cause {
            Cause::Malformed(problem) => WeightsError::Malformed {
                path,
                format,
                tensor,
                byte: self.byte,
                problem,
            },
            Cause::Unsupported(problem) => WeightsError::Unsupported {
                path,
                format,
                tensor,
                problem,
            },
            Cause::Io(source) => WeightsError::Io { path, source },
            Cause::Memory(bytes) => WeightsError::Memory {
                path,
                tensor,
                bytes,
            },
        }
    }
}

impl From<Cause> for Fault {
    fn from(cause: Cause) -> Self {
        Fault {
            tensor: None,
            byte: None,
            cause,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Fault::malformed("the data end before the tensor does; the file is cut short")
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Fault::malformed(format!("the data are damaged: {error}"))
            }
            io::ErrorKind::OutOfMemory => Fault::memory(0),
            _ => Cause::Io(error).into(),
        }
    }
}
