//! Random diagonals.

use super::{Basis, Place};
use faer::{Mat, MatRef};
use std::ops::Range;

/// Diagonal terms, min(m, n) standard normal numbers each.
#[derive(Debug, Clone)]
pub struct Diagonal {
    rows: usize,
    columns: usize,
    /// The diagonals, min(m, n) × K.
    diagonals: Mat<f64>,
}

impl Diagonal {
    /// `terms` terms of `rows` × `columns`.
    #[must_use]
    pub fn new(rows: usize, columns: usize, terms: usize, place: Place) -> Diagonal {
        let mut diagonals = Mat::zeros(rows.min(columns), terms);
        for term in 0..terms {
            place
                .entries(term)
                .normals(0, diagonals.col_as_slice_mut(term));
        }
        Diagonal {
            rows,
            columns,
            diagonals,
        }
    }

    fn scaled(&self, height: usize, right: MatRef<'_, f64>) -> Mat<f64> {
        let q = right.ncols();
        let mut out = Mat::zeros(height, self.terms() * q);
        for (term, diagonal) in self.diagonals.col_iter().enumerate() {
            for column in 0..q {
                for (i, d) in diagonal.iter().enumerate() {
                    out[(i, term * q + column)] = d * right[(i, column)];
                }
            }
        }
        out
    }
}

impl Basis for Diagonal {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.diagonals.ncols()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        out.fill(0.0);
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len().max(1))) {
            if rows.contains(&column) {
                out[column - rows.start] = self.diagonals[(column, term)];
            }
        }
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let diagonal: Vec<f64> = (0..self.diagonals.nrows()).map(|i| g[(i, i)]).collect();
        let of = |d: faer::ColRef<'_, f64>| d.iter().zip(&diagonal).map(|(x, y)| x * y).sum();
        self.diagonals.col_iter().map(of).collect()
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.scaled(self.rows, right)
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.scaled(self.columns, right)
    }
}
