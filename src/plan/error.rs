//! Errors of plans.

use crate::weights::{WeightsError, escape, escape_within};
use std::path::Path;

/// Why there is no plan, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file beside the weights is not what it should be.
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
    /// A request that does not fit the model.
    #[error("{0}")]
    Layers(String),
    /// A budget below the least that the layers can cost.
    #[error(
        "a budget of {} % is {limit} {unit}, but the least that the layers can cost is {least} {unit}, {} % of {dense}",
        percent(*.share),
        percent(rounded_up(*.least, *.dense))
    )]
    Budget {
        /// The budget, as a share.
        share: f64,
        /// The same as a cost.
        limit: u64,
        /// The least possible.
        least: u64,
        /// The cost of all layers as they are.
        dense: u64,
        /// The unit of costs: `parameters`.
        unit: &'static str,
    },
}

impl PlanError {
    /// Returns the error of a file.
    pub(super) fn file(path: &Path, problem: impl Into<String>) -> PlanError {
        PlanError::File {
            file: escape_within(&path.to_string_lossy(), 1000),
            problem: problem.into(),
        }
    }

    /// Returns the error of a layer in a file.
    pub(super) fn layer(path: &Path, name: &str, problem: impl std::fmt::Display) -> PlanError {
        PlanError::file(path, format!("{}: {problem}", escape(name)))
    }
}

/// Writes a share in per cent, with the digits it has up to four behind the point.
fn percent(share: f64) -> String {
    let text = format!("{:.4}", 100.0 * share);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns a share that, given as a budget with two digits behind the point, suffices.
fn rounded_up(least: u64, dense: u64) -> f64 {
    (1e4 * least as f64 / dense.max(1) as f64).ceil() / 1e4
}
