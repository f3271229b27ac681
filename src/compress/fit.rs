//! A layer in a size, as it is stored.

use super::LowRank;
use super::cosines::basis;
use crate::linalg::algebra::multiply;
use faer::{Mat, MatRef};

/// The numbers that take the place of a matrix m × n.
#[derive(Debug, Clone)]
pub enum Fit {
    /// `A B`, `A` m × r and `B` r × n.
    LowRank {
        /// The left factor.
        a: Mat<f64>,
        /// The right factor.
        b: Mat<f64>,
    },
    /// Some columns, m × K; the others are zero.
    Columns {
        /// Their entries.
        values: Mat<f64>,
        /// Their places, rising.
        kept: Vec<usize>,
        /// n.
        inputs: usize,
    },
    /// `Σ A_k ⊗ B_k`.
    Kronecker {
        /// The left factors, m1 × n1.
        a: Vec<Mat<f64>>,
        /// The right factors, m2 × n2.
        b: Vec<Mat<f64>>,
    },
    /// Coefficients of the lowest frequencies, m × K.
    Dct {
        /// The coefficients.
        values: Mat<f64>,
        /// Channels, height and width of the inputs.
        grid: [usize; 3],
    },
}

impl Fit {
    /// Returns the nearest matrix of this rank.
    #[must_use]
    pub fn low_rank(fits: &LowRank, w: MatRef<'_, f64>, rank: usize) -> Fit {
        let (a, b) = fits.factors(w, rank);
        Fit::LowRank { a, b }
    }

    /// Returns the matrix.
    #[must_use]
    pub fn dense(&self) -> Mat<f64> {
        match self {
            Fit::LowRank { a, b } => product(a.as_ref(), b.as_ref()),
            Fit::Columns {
                values,
                kept,
                inputs,
            } => {
                let mut dense = Mat::zeros(values.nrows(), *inputs);
                for (column, &place) in values.col_iter().zip(kept) {
                    dense.col_mut(place).copy_from(column);
                }
                dense
            }
            Fit::Kronecker { a, b } => {
                let ((m1, n1), (m2, n2)) = (a[0].shape(), b[0].shape());
                let terms = || a.iter().zip(b);
                Mat::from_fn(m1 * m2, n1 * n2, |i, j| {
                    let term =
                        |(a, b): (&Mat<f64>, &Mat<f64>)| a[(i / m2, j / n2)] * b[(i % m2, j % n2)];
                    terms().map(term).sum()
                })
            }
            Fit::Dct { values, grid } => {
                product(values.as_ref(), basis(*grid, values.ncols()).as_ref())
            }
        }
    }
}

/// Returns `A B`.
fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut product = Mat::zeros(a.nrows(), b.ncols());
    multiply(product.as_mut(), a, b);
    product
}
