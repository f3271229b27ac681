//! A matrix cut into square blocks, the last row and column of blocks cut short.

use super::candidate::{Candidate, chosen};
use super::diagonals::Diagonals;
use super::tied::Means;
use super::{Member, entries};
use crate::linalg::algebra::sum_of_squares;
use faer::{Mat, MatRef};

/// Which entries of a block share a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::family) enum Tie {
    /// Equal (column - row) modulo the size.
    Circulant,
    /// Equal column - row.
    Toeplitz,
}

/// Blocks of `size` × `size` over an m × n matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::family) struct Grid {
    pub rows: usize,
    pub columns: usize,
    pub size: usize,
    pub tie: Tie,
}

impl Grid {
    /// Diagonals of all blocks.
    pub fn parameters(self) -> usize {
        let cut = |length: usize| [(length / self.size, self.size), (1, length % self.size)];
        let mut total = 0;
        for (rows, height) in cut(self.rows) {
            for (columns, width) in cut(self.columns) {
                if height > 0 && width > 0 {
                    total += rows * columns * self.diagonals(height, width);
                }
            }
        }
        total
    }

    fn diagonals(self, height: usize, width: usize) -> usize {
        match self.tie {
            Tie::Toeplitz => height + width - 1,
            Tie::Circulant => (height + width - 1).min(self.size),
        }
    }

    /// The nearest matrix to `w`: means along the diagonals of each block.
    pub fn approximation(self, w: MatRef<'_, f64>) -> Mat<f64> {
        let classes = Classes::of(self);
        let means = Means::of(&entries(w), self.columns, classes.count, |i| classes.row(i));
        let value = |i, j| means.value[classes.row(i)(j)];
        Mat::from_fn(self.rows, self.columns, value)
    }

    fn member(self, entries: &[f64], energy: f64) -> Member {
        let classes = Classes::of(self);
        let means = Means::of(entries, self.columns, classes.count, |i| classes.row(i));
        let residual = means.residual_energy(entries, self.columns, |i| classes.row(i));
        Member::new(means.used, means.used, residual, energy, self.detail())
            .spread(1.0 / means.fewest as f64)
    }

    fn detail(self) -> String {
        let cut = |length: usize| length.div_ceil(self.size);
        let (down, across) = (cut(self.rows), cut(self.columns));
        let name = match self.tie {
            Tie::Circulant => "circulant",
            Tie::Toeplitz => "Toeplitz",
        };
        match down * across {
            1 => format!("one {name} block of order {}", self.size),
            _ => format!("{down} x {across} {name} blocks of order {}", self.size),
        }
    }
}

/// Numbers of the parameters of a grid, with gaps at its edges.
struct Classes {
    grid: Grid,
    count: usize,
    /// Numbers in a row of blocks.
    band: usize,
    /// For each column the first number of its block, and its place in it.
    columns: Vec<(usize, usize)>,
}

impl Classes {
    fn of(grid: Grid) -> Classes {
        let Grid { size, tie, .. } = grid;
        let block = match tie {
            Tie::Circulant => size,
            Tie::Toeplitz => 2 * size - 1,
        };
        let band = grid.columns.div_ceil(size) * block;
        Classes {
            grid,
            count: grid.rows.div_ceil(size) * band,
            band,
            columns: (0..grid.columns)
                .map(|j| (j / size * block, j % size))
                .collect(),
        }
    }

    /// The parameter of each entry of row `i`, by column.
    fn row(&self, i: usize) -> impl Fn(usize) -> usize + '_ {
        let Grid { size, tie, .. } = self.grid;
        let (start, row) = (i / size * self.band, i % size);
        move |j| {
            let (block, column) = self.columns[j];
            let diagonal = match tie {
                Tie::Circulant if column >= row => column - row,
                Tie::Circulant => column + size - row,
                Tie::Toeplitz => column + size - 1 - row,
            };
            start + block + diagonal
        }
    }
}

/// Returns for each budget the nearest member of every order.
///
/// The energy that an order explains is Σ (sum along a diagonal)² / length over the diagonals of its blocks, and every such
/// sum is a difference of two prefix sums along a diagonal of `w`. So an order costs its number of
/// diagonals, about 2 m n / order, and all of them O(m n log n). What an order leaves is known to the rounding of the prefix
/// sums then; the orders chosen are fitted again, entry by entry.
pub(in crate::family) fn members(w: MatRef<'_, f64>, budgets: &[usize], tie: Tie) -> Vec<Member> {
    let (rows, columns) = w.shape();
    let entries = entries(w);
    let energy = sum_of_squares(&entries);
    let most = budgets.iter().copied().max().unwrap_or(0);
    let diagonals = Diagonals::of(&entries, columns);
    let grids = (1..=rows.max(columns)).map(|size| Grid {
        rows,
        columns,
        size,
        tie,
    });
    let candidates: Vec<Candidate<Grid>> = grids
        .filter(|grid| grid.parameters() <= most)
        .map(|grid| Candidate {
            parameters: grid.parameters(),
            rest: energy - diagonals.explained(grid),
            member: grid,
        })
        .collect();
    let rounding = 16.0 * rows.max(columns) as f64 * f64::EPSILON * energy;
    let chosen = chosen(&candidates, budgets, rounding).into_iter();
    chosen.map(|grid| grid.member(&entries, energy)).collect()
}

