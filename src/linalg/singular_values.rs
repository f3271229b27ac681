//! All singular values of a dense matrix.

use faer::traits::RealField;
use faer::{Mat, MatRef, Par};

/// The iteration did not converge; the matrix holds a NaN or an infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the singular values did not converge")]
pub struct NotConverged;

/// The min(m, n) singular values of the m × n matrix `a`, in descending order.
///
/// # Errors
///
/// [`NotConverged`] when an entry is not finite.
pub fn singular_values<T: RealField>(a: MatRef<'_, T>, par: Par) -> Result<Vec<T>, NotConverged> {
    let _ = par;
    let copy: Mat<T> = a.to_owned();
    copy.singular_values().map_err(|_| NotConverged)
}
