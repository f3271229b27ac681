//! All singular values of a dense matrix.

use faer::{MatRef, Par};

use super::band::to_band;
use super::chase::chase;
use super::direct::bidiagonalize;
use super::load::{largest_entry, scaled_copy};
use super::real::Real;
use super::scale::Scale;
use super::triangular::triangular_factor;

/// Width of the band between the two stages.
const BANDWIDTH: usize = 16;

/// Order up to which one stage is faster than two.
const SMALL: usize = 96;

/// Entries from which several threads are faster than one.
const PARALLEL: usize = 512 * 512;

/// Rows over columns from which a QR factorisation first saves work: 4 m n² − 4/3 n³ operations
/// against 2 m n² + 2 n³ meet at 5/3.
const TALL: f64 = 1.6;

/// The matrix holds a NaN or an infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the matrix has an entry that is not finite, and so no singular values")]
pub struct NotConverged;

/// The min(m, n) singular values of the m × n matrix `a`, in descending order.
///
/// The matrix is scaled by a power of two, transposed if it is wide, taken to triangular form if it
/// is tall, then to a band of width 16 by products of matrices, to bidiagonal form by chasing
/// bulges, and the values of that are found by counting. Every step but the last is orthogonal; the
/// last has a high relative accuracy; so the error of each value is at most [`error_bound`]. Cost:
/// 8/3 n³ operations for a square matrix, with 1.1 times its memory. The result is the same to the
/// last bit whatever `par`.
///
/// Any strides will do. An empty matrix has no values.
///
/// # Errors
///
/// [`NotConverged`] when an entry is not finite.
///
/// ```
/// use faer::{Par, mat};
/// let values = spectra::linalg::singular_values(mat![[3.0, 0.0], [4.0, 5.0]].as_ref(), Par::Seq)?;
/// assert!((values[0] - 45f64.sqrt()).abs() < 1e-14 && (values[1] - 5f64.sqrt()).abs() < 1e-14);
/// # Ok::<(), spectra::linalg::NotConverged>(())
/// ```
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
    let largest = largest_entry(a).ok_or(NotConverged)?;
    if largest == T::ZERO {
        return Ok(vec![T::ZERO; a.ncols()]);
    }
    let scale = Scale::to_unit(largest);
    let par = if a.nrows() * a.ncols() < PARALLEL {
        Par::Seq
    } else {
        par
    };
    let (diagonal, superdiagonal) = bidiagonal_form(a, scale, par);
    let mut values = T::bidiagonal_values(&diagonal, &superdiagonal, par);
    for x in &mut values {
        *x = scale.undo(*x);
    }
    Ok(values)
}

/// Diagonal and superdiagonal of a bidiagonal matrix with the singular values of `a`, m × n with
/// m ≥ n, times the scale.
fn bidiagonal_form<T: Real>(a: MatRef<'_, T>, scale: Scale<T>, par: Par) -> (Vec<T>, Vec<T>) {
    let (m, n) = a.shape();
    let mut square = if m as f64 > TALL * n as f64 && n > 1 {
        triangular_factor(a, scale, par)
    } else {
        scaled_copy(a, scale)
    };
    if n <= SMALL {
        return bidiagonalize(square.as_ref());
    }
    let mut band = to_band::<T, BANDWIDTH>(square.as_mut(), par);
    chase(&mut band, par);
    (band.diagonal(), band.superdiagonal())
}

/// Which way [`singular_values`] takes for an m × n matrix: `one-stage` or `two-stage`.
#[must_use]
pub fn method(rows: usize, columns: usize) -> &'static str {
    match rows.min(columns) {
        ..=SMALL => "one-stage",
        _ => "two-stage",
    }
}

/// How far a computed singular value of an m × n matrix may be from the exact one.
///
/// `(16 + max(m, n)) · epsilon · largest`, with `largest` the largest singular value and `epsilon`
/// that of the type the computation ran in. Orthogonal transformations keep every value up to a
/// backward error of norm `c ε s₁` (Golub & Van Loan, section 5.5; Weyl's inequality). The proved
/// `c` grows like m n; this is what holds when rounding errors are at their most alike: a matrix of
/// equal entries reaches half of it, as it does with LAPACK, and random matrices stay under √max(m,
/// n).
#[must_use]
pub fn error_bound(rows: usize, columns: usize, largest: f64, epsilon: f64) -> f64 {
    (16.0 + rows.max(columns) as f64) * epsilon * largest
}
