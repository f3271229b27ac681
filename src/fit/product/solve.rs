//! Which solver searches, and when the next one takes over.

use super::Solver;
use super::alternating::alternating;
use super::chain::{Chain, Point};
use super::levenberg::{FIRST_DAMPING, levenberg};
use super::linear::Method;
use super::moves::LONGER;
use super::plan::ProductPlan;
use super::progress::Counter;
use super::solver::{Limits, Outcome, Stopped};
use serde::Serialize;

/// Most alternating sweeps before Levenberg-Marquardt: they gain more at first, it gains more later …
const WARM_SWEEPS: usize = 10;
/// … and near an exact fit, where it converges quadratically.
const WARM_RESIDUAL: f64 = 0.1;
/// Iterations in a row that gain nothing and end a search.
const IDLE: usize = 3;

/// Numbers that searches go by and no option changes.
#[derive(Debug, Clone, Serialize)]
pub struct SolverConstants {
    /// Most alternating sweeps before Levenberg-Marquardt.
    pub warm_sweeps: usize,
    /// Relative residual from which Levenberg-Marquardt takes over.
    pub warm_residual: f64,
    /// Iterations in a row that gain nothing and end a search.
    pub idle: usize,
    /// How much farther than the last one the next point of an extrapolation is.
    pub extrapolation: f64,
    /// First damping, in units of the columns' norms.
    pub first_damping: f64,
}

impl Default for SolverConstants {
    fn default() -> Self {
        SolverConstants {
            warm_sweeps: WARM_SWEEPS,
            warm_residual: WARM_RESIDUAL,
            idle: IDLE,
            extrapolation: LONGER,
            first_damping: FIRST_DAMPING,
        }
    }
}

impl ProductPlan {
    /// Searches from `begin` by the solver that the settings name.
    pub(super) fn iterated(
        &self,
        chain: &Chain<'_>,
        begin: Point,
        counter: &mut Counter<'_>,
    ) -> (Outcome, Method) {
        let limits = |iterations| Limits {
            iterations,
            tolerance: self.settings.tolerance,
            idle: IDLE,
            residual: 0.0,
        };
        let most = self.settings.iterations;
        let solver = match self.settings.solver {
            Solver::Auto if !chain.is_linear() => Solver::Levenberg,
            Solver::Auto if !self.holds(chain) => Solver::Alternating,
            chosen => chosen,
        };
        let mut sweeps = 0;
        let mut begin = begin;
        if solver != Solver::Levenberg {
            let limits = match solver {
                Solver::Auto => Limits {
                    idle: 1,
                    residual: WARM_RESIDUAL,
                    ..limits(WARM_SWEEPS.min(most))
                },
                _ => limits(most),
            };
            let mut observe = |iteration, residual| counter.tell(iteration, residual);
            let found = alternating(chain, begin, &limits, &mut observe);
            if solver == Solver::Alternating || found.stopped == Stopped::Interrupted {
                return (found, Method::Alternating);
            }
            (begin, sweeps) = (found.point, found.iterations);
        }
        let mut observe = |iteration, residual| counter.tell(sweeps + iteration, residual);
        let mut outcome = levenberg(chain, begin, &limits(most - sweeps), &mut observe);
        outcome.iterations += sweeps;
        (outcome, Method::Levenberg)
    }

    /// Whether all derivatives fit in memory.
    pub(super) fn holds(&self, chain: &Chain<'_>) -> bool {
        chain.jacobian_size() <= self.memory()
    }
}
