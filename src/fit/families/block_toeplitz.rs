//! Block-Toeplitz matrices: square blocks, each constant along its diagonals.

use super::Member;
use super::grid::{Grid, Tie, members as grid_members};
use faer::{Mat, MatRef};

/// Returns for each budget the nearest member, of all orders: blocks of order b have about 2 m n / b parameters. One
/// block is the plain Toeplitz matrix with m + n - 1.
///
/// The best value of a parameter is the mean over its diagonal. O(m n log n) for all orders.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    grid_members(w, budgets, Tie::Toeplitz)
}

/// The nearest matrix to `w` in Toeplitz blocks of order `size`, those at the edges cut short.
///
/// # Panics
///
/// When `size` is 0.
pub fn approximation(w: MatRef<'_, f64>, size: usize) -> Mat<f64> {
    let (rows, columns) = w.shape();
    assert!(size > 0, "Toeplitz blocks of {rows} × {columns}: order 0");
    let tie = Tie::Toeplitz;
    Grid {
        rows,
        columns,
        size,
        tie,
    }
    .approximation(w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::families::check;

    /// Against least squares on the indicator matrices of diagonals, ragged edges included.
    #[test]
    fn agrees_with_dense_least_squares() {
        for (m, n, size) in [(6, 9, 3), (5, 7, 3), (4, 6, 6), (6, 4, 6)] {
            let w = check::sample(m, n);
            let class = |i: usize, j: usize| {
                let diagonal = 50 + j % size - i % size;
                ((i / size) * 10 + j / size) * 100 + diagonal
            };
            let basis = check::indicators(m, n, class);
            check::linear(&w, &basis, &approximation(w.as_ref(), size));
            let members = members(w.as_ref(), &[m * n]);
            if let Some(member) = members.iter().find(|x| x.parameters == basis.len()) {
                check::residual(&w, &approximation(w.as_ref(), size), member);
            }
        }
    }

    /// One block is the plain Toeplitz matrix, m + n - 1 parameters.
    #[test]
    fn finds_a_planted_member() {
        let w = Mat::from_fn(7, 12, |i, j| ((5 * j + 100 - 5 * i) as f64).sin());
        check::recovered(&members(w.as_ref(), &[20]), 20, 18, 18);
    }
}
