//! Terms of rank one.

use super::{Basis, Gram, Place};
use crate::linalg::algebra::product;
use faer::{Mat, MatRef};
use std::ops::Range;

/// Terms uₖ vₖᵀ of standard normal vectors: numbers 0 … m - 1 of a term are u, the next n are v.
///
/// K (m + n) numbers in memory; no product of terms forms an m × n matrix.
#[derive(Debug, Clone)]
pub struct RankOne {
    /// The vectors uₖ, m × K.
    left: Mat<f64>,
    /// The vectors vₖ, n × K.
    right: Mat<f64>,
}

impl RankOne {
    /// `terms` terms of `rows` × `columns`.
    #[must_use]
    pub fn new(rows: usize, columns: usize, terms: usize, place: Place) -> RankOne {
        let mut left = Mat::zeros(rows, terms);
        let mut right = Mat::zeros(columns, terms);
        for term in 0..terms {
            let entries = place.entries(term);
            entries.normals(0, left.col_as_slice_mut(term));
            entries.normals(rows as u64, right.col_as_slice_mut(term));
        }
        RankOne { left, right }
    }
}

impl Basis for RankOne {
    fn shape(&self) -> (usize, usize) {
        (self.left.nrows(), self.right.nrows())
    }

    fn terms(&self) -> usize {
        self.left.ncols()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        if rows.is_empty() {
            return;
        }
        let u = &self.left.col_as_slice(term)[rows.clone()];
        let v = &self.right.col_as_slice(term)[columns];
        for (v, out) in v.iter().zip(out.chunks_exact_mut(rows.len())) {
            for (x, u) in out.iter_mut().zip(u) {
                *x = u * v;
            }
        }
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let carried = product(g, self.right.as_ref());
        self.left
            .col_iter()
            .zip(carried.col_iter())
            .map(|(u, w)| u.transpose() * w)
            .collect()
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        outer(&self.left, &product(self.right.transpose(), right))
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        outer(&self.right, &product(self.left.transpose(), right))
    }

    /// (UᵀU) ∘ (VᵀV).
    fn gram(&self) -> Gram {
        let left = product(self.left.transpose(), self.left.as_ref());
        let right = product(self.right.transpose(), self.right.as_ref());
        Gram::Known(faer::zip!(&left, &right).map(|faer::unzip!(x, y)| x * y))
    }
}

/// The blocks xₖ yₖ side by side: column k of `x` times row k of `y`.
fn outer(x: &Mat<f64>, y: &Mat<f64>) -> Mat<f64> {
    let q = y.ncols();
    Mat::from_fn(x.nrows(), x.ncols() * q, |i, column| {
        x[(i, column / q)] * y[(column / q, column % q)]
    })
}
