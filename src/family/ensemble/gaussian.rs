//! Normal entries, drawn tile by tile.

use super::SketchMatrix;
use crate::random::Entries;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

/// Rows drawn at a time.
const TILE: usize = 32;

/// A k × d matrix of normal entries of variance 1/k: entry (r, i) is number `r d + i`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GaussianSketch {
    rows: usize,
    columns: usize,
    entries: Entries,
}

impl GaussianSketch {
    pub fn new(k: usize, d: usize, entries: Entries) -> GaussianSketch {
        GaussianSketch {
            rows: k,
            columns: d,
            entries,
        }
    }

    /// The entries of the rows, d each, one after the other, with variance 1.
    pub fn normals(d: usize, entries: Entries, out: &mut [f32]) {
        let mut row = vec![0.0; d];
        for (r, out) in out.chunks_exact_mut(d).enumerate() {
            entries.normals((r * d) as u64, &mut row);
            for (to, from) in out.iter_mut().zip(&row) {
                *to = *from as f32;
            }
        }
    }

    fn scale(&self) -> f64 {
        1.0 / (self.rows as f64).sqrt()
    }

    /// The rows from `first` as columns, unscaled.
    fn for_each_tile(&self, mut work: impl FnMut(usize, MatRef<'_, f64>)) {
        let mut numbers = vec![0.0; TILE.min(self.rows) * self.columns];
        for first in (0..self.rows).step_by(TILE) {
            let count = TILE.min(self.rows - first);
            let tile = &mut numbers[..count * self.columns];
            self.entries.normals((first * self.columns) as u64, tile);
            work(
                first,
                MatRef::from_column_major_slice(tile, self.columns, count),
            );
        }
    }
}

impl SketchMatrix for GaussianSketch {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// `X Uᵀ`.
    fn apply(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut out = Mat::zeros(x.nrows(), self.rows);
        self.for_each_tile(|first, tile| {
            let part = out.as_mut().subcols_mut(first, tile.ncols());
            matmul(part, Accum::Replace, x, tile, self.scale(), Par::Seq);
        });
        out
    }

    /// `Y U`.
    fn adjoint(&self, y: MatRef<'_, f64>) -> Mat<f64> {
        let mut out = Mat::zeros(y.nrows(), self.columns);
        self.for_each_tile(|first, tile| {
            let y = y.subcols(first, tile.ncols());
            matmul(
                out.as_mut(),
                Accum::Add,
                y,
                tile.transpose(),
                self.scale(),
                Par::Seq,
            );
        });
        out
    }
}
