//! Dense blocks along the diagonal.

use super::LinearOperator;
use crate::program::{Gemm, Record, View};
use faer::Mat;
use std::fmt;

/// Blocks `A₁ ⊕ A₂ ⊕ …` along the diagonal, of equal shapes or not; parameters block by block, each
/// column by column.
///
/// Cost: two operations a parameter and sample; equal blocks are one batched product.
#[derive(Debug, Clone)]
pub struct BlockDiagonal {
    blocks: Vec<(usize, usize)>,
}

impl BlockDiagonal {
    /// Blocks of the given shapes.
    ///
    /// # Panics
    /// If there is no block.
    pub fn new(blocks: Vec<(usize, usize)>) -> BlockDiagonal {
        assert!(!blocks.is_empty(), "block-diagonal: no blocks");
        BlockDiagonal { blocks }
    }

    /// `count` equal blocks in `rows × columns`.
    ///
    /// # Panics
    /// If `count` does not divide both.
    pub fn equal(rows: usize, columns: usize, count: usize) -> BlockDiagonal {
        let divides = count > 0 && rows.is_multiple_of(count) && columns.is_multiple_of(count);
        assert!(
            divides,
            "block-diagonal: {count} blocks in {rows}×{columns}"
        );
        BlockDiagonal::new(vec![(rows / count, columns / count); count])
    }

    /// First parameter, row and column of each block, and its shape.
    fn places(&self) -> impl Iterator<Item = ([usize; 3], (usize, usize))> {
        let mut next = [0; 3];
        self.blocks.iter().map(move |&(rows, columns)| {
            let place = next;
            next = [
                place[0] + rows * columns,
                place[1] + rows,
                place[2] + columns,
            ];
            (place, (rows, columns))
        })
    }
}

impl LinearOperator for BlockDiagonal {
    fn shape(&self) -> (usize, usize) {
        let add = |(m, n), &(rows, columns)| (m + rows, n + columns);
        self.blocks.iter().fold((0, 0), add)
    }

    fn parameters(&self) -> usize {
        self.blocks.iter().map(|(m, n)| m * n).sum()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let count = self.blocks.len();
        let (rows, columns) = self.blocks[0];
        if self.blocks.iter().all(|&block| block == (rows, columns)) {
            let blocks = parameters.reshaped([rows, columns, count]);
            let product = Gemm::new(1.0, blocks, x.row_blocks(count));
            return record.add(y.row_blocks(count), product);
        }
        for ([parameter, row, column], (rows, columns)) in self.places() {
            let block = parameters
                .row_range(parameter..parameter + rows * columns)
                .reshaped([rows, columns, 1]);
            let product = Gemm::new(1.0, block, x.row_range(column..column + columns));
            record.add(y.row_range(row..row + rows), product);
        }
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let (m, n) = self.shape();
        let mut a = Mat::zeros(m, n);
        for ([parameter, row, column], (rows, columns)) in self.places() {
            for i in 0..rows {
                for j in 0..columns {
                    a[(row + i, column + j)] = parameters[parameter + i + j * rows];
                }
            }
        }
        a
    }
}

impl fmt::Display for BlockDiagonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (m, n) = self.shape();
        write!(f, "blocks({m}×{n} in {})", self.blocks.len())
    }
}
