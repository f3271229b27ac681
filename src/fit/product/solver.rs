//! What every iterative solver is given and gives.

use super::chain::Point;
use serde::Serialize;

/// When to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Most iterations or sweeps.
    pub iterations: usize,
    /// Gain below which an iteration gained nothing, see [`is_idle`](Limits::is_idle).
    pub tolerance: f64,
}

impl Limits {
    /// Whether an iteration between two relative residuals gained less than the tolerance of what is
    /// explained, 1 - r², or of what is left, r², whichever is less: near 1 the residual itself hardly
    /// moves, however much is won.
    pub fn is_idle(&self, before: f64, after: f64) -> bool {
        let [before, after] = [before, after].map(|r| r * r);
        before - after < self.tolerance * before.min(1.0 - after)
    }
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
