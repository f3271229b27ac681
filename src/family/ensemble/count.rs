//! The count sketch.

use super::SketchMatrix;
use crate::random::{Entries, Stream};
use faer::{ColRef, Mat, MatMut, MatRef};
use rand::RngExt;

/// One sign in each column, in a random row.
#[derive(Debug, Clone)]
pub(crate) struct CountSketch {
    count: usize,
    signs: Vec<f64>,
    rows: Vec<usize>,
}

impl CountSketch {
    /// Signs from `entries`, rows from `stream`.
    pub fn new(k: usize, d: usize, entries: Entries, mut stream: Stream) -> CountSketch {
        let mut signs = vec![0.0; d];
        entries.signs(0, &mut signs);
        let rows = (0..d).map(|_| stream.random_range(0..k)).collect();
        CountSketch::of(k, signs, rows)
    }

    /// With these signs and rows, one a column.
    pub fn of(count: usize, signs: Vec<f64>, rows: Vec<usize>) -> CountSketch {
        CountSketch { count, signs, rows }
    }
}

impl SketchMatrix for CountSketch {
    fn shape(&self) -> (usize, usize) {
        (self.count, self.signs.len())
    }

    /// `X Uᵀ`: q d additions.
    fn apply(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut out = Mat::zeros(x.nrows(), self.count);
        for (i, (&row, &sign)) in self.rows.iter().zip(&self.signs).enumerate() {
            add(out.as_mut(), row, sign, x.col(i));
        }
        out
    }

    /// `Y U`.
    fn adjoint(&self, y: MatRef<'_, f64>) -> Mat<f64> {
        let mut out = Mat::zeros(y.nrows(), self.signs.len());
        for (i, (&row, &sign)) in self.rows.iter().zip(&self.signs).enumerate() {
            add(out.as_mut(), i, sign, y.col(row));
        }
        out
    }
}

fn add(out: MatMut<'_, f64>, column: usize, sign: f64, x: ColRef<'_, f64>) {
    for (out, x) in out.col_mut(column).iter_mut().zip(x.iter()) {
        *out += sign * x;
    }
}
