//! Random circulants.

use super::{Basis, Place};
use faer::{Mat, MatRef};
use std::ops::Range;

/// Circulant terms: entry (i, j) is cₖ[(i - j) mod N] with N = max(m, n) standard normal numbers cₖ.
#[derive(Debug, Clone)]
pub struct Circulant {
    rows: usize,
    columns: usize,
    /// The first columns, N × K.
    first: Mat<f64>,
}

impl Circulant {
    /// `terms` terms of `rows` × `columns`.
    #[must_use]
    pub fn new(rows: usize, columns: usize, terms: usize, place: Place) -> Circulant {
        let mut first = Mat::zeros(rows.max(columns), terms);
        for term in 0..terms {
            place.entries(term).normals(0, first.col_as_slice_mut(term));
        }
        Circulant {
            rows,
            columns,
            first,
        }
    }

    fn period(&self) -> usize {
        self.rows.max(self.columns)
    }
}

impl Basis for Circulant {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.first.ncols()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        if rows.is_empty() {
            return;
        }
        let (first, period) = (self.first.col_as_slice(term), self.period());
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len())) {
            let start = (rows.start + period - column) % period;
            let head = out.len().min(period - start);
            out[..head].copy_from_slice(&first[start..start + head]);
            let rest = out.len() - head;
            out[head..].copy_from_slice(&first[..rest]);
        }
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        assert_eq!(a.len(), self.terms(), "combine: one coefficient a term");
        let period = self.period();
        let mut sum = vec![0.0; period];
        for (a, first) in a.iter().zip(self.first.col_iter()) {
            for (sum, x) in sum.iter_mut().zip(first.iter()) {
                *sum += a * x;
            }
        }
        Mat::from_fn(self.rows, self.columns, |i, j| {
            sum[(i + period - j) % period]
        })
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let period = self.period();
        let mut wrapped = vec![0.0; period];
        for (j, column) in g.col_iter().enumerate() {
            for (i, x) in column.iter().enumerate() {
                wrapped[(i + period - j) % period] += x;
            }
        }
        let of = |c: faer::ColRef<'_, f64>| c.iter().zip(&wrapped).map(|(x, y)| x * y).sum();
        self.first.col_iter().map(of).collect()
    }
}
