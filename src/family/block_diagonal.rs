//! Block-diagonal matrices of contiguous equal blocks.

use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::linalg::algebra::sum_of_squares;
use crate::operator::BlockDiagonal;
use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::BLOCK_DIAGONAL),
    weight: Some(WeightFamily::of::<BlockDiagonalSettings>()),
    ..Family::NONE
};

impl FamilyKind {
    /// Contiguous equal blocks along the diagonal.
    pub const BLOCK_DIAGONAL: FamilyKind = Entry(&Projection {
        tag: "block-diagonal",
        name: "block diagonal",
        about: "Contiguous equal blocks",
        members: |w, budgets, _| members(w, budgets),
        operations: |m, n, _| 30.0 * (m * n) as f64,
        search: Search::Exact,
        choice: Choice::Fixed,
    });
}

/// Members of every number of blocks that fits the largest budget.
///
/// b blocks hold about m n / b entries, and keep those of `w`. Where b does not divide a side, its
/// blocks differ by one row or column. What is left is the energy outside: O(m n + m b) for all.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    let (m, n) = w.shape();
    let entries = entries(w);
    let energy = sum_of_squares(&entries);
    let most = budgets.iter().copied().max().unwrap_or(0);
    let counts: Vec<usize> = (1..=m.min(n))
        .filter(|&blocks| parameters(m, n, blocks) <= most)
        .collect();
    let mut outside = vec![0.0; counts.len()];
    let mut before = vec![0.0; n + 1];
    let mut after = vec![0.0; n + 1];
    for (i, row) in entries.chunks_exact(n).enumerate() {
        for j in 0..n {
            before[j + 1] = before[j] + row[j] * row[j];
        }
        after[n] = 0.0;
        for j in (0..n).rev() {
            after[j] = after[j + 1] + row[j] * row[j];
        }
        for (&blocks, outside) in counts.iter().zip(&mut outside) {
            let block = block_of(i, m, blocks);
            let (start, end) = (bound(block, n, blocks), bound(block + 1, n, blocks));
            *outside += before[start] + after[end];
        }
    }
    let member = |(&blocks, &outside): (&usize, &f64)| {
        let stored = parameters(m, n, blocks);
        Member::new(stored, stored, outside, energy, detail(m, n, blocks))
    };
    counts.iter().zip(&outside).map(member).collect()
}

/// The nearest matrix to `w` in `blocks` diagonal blocks: its entries inside them.
///
/// # Panics
///
/// When there is no block, or more than rows or columns.
pub fn approximation(w: MatRef<'_, f64>, blocks: usize) -> Mat<f64> {
    let (m, n) = w.shape();
    assert!(
        (1..=m.min(n)).contains(&blocks),
        "{m} × {n} in {blocks} diagonal blocks"
    );
    Mat::from_fn(m, n, |i, j| {
        let inside = block_of(i, m, blocks) == block_of(j, n, blocks);
        if inside { w[(i, j)] } else { 0.0 }
    })
}

/// Entries inside `blocks` diagonal blocks of m × n.
pub(super) fn parameters(m: usize, n: usize, blocks: usize) -> usize {
    let length = |side, k| bound(k + 1, side, blocks) - bound(k, side, blocks);
    (0..blocks).map(|k| length(m, k) * length(n, k)).sum()
}

/// `10 blocks of 50 x 80`.
pub(super) fn detail(m: usize, n: usize, blocks: usize) -> String {
    let side = |length: usize| match length % blocks {
        0 => format!("{}", length / blocks),
        _ => format!("{}-{}", length / blocks, length / blocks + 1),
    };
    match blocks {
        1 => format!("one block of {m} x {n}"),
        _ => format!("{blocks} blocks of {} x {}", side(m), side(n)),
    }
}

/// First row of block `k`.
pub(super) fn bound(k: usize, length: usize, blocks: usize) -> usize {
    (k * length).div_ceil(blocks)
}

/// The block of row `i`: the k with bound(k) ≤ i < bound(k + 1).
pub(super) fn block_of(i: usize, length: usize, blocks: usize) -> usize {
    i * blocks / length
}

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

impl TrainedFamily for BlockDiagonalSettings {
    const NAME: &'static str = "block-diagonal";

    const EXAMPLES: &'static [&'static str] = &["blocks = 2", "blocks = [[1, 4], [3, 2], [2, 6]]"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;

    /// Catches an entry in two blocks or none, and blocks that differ by more than one.
    #[test]
    fn blocks_part_the_sides() {
        for length in 1..40 {
            for blocks in 1..=length {
                let ends: Vec<usize> = (0..=blocks).map(|k| bound(k, length, blocks)).collect();
                assert_eq!((ends[0], ends[blocks]), (0, length));
                let sizes = ends.windows(2).map(|e| e[1] - e[0]);
                assert!(sizes.clone().min().unwrap() + 1 >= sizes.max().unwrap());
                for i in 0..length {
                    let k = block_of(i, length, blocks);
                    assert!(ends[k] <= i && i < ends[k + 1]);
                }
            }
        }
    }

    /// Against least squares on one matrix for each entry inside.
    #[test]
    fn agrees_with_dense_least_squares() {
        for (m, n) in [(6, 9), (5, 8)] {
            let w = check::sample(m, n);
            for member in members(w.as_ref(), &[m * n]) {
                let blocks = (1..=m).find(|&b| parameters(m, n, b) == member.parameters);
                let near = approximation(w.as_ref(), blocks.unwrap());
                let inside = |i: usize, j: usize| near[(i, j)] != 0.0;
                let mut basis = check::indicators(m, n, |i, j| i * n + j);
                basis.retain(|b| (0..m).any(|i| (0..n).any(|j| inside(i, j) && b[(i, j)] != 0.0)));
                assert_eq!(basis.len(), member.parameters);
                check::linear(&w, &basis, &near);
                check::residual(&w, &near, &member);
            }
        }
    }

    #[test]
    fn finds_a_planted_member() {
        let w = approximation(check::sample(20, 30).as_ref(), 5);
        check::recovered(&members(w.as_ref(), &[150]), 150, 120, 120);
    }
}
