//! A layer in a size, as it is stored.

use super::LowRank;
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
            Fit::LowRank { a, b } => {
                let mut dense = Mat::zeros(a.nrows(), b.ncols());
                multiply(dense.as_mut(), a.as_ref(), b.as_ref());
                dense
            }
        }
    }
}
