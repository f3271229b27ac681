//! A matrix cut into square blocks, the last row and column of blocks cut short.

use super::tied::Means;
use super::{Member, energy_of, entries};
use faer::{Mat, MatRef};

/// Which entries of a block share a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// Equal (column - row) modulo the size.
    Circulant,
    /// Equal column - row.
    Toeplitz,
}

/// Blocks of `size` × `size` over an m × n matrix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
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

/// Members of the sizes worth trying: divisors of either side, powers of two, the smallest that fits
/// each budget, and one block.
pub(super) fn members(w: MatRef<'_, f64>, budgets: &[usize], tie: Tie) -> Vec<Member> {
    let (rows, columns) = w.shape();
    let grid = |size| Grid {
        rows,
        columns,
        size,
        tie,
    };
    let whole = rows.max(columns);
    let fits = |size: usize, budget: usize| grid(size).parameters() <= budget;
    let mut sizes: Vec<usize> = budgets
        .iter()
        .filter_map(|&budget| (1..=whole).find(|&size| fits(size, budget)))
        .collect();
    let regular = |&size: &usize| {
        rows % size == 0 || columns % size == 0 || size.is_power_of_two() || size == whole
    };
    let most = budgets.iter().copied().max().unwrap_or(0);
    sizes.extend((1..=whole).filter(regular));
    sizes.retain(|&size| fits(size, most));
    sizes.sort_unstable();
    sizes.dedup();
    let entries = entries(w);
    let energy = energy_of(&entries);
    let all = sizes.into_iter();
    all.map(|size| grid(size).member(&entries, energy))
        .collect()
}
