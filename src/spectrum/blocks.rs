//! Equal diagonal blocks: given, stored as a stack, or found in a matrix.

use super::moments::largest_entry;
use faer::MatRef;
use serde::Serialize;

/// Where the blocks of a layer come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockSource {
    /// A plain matrix: one block, the whole.
    Whole,
    /// Stored as a stack (blocks, rows, columns).
    Stored,
    /// Asked for by the user.
    Given,
    /// Found: every entry outside the blocks is zero.
    Exact,
    /// Found: the blocks hold at least the stated share of Σ w².
    Share,
}

/// A layer as its diagonal blocks; a plain matrix is one block.
#[derive(Debug, Clone)]
pub struct LayerMatrix<'a> {
    /// The blocks, all of one shape, at least one.
    pub blocks: Vec<MatRef<'a, f64>>,
    /// Where they come from.
    pub source: BlockSource,
    /// Share of Σ w² inside them.
    pub share: f64,
}

impl<'a> LayerMatrix<'a> {
    /// A stack of equal matrices.
    ///
    /// # Panics
    ///
    /// When the stack is empty or the shapes differ.
    pub fn stack(blocks: Vec<MatRef<'a, f64>>) -> LayerMatrix<'a> {
        let shape = blocks
            .first()
            .map(|b| b.shape())
            .expect("at least one block");
        assert!(
            blocks.iter().all(|b| b.shape() == shape),
            "blocks of one shape"
        );
        let source = match blocks.len() {
            1 => BlockSource::Whole,
            _ => BlockSource::Stored,
        };
        LayerMatrix {
            blocks,
            source,
            share: 1.0,
        }
    }

    /// A matrix whose blocks are given by their number or, without it, looked for: the largest
    /// number of equal diagonal blocks of at least 2 × 2 that hold `least_share` of Σ w².
    ///
    /// # Errors
    ///
    /// A sentence when `count` does not divide both dimensions.
    pub fn split(
        matrix: MatRef<'a, f64>,
        count: Option<usize>,
        least_share: f64,
    ) -> Result<LayerMatrix<'a>, String> {
        let (m, n) = matrix.shape();
        if let Some(b) = count {
            if b == 0 || m % b != 0 || n % b != 0 {
                return Err(format!(
                    "{m} x {n} cannot be cut into {b} equal diagonal blocks"
                ));
            }
            if b > 1 {
                return Ok(cut(matrix, b, BlockSource::Given));
            }
        } else {
            let largest = gcd(m, n).min(m / 2).min(n / 2);
            for b in (2..=largest).rev().filter(|b| m % b == 0 && n % b == 0) {
                let found = cut(matrix, b, BlockSource::Share);
                // A share that rounds to one is not all: blocks to be exact have only zeros around them.
                let outside_zero =
                    found.share >= least_share && nonzeros(&found.blocks) == nonzeros(&[matrix]);
                let full = found.blocks.iter().all(|block| nonzeros(&[*block]) > 0);
                let enough =
                    full && found.share >= least_share && (outside_zero || least_share < 1.0);
                if enough && !is_diagonal(matrix) {
                    return Ok(LayerMatrix {
                        source: if outside_zero {
                            BlockSource::Exact
                        } else {
                            BlockSource::Share
                        },
                        ..found
                    });
                }
            }
        }
        Ok(LayerMatrix::stack(vec![matrix]))
    }

    /// Rows and columns of a block.
    pub fn block_shape(&self) -> (usize, usize) {
        self.blocks[0].shape()
    }

    /// Rows and columns of the whole layer, the blocks on the diagonal.
    pub fn shape(&self) -> (usize, usize) {
        let (m, n) = self.block_shape();
        (m * self.blocks.len(), n * self.blocks.len())
    }
}

