//! A request for an export.

use std::path::PathBuf;

/// The form of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The model's own files with the fits multiplied out.
    Dense,
    /// The numbers that each layer consists of.
    Factors,
    /// Low-rank adapters on a base in which the layers are zero.
    Adapters,
}

impl Target {
    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Target::Dense => "dense",
            Target::Factors => "factors",
            Target::Adapters => "peft",
        }
    }
}

/// A model to be written in the sizes of a plan.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// The model: a file, an index, or a folder.
    pub model: PathBuf,
    /// The plan.
    pub plan: PathBuf,
    /// Which budget of the plan; `None` where it has one.
    pub budget: Option<f64>,
    /// Where the moments lie now; `None` where the plan says.
    pub moments: Option<PathBuf>,
    /// The folder to be made.
    pub folder: PathBuf,
    /// The form.
    pub target: Target,
}
