//! Singular values of random matrices, drawn from a seed.

use super::LayerMatrix;
use crate::linalg::{bidiagonal_singular_values, singular_values};
use crate::random::Stream;
use faer::{MatRef, Par};
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// First words of the streams' paths.
const GAUSSIAN: u64 = 1;
const SHUFFLE: u64 = 2;

/// The shape of a random layer: `blocks` independent matrices of `rows` × `columns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub blocks: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Shape {
    pub fn of(layer: &LayerMatrix<'_>) -> Shape {
        let (rows, columns) = layer.block_shape();
        Shape {
            blocks: layer.blocks.len(),
            rows,
            columns,
        }
    }

    /// The same layer as one full matrix.
    pub fn full(self) -> Shape {
        Shape {
            blocks: 1,
            rows: self.blocks * self.rows,
            columns: self.blocks * self.columns,
        }
    }

    pub fn entries(self) -> usize {
        self.blocks * self.rows * self.columns
    }
}

/// One random layer: singular values block by block, each block's descending.
pub(super) type Draw = Vec<Vec<f64>>;

/// Spectra of `count` layers with independent standard normal
/// entries; layers of one shape share them.
///
/// No matrix is formed: Householder reflections take a Gaussian matrix to a bidiagonal one whose
/// entries are independent and chi distributed (Silverstein 1985; Dumitriu, Edelman 2002), so the
/// values have exactly the law of the dense matrix's for O(n) random numbers and O(n²) work.
pub(super) fn gaussian_draws(shape: Shape, count: usize, seed: u64) -> Vec<Draw> {
    let short = shape.rows.min(shape.columns);
    let long = shape.rows.max(shape.columns);
    (0..count)
        .into_par_iter()
        .map(|draw| {
            let [blocks, m, n, draw] = [shape.blocks, long, short, draw].map(|x| x as u64);
            let mut stream = Stream::new(seed, &[GAUSSIAN, blocks, m, n, draw]);
            (0..shape.blocks)
                .map(|_| {
                    let diagonal: Vec<f64> = (0..short).map(|i| stream.chi(long - i)).collect();
                    let above: Vec<f64> = (1..short).map(|i| stream.chi(short - i)).collect();
                    bidiagonal_singular_values(&diagonal, &above)
                })
                .collect()
        })
        .collect()
}

/// Spectra of `count` layers made of the layer's own entries in random order, all blocks mixed.
pub(super) fn shuffle_draws(layer: &LayerMatrix<'_>, count: usize, seed: u64) -> Vec<Draw> {
    let shape = Shape::of(layer);
    let entries: Vec<f64> = layer
        .blocks
        .iter()
        .flat_map(|b| b.row_iter())
        .flat_map(|row| row.iter().copied())
        .collect();
    (0..count)
        .into_par_iter()
        .map_init(
            || entries.clone(),
            |shuffled, draw| {
                shuffled.copy_from_slice(&entries);
                shuffled.shuffle(&mut Stream::new(seed, &[SHUFFLE, draw as u64]));
                shuffled
                    .chunks_exact(shape.rows * shape.columns)
                    .map(|block| {
                        let block = MatRef::from_row_major_slice(block, shape.rows, shape.columns);
                        singular_values(block, Par::Seq).expect("the layer's entries are finite")
                    })
                    .collect()
            },
        )
        .collect()
}

/// The values in descending order.
pub(super) fn descending(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    /// The bidiagonal model against dense Gaussian matrices: the means of every order agree
    /// within five standard errors. Catches a wrong degree of freedom or a transposed shape.
    #[test]
    fn bidiagonal_draws_have_the_law_of_dense_ones() {
        let shape = Shape {
            blocks: 1,
            rows: 9,
            columns: 6,
        };
        let count = 4000;
        let fast: Vec<Vec<f64>> = gaussian_draws(shape, count, 3)
            .into_iter()
            .map(|draw| draw.concat())
            .collect();
        let mut stream = Stream::new(4, &[]);
        let dense: Vec<Vec<f64>> = (0..count)
            .map(|_| {
                let g = Mat::from_fn(9, 6, |_, _| stream.normal());
                singular_values(g.as_ref(), Par::Seq).unwrap()
            })
            .collect();
        for order in 0..6 {
            let moments = |draws: &[Vec<f64>]| {
                let n = count as f64;
                let mean = draws.iter().map(|d| d[order]).sum::<f64>() / n;
                let variance = draws.iter().map(|d| (d[order] - mean).powi(2)).sum::<f64>() / n;
                (mean, variance)
            };
            let ((a, va), (b, vb)) = (moments(&fast), moments(&dense));
            let error = ((va + vb) / count as f64).sqrt();
            assert!(
                (a - b).abs() < 5.0 * error,
                "order {order}: {a} {b} {error}"
            );
        }
    }

    /// A shuffle keeps Σ w² and the number of values: catches lost or repeated entries.
    #[test]
    fn shuffles_keep_the_entries() {
        let matrix = Mat::from_fn(6, 4, |i, j| (i * 4 + j) as f64);
        let layer = LayerMatrix::split(matrix.as_ref(), Some(2), 1.0).unwrap();
        let inside: f64 = layer.blocks.iter().map(|b| b.squared_norm_l2()).sum();
        for draw in shuffle_draws(&layer, 5, 1) {
            let values = draw.concat();
            assert_eq!(values.len(), 4);
            let energy: f64 = values.iter().map(|s| s * s).sum();
            assert!((energy - inside).abs() < 24.0 * f64::EPSILON * inside);
        }
    }
}
