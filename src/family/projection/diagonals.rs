//! Shares that circulant and Toeplitz blocks of any order explain, from prefix sums along diagonals.

use super::grid::{Grid, Tie};

/// Prefix sums along the diagonals of a matrix.
pub(in crate::family) struct Diagonals {
    /// Row by row with a row and a column of zeros in front: entry (i + 1, j + 1) is w(i, j) + w(i - 1, j - 1) + …
    sums: Vec<f64>,
    /// n + 1.
    stride: usize,
}

impl Diagonals {
    /// Sums along the diagonals of the rows of a matrix with so many columns.
    pub fn of(entries: &[f64], columns: usize) -> Diagonals {
        let stride = columns + 1;
        let mut sums = vec![0.0; (entries.len() / columns + 1) * stride];
        for (i, row) in entries.chunks_exact(columns).enumerate() {
            let (above, below) = sums[i * stride..(i + 2) * stride].split_at_mut(stride);
            for ((sum, before), x) in below[1..].iter_mut().zip(above).zip(row) {
                *sum = *before + x;
            }
        }
        Diagonals { sums, stride }
    }

    /// Returns `Σ sum² / count` over the parameters of a grid: the energy that its nearest member holds.
    pub fn explained(&self, grid: Grid) -> f64 {
        let Grid {
            rows,
            columns,
            size,
            tie,
        } = grid;
        let mut total = 0.0;
        for top in (0..rows).step_by(size) {
            let height = size.min(rows - top);
            for left in (0..columns).step_by(size) {
                let block = Block {
                    start: top * self.stride + left,
                    height,
                    width: size.min(columns - left),
                };
                total += match tie {
                    Tie::Toeplitz => self.toeplitz(block),
                    Tie::Circulant => self.circulant(block, size),
                };
            }
        }
        total
    }

    /// Returns the sum along the diagonal of a block that begins at (row, column), and its length.
    fn along(&self, block: Block, row: usize, column: usize) -> (f64, usize) {
        let length = (block.height - row).min(block.width - column);
        let first = block.start + row * self.stride + column;
        let last = first + length * (self.stride + 1);
        (self.sums[last] - self.sums[first], length)
    }

    fn toeplitz(&self, block: Block) -> f64 {
        let across = (0..block.width).map(|column| self.along(block, 0, column));
        let down = (1..block.height).map(|row| self.along(block, row, 0));
        let held = |(sum, length): (f64, usize)| sum * sum / length as f64;
        across.map(held).sum::<f64>() + down.map(held).sum::<f64>()
    }

    fn circulant(&self, block: Block, size: usize) -> f64 {
        let mut total = 0.0;
        for diagonal in 0..size {
            let (mut sum, mut count) = (0.0, 0);
            if diagonal < block.width {
                (sum, count) = self.along(block, 0, diagonal);
            }
            // The same parameter below the main diagonal.
            if diagonal > 0 && size - diagonal < block.height {
                let (wrapped, length) = self.along(block, size - diagonal, 0);
                (sum, count) = (sum + wrapped, count + length);
            }
            if count > 0 {
                total += sum * sum / count as f64;
            }
        }
        total
    }
}

/// A block of the grid: where the prefix sums before it stand, and its sides.
#[derive(Debug, Clone, Copy)]
struct Block {
    start: usize,
    height: usize,
    width: usize,
}