/// Returns the nearest matrix to `w` in tied blocks of order `size`, those at the edges cut short.
///
/// # Panics
///
/// When `size` is 0.
pub(in crate::family) fn approximation(w: MatRef<'_, f64>, size: usize, tie: Tie) -> Mat<f64> {
    let (rows, columns) = w.shape();
    assert!(size > 0, "{tie:?} blocks of {rows} × {columns}: order 0");
    let grid = Grid {
        rows,
        columns,
        size,
        tie,
    };
    grid.approximation(w)
}

/// Returns about how many operations [`members`] takes: some for each diagonal of the blocks of all orders, and for each
/// entry at the orders chosen.
pub(in crate::family) fn operations(rows: usize, columns: usize, budgets: &[usize]) -> f64 {
    let (m, n) = (rows as f64, columns as f64);
    let orders = m.max(n);
    let diagonals = 2.0 * m * n * (1.0 + orders.ln()) + orders * (m + n);
    2.0 * diagonals + 8.0 * budgets.len() as f64 * m * n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::{best, check};

    /// What every order leaves by prefix sums is what its fit leaves entry by entry, and the nearest of each budget is
    /// among the members: catches a diagonal cut short, counted twice or wrapped into another, at orders that divide no side.
    #[test]
    fn prefix_sums_agree_with_the_fits() {
        for tie in [Tie::Circulant, Tie::Toeplitz] {
            for (rows, columns) in [(12, 18), (7, 11), (1, 6), (9, 2), (8, 8)] {
                let w = check::sample(rows, columns);
                let flat = entries(w.as_ref());
                let energy = sum_of_squares(&flat);
                let diagonals = Diagonals::of(&flat, columns);
                let fits: Vec<Member> = (1..=rows.max(columns))
                    .map(|size| {
                        let grid = Grid {
                            rows,
                            columns,
                            size,
                            tie,
                        };
                        let member = grid.member(&flat, energy);
                        assert_eq!(grid.parameters(), member.parameters);
                        let rest = energy - diagonals.explained(grid);
                        let expected = member.relative_residual.powi(2) * energy;
                        // Prefix sums of up to 12 entries, squared and summed over the diagonals.
                        let rounding = 16.0 * (rows * columns) as f64 * f64::EPSILON * energy;
                        assert!((rest - expected).abs() < rounding, "{rest} {expected}");
                        member
                    })
                    .collect();
                for budget in 1..=rows * columns {
                    let nearest = best(&fits, budget, 1e-15);
                    let found = members(w.as_ref(), &[budget], tie);
                    let found = best(&found, budget, 1e-15);
                    assert_eq!(
                        found.map(|x| x.relative_residual),
                        nearest.map(|x| x.relative_residual)
                    );
                }
            }
        }
    }

    /// A member of any order is found within a budget that just holds it: catches orders that are not tried.
    #[test]
    fn finds_planted_members_of_every_order() {
        for tie in [Tie::Circulant, Tie::Toeplitz] {
            let (rows, columns) = (12, 18);
            for size in 2..=18 {
                let grid = Grid {
                    rows,
                    columns,
                    size,
                    tie,
                };
                let w = grid.approximation(check::seeded(rows, columns, 4).as_ref());
                let budget = grid.parameters();
                let found = members(w.as_ref(), &[budget], tie);
                let residual = best(&found, budget, 1e-14).unwrap().relative_residual;
                assert!(residual < 1e-14, "{size}: {residual}");
            }
        }
    }

    /// Against least squares on the indicator matrices of diagonals, wrapped or not, ragged edges included.
    #[test]
    fn agrees_with_dense_least_squares() {
        for tie in [Tie::Circulant, Tie::Toeplitz] {
            for (m, n, size) in [(6, 9, 3), (5, 7, 3), (4, 6, 6), (6, 4, 6), (3, 5, 1)] {
                let w = check::sample(m, n);
                let class = |i: usize, j: usize| {
                    let diagonal = 50 + j % size - i % size;
                    let diagonal = match tie {
                        Tie::Circulant => (diagonal + 6 * size - 50) % size,
                        Tie::Toeplitz => diagonal,
                    };
                    ((i / size) * 10 + j / size) * 100 + diagonal
                };
                let basis = check::indicators(m, n, class);
                let near = approximation(w.as_ref(), size, tie);
                check::linear(&w, &basis, &near);
                let members = members(w.as_ref(), &[m * n], tie);
                if let Some(member) = members.iter().find(|x| x.parameters == basis.len()) {
                    check::residual(&w, &near, member);
                }
            }
        }
    }

    /// A planted member is found by its own size although the budget would allow another; one block is the plain
    /// circulant or Toeplitz matrix, of max(m, n) and m + n - 1 parameters.
    #[test]
    fn finds_planted_members() {
        let w = approximation(check::sample(20, 30).as_ref(), 10, Tie::Circulant);
        check::recovered(&members(w.as_ref(), &[100], Tie::Circulant), 100, 60, 60);
        let w = Mat::from_fn(3, 5, |i, j| ((j + 5 - i) % 5) as f64);
        check::recovered(&members(w.as_ref(), &[5], Tie::Circulant), 5, 5, 5);
        let w = Mat::from_fn(7, 12, |i, j| ((5 * j + 100 - 5 * i) as f64).sin());
        check::recovered(&members(w.as_ref(), &[20], Tie::Toeplitz), 20, 18, 18);
    }
}
