//! What every iterative solver is given and gives.

use super::chain::Point;
use serde::Serialize;

/// When to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Most iterations or sweeps.
    pub iterations: usize,
    /// Relative decrease of the residual below which an iteration gained nothing.
    pub tolerance: f64,
}

/// Is told iteration and relative residual; `false` ends the search.
pub(super) type Observer<'a> = dyn FnMut(usize, f64) -> bool + 'a;

/// Where a search ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub point: Point,
    pub iterations: usize,
    pub stopped: Stopped,
}

/// Why a fit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopped {
    /// A linear problem, solved outright.
    Solved,
    /// The residual is rounding error.
    Exact,
    /// Iterations no longer gain.
    Converged,
    /// No step of any length gains.
    Stationary,
    /// The most iterations allowed.
    Iterations,
    /// Asked to end.
    Interrupted,
}
