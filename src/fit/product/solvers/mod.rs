//! How every iterative solver is run and where it ends.

mod alternating;
mod levenberg;
mod start;

use super::chain::{Chain, Point};
pub(super) use alternating::alternating;
pub(super) use levenberg::{FIRST_DAMPING, levenberg};
use serde::Serialize;
pub(super) use start::{Start, start};

/// When to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Most iterations or sweeps.
    pub iterations: usize,
    /// Gain below which an iteration gained nothing, see [`is_idle`](Limits::is_idle).
    pub tolerance: f64,
    /// Iterations in a row that gain nothing and end a search.
    pub idle: usize,
    /// Relative residual that ends a search, beside that of rounding.
    pub residual: f64,
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

/// Advances from `point`, each step extrapolated and its factors balanced, until nothing is left, nothing is gained, the
/// limits or the observer end it, or `advance`, which is told how many steps before it were idle, has no
/// better point.
pub(super) fn iterate(
    chain: &Chain<'_>,
    point: Point,
    limits: &Limits,
    observe: &mut Observer<'_>,
    mut advance: impl FnMut(&Point, usize) -> Option<Point> + Send,
) -> Outcome {
    let mut point = chain.balanced(point);
    let (mut idle, mut iterations) = (0, 0);
    let stopped = loop {
        if point.relative <= chain.rounding().max(limits.residual) {
            break Stopped::Exact;
        }
        if idle >= limits.idle {
            break Stopped::Converged;
        }
        if iterations >= limits.iterations {
            break Stopped::Iterations;
        }
        if !observe(iterations, point.relative) {
            break Stopped::Interrupted;
        }
        iterations += 1;
        // On a thread of the pool, so that the parts of a step need not each be handed over to it.
        let Some(next) = rayon::scope(|_| advance(&point, idle)) else {
            break Stopped::Stationary;
        };
        let before = point.relative;
        point = chain.balanced(chain.extrapolated(&point, next));
        idle = if limits.is_idle(before, point.relative) {
            idle + 1
        } else {
            0
        };
    };
    Outcome {
        point,
        iterations,
        stopped,
    }
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
