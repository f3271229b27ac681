//! The user's own matrices.

use super::{Basis, tiled};
use faer::{Mat, MatRef};
use rayon::prelude::*;
use std::ops::Range;

/// Entries of a sum that are made together: 16 KiB.
const CHUNK: usize = 2048;

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
        assert_eq!(a.len(), self.terms(), "combine: one coefficient a term");
        let size = self.rows * self.columns;
        let mut sum = vec![0.0; size];
        let chunks = sum.par_chunks_mut(CHUNK).enumerate();
        chunks.for_each(|(chunk, sum)| {
            let terms = a.iter().zip(self.data.chunks_exact(size));
            for (a, term) in terms.filter(|(a, _)| **a != 0.0) {
                let start = chunk * CHUNK;
                for (sum, x) in sum.iter_mut().zip(&term[start..]) {
                    *sum += a * x;
                }
            }
        });
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
