//! Block-circulant matrices: square blocks, each circulant (Ding et al. 2017, "CirCNN").

use super::Member;
use super::grid::{Grid, Tie, members as grid_members};
use faer::{Mat, MatRef};

/// Returns for each budget the nearest member, of all orders: blocks of order b have about m n / b parameters. One block
/// of order max(m, n), cut to m × n, is the plain circulant.
///
/// The best value of a parameter is the mean over its wrapped diagonal. O(m n log n) for all orders.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    grid_members(w, budgets, Tie::Circulant)
}

/// The nearest matrix to `w` in circulant blocks of order `size`, those at the edges cut short.
///
/// # Panics
///
/// When `size` is 0.
pub fn approximation(w: MatRef<'_, f64>, size: usize) -> Mat<f64> {
    let (rows, columns) = w.shape();
    assert!(size > 0, "circulant blocks of {rows} × {columns}: order 0");
    let tie = Tie::Circulant;
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

    /// Against least squares on the indicator matrices of wrapped diagonals, ragged edges included.
    #[test]
    fn agrees_with_dense_least_squares() {
        for (m, n, size) in [(6, 9, 3), (5, 7, 3), (4, 6, 6), (6, 4, 6), (3, 5, 1)] {
            let w = check::sample(m, n);
            let blocks = n.div_ceil(size);
            let class = |i: usize, j: usize| {
                let wrapped = (j % size + size - i % size) % size;
                ((i / size) * blocks + j / size) * size + wrapped
            };
            let basis = check::indicators(m, n, class);
            check::linear(&w, &basis, &approximation(w.as_ref(), size));
            let members = members(w.as_ref(), &[m * n]);
            if let Some(member) = members.iter().find(|x| x.parameters == basis.len()) {
                check::residual(&w, &approximation(w.as_ref(), size), member);
            }
        }
    }

    /// A planted member is found by its own size although the budget would allow another.
    #[test]
    fn finds_a_planted_member() {
        let w = approximation(check::sample(20, 30).as_ref(), 10);
        check::recovered(&members(w.as_ref(), &[100]), 100, 60, 60);
    }

    /// Catches a plain circulant that is not the one block.
    #[test]
    fn one_block_is_the_plain_circulant() {
        let w = Mat::from_fn(3, 5, |i, j| ((j + 5 - i) % 5) as f64);
        check::recovered(&members(w.as_ref(), &[5]), 5, 5, 5);
    }
}