fn cut(matrix: MatRef<'_, f64>, count: usize, source: BlockSource) -> LayerMatrix<'_> {
    let (m, n) = (matrix.nrows() / count, matrix.ncols() / count);
    let blocks: Vec<_> = (0..count)
        .map(|i| matrix.submatrix(i * m, i * n, m, n))
        .collect();
    let unit = largest_entry(&[matrix]);
    let energy = |blocks: &[_]| entries(blocks).map(|x| (x / unit).powi(2)).sum::<f64>();
    let share = match unit {
        0.0 => 0.0,
        _ => energy(&blocks) / energy(&[matrix]),
    };
    LayerMatrix {
        blocks,
        source,
        share,
    }
}

fn entries<'b>(blocks: &'b [MatRef<'_, f64>]) -> impl Iterator<Item = f64> + 'b {
    blocks
        .iter()
        .flat_map(|b| b.row_iter())
        .flat_map(|row| row.iter().copied())
}

/// Whether every entry off the diagonal is zero: blocks of it would say nothing.
fn is_diagonal(matrix: MatRef<'_, f64>) -> bool {
    let on_diagonal = (0..matrix.nrows().min(matrix.ncols())).filter(|&i| matrix[(i, i)] != 0.0);
    on_diagonal.count() == nonzeros(&[matrix])
}

fn nonzeros(blocks: &[MatRef<'_, f64>]) -> usize {
    entries(blocks).filter(|&x| x != 0.0).count()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::{BlockSource, LayerMatrix};
    use faer::Mat;

    fn block_diagonal(count: usize, rows: usize, columns: usize, leak: f64) -> Mat<f64> {
        Mat::from_fn(count * rows, count * columns, |i, j| {
            let inside = i / rows == j / columns;
            let entry = 1.0 + ((7 * i + 3 * j) % 5) as f64;
            if inside { entry } else { leak * entry }
        })
    }

    /// Catches a search that stops at a coarser division or overlooks a leak.
    #[test]
    fn finds_the_finest_blocks() {
        let exact = block_diagonal(6, 2, 3, 0.0);
        let found = LayerMatrix::split(exact.as_ref(), None, 0.999).unwrap();
        assert_eq!((found.blocks.len(), found.source), (6, BlockSource::Exact));
        assert_eq!((found.share, found.block_shape()), (1.0, (2, 3)));

        // Entries outside whose squares are lost beside those inside: the rank tells of them.
        let tiny = block_diagonal(6, 2, 3, 1e-9);
        let found = LayerMatrix::split(tiny.as_ref(), None, 1.0).unwrap();
        assert_eq!((found.blocks.len(), found.share), (1, 1.0));

        let leaky = block_diagonal(6, 2, 3, 1e-3);
        let found = LayerMatrix::split(leaky.as_ref(), None, 0.999).unwrap();
        assert_eq!((found.blocks.len(), found.source), (6, BlockSource::Share));
        assert!(found.share < 1.0);
    }

    /// Catches blocks seen where there are none.
    #[test]
    fn leaves_a_full_matrix_whole() {
        let full = block_diagonal(6, 2, 3, 1.0);
        let found = LayerMatrix::split(full.as_ref(), None, 0.999).unwrap();
        assert_eq!((found.blocks.len(), found.source), (1, BlockSource::Whole));
        let zero = Mat::<f64>::zeros(4, 4);
        let found = LayerMatrix::split(zero.as_ref(), None, 0.999).unwrap();
        assert_eq!(found.blocks.len(), 1);
    }

    /// Catches a count that does not divide the matrix and is rounded silently.
    #[test]
    fn refuses_a_count_that_does_not_divide() {
        let full = block_diagonal(6, 2, 3, 1.0);
        let error = LayerMatrix::split(full.as_ref(), Some(5), 0.999).unwrap_err();
        assert_eq!(error, "12 x 18 cannot be cut into 5 equal diagonal blocks");
        let given = LayerMatrix::split(full.as_ref(), Some(2), 0.999).unwrap();
        assert_eq!(given.source, BlockSource::Given);
        assert!((given.share - 0.5).abs() < 0.01);
    }
}
