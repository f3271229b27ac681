//! Numbers that searches go by and no option changes.

use super::chain::LONGER;
use super::solvers::FIRST_DAMPING;
use serde::Serialize;

/// Most alternating sweeps before Levenberg-Marquardt: they gain more at first, it gains more later …
pub(super) const WARM_SWEEPS: usize = 10;
/// … and near an exact fit, where it converges quadratically.
pub(super) const WARM_RESIDUAL: f64 = 0.1;
/// Iterations in a row that gain nothing and end a search.
pub(super) const IDLE: usize = 3;

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
