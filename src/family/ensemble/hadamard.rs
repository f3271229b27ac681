//! The subsampled randomised Hadamard transform.

use super::SketchMatrix;
use crate::linalg::hadamard::hadamard_of_rows;
use crate::random::{Entries, Stream};
use faer::Mat;
use faer::MatRef;
use rand::seq::SliceRandom;

/// `P H D / √k`: signs D, the Hadamard matrix H of ±1 in natural order, k of its rows.
#[derive(Debug, Clone)]
pub(crate) struct HadamardSketch {
    signs: Vec<f64>,
    chosen: Vec<usize>,
}

impl HadamardSketch {
    /// Signs from `entries`, different rows from `stream`.
    pub fn new(k: usize, d: usize, entries: Entries, mut stream: Stream) -> HadamardSketch {
        let mut signs = vec![0.0; d];
        entries.signs(0, &mut signs);
        let mut rows: Vec<usize> = (0..d.next_power_of_two()).collect();
        let chosen = rows.partial_shuffle(&mut stream, k).0.to_vec();
        HadamardSketch::of(signs, chosen)
    }

    /// With these signs and rows.
    pub fn of(signs: Vec<f64>, chosen: Vec<usize>) -> HadamardSketch {
        HadamardSketch { signs, chosen }
    }

    fn scale(&self) -> f64 {
        1.0 / (self.chosen.len() as f64).sqrt()
    }

    fn padded(&self, rows: usize) -> Mat<f64> {
        Mat::zeros(rows, self.signs.len().next_power_of_two())
    }
}

impl SketchMatrix for HadamardSketch {
    fn shape(&self) -> (usize, usize) {
        (self.chosen.len(), self.signs.len())
    }

    /// `X Uᵀ`: q N log₂ N additions.
    fn apply(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut all = self.padded(x.nrows());
        for (i, sign) in self.signs.iter().enumerate() {
            all.col_mut(i).copy_from(x.col(i) * *sign);
        }
        hadamard_of_rows(all.as_mut());
        let scale = self.scale();
        Mat::from_fn(x.nrows(), self.chosen.len(), |a, r| {
            scale * all[(a, self.chosen[r])]
        })
    }

    /// `Y U`.
    fn adjoint(&self, y: MatRef<'_, f64>) -> Mat<f64> {
        let mut all = self.padded(y.nrows());
        for (r, &row) in self.chosen.iter().enumerate() {
            all.col_mut(row).copy_from(y.col(r));
        }
        hadamard_of_rows(all.as_mut());
        let scale = self.scale();
        Mat::from_fn(y.nrows(), self.signs.len(), |a, i| {
            scale * self.signs[i] * all[(a, i)]
        })
    }
}
