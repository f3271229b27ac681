//! One row of a run: a matrix and what was found, or the reason why there is no finding.

use super::Entry;
use crate::weights::{Chosen, Gap, Status};
use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// What a row says of a matrix; in JSON its fields stand in the row itself.
pub trait Finding: Default + Serialize {
    /// Key of the rows in the JSON document.
    const ROWS: &'static str;

    /// Returns whether rows leave storage type, view and notes out of the JSON.
    fn is_brief<T: ?Sized>(_: &T) -> bool {
        false
    }
}

/// One tensor or one matrix of a stack. It reads as its finding, whose fields stand beside its own as they do in JSON.
#[derive(Debug, Clone, Serialize)]
#[serde(bound = "F: Finding")]
pub struct Row<F> {
    /// The tensor's name, control characters escaped, shortened; of a stack with the place in it, as in `experts[3]`.
    pub name: String,
    /// The file, as given.
    pub file: String,
    /// What became of it.
    pub status: Status,
    /// Why it was skipped or failed.
    pub reason: Option<String>,
    /// Storage type: `F32`, `BF16`, …
    #[serde(skip_serializing_if = "F::is_brief")]
    pub dtype: String,
    /// The stored shape.
    pub shape: Vec<usize>,
    /// How the tensor was read as a matrix, for example `out x (in*h*w)`.
    #[serde(skip_serializing_if = "F::is_brief")]
    pub view: Option<String>,
    /// Remarks: integers analysed as numbers, an alias of another tensor.
    #[serde(skip_serializing_if = "F::is_brief")]
    pub notes: Vec<String>,
    /// What was found.
    #[serde(flatten)]
    pub finding: F,
}

impl<F: Default> Row<F> {
    /// Returns the row of a tensor, with what was found or the reason why nothing was.
    pub fn new(tensor: &Chosen<'_>, found: Result<F, Gap>) -> Row<F> {
        let info = tensor.info();
        let (status, reason, finding) = match found {
            Ok(finding) => (Status::Analyzed, None, finding),
            Err(Gap { status, reason }) => (status, Some(reason), F::default()),
        };
        Row {
            name: tensor.name(),
            file: tensor.file(),
            status,
            reason,
            dtype: info.dtype.to_string(),
            shape: info.shape.clone(),
            view: tensor.view().map(|view| view.rule.clone()),
            notes: info.notes.clone(),
            finding,
        }
    }
}

impl<F> Deref for Row<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.finding
    }
}

impl<F> DerefMut for Row<F> {
    fn deref_mut(&mut self) -> &mut F {
        &mut self.finding
    }
}

impl<F: Finding> Entry for Row<F> {
    const KEY: &'static str = F::ROWS;

    fn status(&self) -> Status {
        self.status
    }

    fn failure(&self) -> (&str, &str, Option<&str>) {
        (&self.file, &self.name, self.reason.as_deref())
    }
}
