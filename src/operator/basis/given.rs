//! The user's own matrices.

use super::{Basis, lanes, tiled};
use faer::{Mat, MatRef};
use std::ops::Range;

/// K given matrices in memory.
#[derive(Debug, Clone)]
pub struct Given {
    rows: usize,
    columns: usize,
    /// Matrix by matrix, each row by row.
    data: Vec<f64>,
}

impl Given {
    /// Matrices of `rows` × `columns`, one after the other, each row by row.
    ///
    /// # Panics
    ///
    /// When the matrices are empty or `data` does not hold whole ones.
    #[must_use]
    pub fn new(rows: usize, columns: usize, data: Vec<f64>) -> Given {
        let size = rows * columns;
        assert!(
            size > 0 && data.len().is_multiple_of(size),
            "{} numbers are no matrices of {rows} × {columns}",
            data.len()
        );
        Given {
            rows,
            columns,
            data,
        }
    }

    fn matrix(&self, term: usize) -> MatRef<'_, f64> {
        let size = self.rows * self.columns;
        let data = &self.data[term * size..(term + 1) * size];
        MatRef::from_row_major_slice(data, self.rows, self.columns)
    }
}

impl Basis for Given {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.data.len() / (self.rows * self.columns)
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        let window =
            self.matrix(term)
                .submatrix(rows.start, columns.start, rows.len(), columns.len());
        for (out, column) in out
            .chunks_exact_mut(rows.len().max(1))
            .zip(window.col_iter())
        {
            for (out, x) in out.iter_mut().zip(column.iter()) {
                *out = *x;
            }
        }
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        let size = self.rows * self.columns;
        let term = |term| &self.data[term * size..(term + 1) * size];
        let sum = lanes::combine(a, self.terms(), size, term);
        MatRef::from_row_major_slice(&sum, self.rows, self.columns).to_owned()
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        let term = |term| self.matrix(term);
        tiled::whole_products(self.terms(), self.shape(), term, right)
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        let term = |term| self.matrix(term).transpose();
        tiled::whole_products(self.terms(), (self.columns, self.rows), term, right)
    }
}
