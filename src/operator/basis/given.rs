//! The user's own matrices.

use super::Basis;
use faer::MatRef;
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
            size > 0 && data.len() % size == 0,
            "{} numbers are no matrices of {rows} × {columns}",
            data.len()
        );
        Given {
            rows,
            columns,
            data,
        }
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
        let size = self.rows * self.columns;
        let data = &self.data[term * size..(term + 1) * size];
        let matrix = MatRef::from_row_major_slice(data, self.rows, self.columns);
        let window = matrix.submatrix(rows.start, columns.start, rows.len(), columns.len());
        for (out, column) in out
            .chunks_exact_mut(rows.len().max(1))
            .zip(window.col_iter())
        {
            for (out, x) in out.iter_mut().zip(column.iter()) {
                *out = *x;
            }
        }
    }
}
