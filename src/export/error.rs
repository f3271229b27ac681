//! Errors of writing a model.

use crate::plan::PlanError;
use crate::weights::{WeightsError, escape, escape_within, plain_reason};
use std::path::Path;

/// Why nothing was written, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file or folder is not what it should be.
    #[error("{file}: {problem}")]
    File {
        /// The file, escaped.
        file: String,
        /// The problem, and the way out.
        problem: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// Moments are not what they should be.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The work was ended before its end.
    #[error("interrupted: nothing was written")]
    Interrupted,
}

impl ExportError {
    /// Returns the error of a file.
    pub(super) fn file(path: &Path, problem: impl Into<String>) -> ExportError {
        ExportError::File {
            file: escape_within(&path.to_string_lossy(), 1000),
            problem: problem.into(),
        }
    }

    /// Returns the error of a tensor in a file.
    pub(super) fn tensor(path: &Path, name: &str, problem: impl Into<String>) -> ExportError {
        let problem = problem.into();
        ExportError::file(path, format!("tensor '{}': {problem}", escape(name)))
    }

    /// Returns the error of a file that cannot be written.
    pub(super) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> ExportError {
        move |error| ExportError::file(path, format!("cannot be written: {}", plain_reason(&error)))
    }
}
