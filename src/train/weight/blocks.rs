//! Blocks along the diagonal.

use super::draws::Draws;
use super::{Initial, Slot, Weight, WeightError};
use crate::operator::BlockDiagonal;
use serde::{Deserialize, Serialize};

/// `family = "block-diagonal"`: `Σ mᵦ nᵦ` parameters, m n / b for b equal blocks (Jia, Wu et al.).
///
/// Block by block, each column by column. Initial values have the block's fan-in and fan-out, so that a
/// block is initialised as the dense layer that it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BlockDiagonalSettings {
    /// How many, or their shapes.
    pub blocks: Blocks,
    /// The initial law of the entries of each block.
    #[serde(default)]
    pub initial: Initial,
}

/// Blocks along a diagonal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a number of blocks, or a list of [rows, columns]"
)]
pub enum Blocks {
    /// So many equal ones.
    Count(usize),
    /// One after the other, each `[rows, columns]`.
    Shapes(Vec<[usize; 2]>),
}

impl Blocks {
    /// Their shapes in a matrix of `rows` × `columns`.
    ///
    /// # Errors
    ///
    /// [`WeightError`] when they do not make up the matrix.
    pub fn shapes(&self, rows: usize, columns: usize) -> Result<Vec<(usize, usize)>, WeightError> {
        match *self {
            Blocks::Count(blocks) => {
                let divides = |size: usize| blocks > 0 && size.is_multiple_of(blocks);
                if divides(rows) && divides(columns) {
                    Ok(vec![(rows / blocks, columns / blocks); blocks])
                } else {
                    Err(WeightError::Blocks {
                        blocks,
                        rows,
                        columns,
                    })
                }
            }
            Blocks::Shapes(ref shapes) => {
                if let Some(number) = shapes.iter().position(|shape| shape.contains(&0)) {
                    return Err(WeightError::EmptyBlock {
                        number: number + 1,
                        rows: shapes[number][0],
                        columns: shapes[number][1],
                    });
                }
                let sum = |side: usize| {
                    let sizes = shapes.iter().map(|shape| shape[side]);
                    sizes.fold(0, usize::saturating_add)
                };
                if (sum(0), sum(1)) == (rows, columns) {
                    Ok(shapes.iter().map(|&[m, n]| (m, n)).collect())
                } else {
                    Err(WeightError::BlockSum {
                        found_rows: sum(0),
                        found_columns: sum(1),
                        rows,
                        columns,
                    })
                }
            }
        }
    }
}

impl BlockDiagonalSettings {
    pub(super) fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let shapes = self.blocks.shapes(slot.rows, slot.columns)?;
        let block = |(number, &(rows, columns)): (usize, &(usize, usize))| {
            let stream = draws.initial(number as u64);
            self.initial
                .draw([columns, rows * slot.area()], |v| v, rows * columns, stream)
        };
        let initial = shapes.iter().enumerate().flat_map(block).collect();
        Ok(Weight::new(BlockDiagonal::new(shapes), initial))
    }
}
