//! All singular values of a dense matrix.

use faer::{Mat, MatRef, Par};

use super::band::to_band;
use super::chase::chase;
use super::real::Real;
use super::scale::Scale;
use super::triangular::triangular_factor;

/// Width of the band between the two stages.
const BANDWIDTH: usize = 16;

/// The iteration did not converge; the matrix holds a NaN or an infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the singular values did not converge")]
pub struct NotConverged;

/// The min(m, n) singular values of the m × n matrix `a`, in descending order.
///
/// # Errors
///
/// [`NotConverged`] when an entry is not finite.
pub fn singular_values<T: Real>(a: MatRef<'_, T>, par: Par) -> Result<Vec<T>, NotConverged> {
    let a = if a.nrows() < a.ncols() {
        a.transpose()
    } else {
        a
    };
    // a square matrix is taken the way its columns are contiguous
    let a = if a.nrows() == a.ncols() && a.row_stride() != 1 {
        a.transpose()
    } else {
        a
    };
    let largest = largest_entry(a)?;
    if largest == T::ZERO {
        return Ok(vec![T::ZERO; a.ncols()]);
    }
    let scale = Scale::to_unit(largest);
    let mut work = scaled_copy(a, scale);
    if work.nrows() as f64 > 1.6 * work.ncols() as f64 {
        work = triangular_factor(work.as_mut(), par);
    }
    let mut band = to_band::<T, BANDWIDTH>(work.as_mut(), par);
    chase(&mut band, par);
    let mut values = T::bidiagonal_values(&band.diagonal(), &band.superdiagonal(), par);
    for x in &mut values {
        *x = scale.undo(*x);
    }
    Ok(values)
}

/// How far a computed singular value of an m × n matrix may be from the exact one.
///
/// `(16 + 2 √max(m, n)) · epsilon · largest`, with `largest` the largest singular value and `epsilon` that of the
/// type the computation ran in. Orthogonal transformations keep every value up to a backward error of
/// norm `c ε s₁` (Golub & Van Loan, section 5.5; Weyl's inequality). The proved `c` grows like m n; rounding errors
/// of independent signs add up like a random walk, and this is the bound for that: the largest errors seen are a
/// third of it.
#[must_use]
pub fn error_bound(rows: usize, columns: usize, largest: f64, epsilon: f64) -> f64 {
    (16.0 + 2.0 * (rows.max(columns) as f64).sqrt()) * epsilon * largest
}

/// The largest absolute value of the entries.
fn largest_entry<T: Real>(a: MatRef<'_, T>) -> Result<T, NotConverged> {
    let mut largest = T::ZERO;
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            let x = a[(i, j)].abs();
            if !x.is_finite() {
                return Err(NotConverged);
            }
            largest = largest.max(x);
        }
    }
    Ok(largest)
}

/// `a` times the scale, columns contiguous.
fn scaled_copy<T: Real>(a: MatRef<'_, T>, scale: Scale<T>) -> Mat<T> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| scale.apply(a[(i, j)]))
}
