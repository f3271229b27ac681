//! The user's own matrices.

use super::{Basis, lanes, tiled};
use faer::{Mat, MatRef};
use std::ops::Range;
use std::sync::Arc;

/// K given matrices in memory, which clones share.
#[derive(Debug, Clone)]
pub struct Given {
    rows: usize,
    columns: usize,
    /// Matrix by matrix, each row by row.
    data: Numbers,
    /// The same rounded, when it is kept beside numbers in double precision.
    rounded: Vec<f32>,
}

/// Numbers that single precision holds as they are, or others.
#[derive(Debug, Clone)]
enum Numbers {
    Single(Arc<[f32]>),
    Double(Arc<Vec<f64>>),
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
        let data = if data.iter().all(|&x| f64::from(x as f32) == x) {
            Numbers::Single(data.iter().map(|&x| x as f32).collect())
        } else {
            Numbers::Double(Arc::new(data))
        };
        Given {
            rows,
            columns,
            data,
            rounded: Vec::new(),
        }
    }

    /// The numbers to single precision, where there are such.
    fn single(&self) -> Option<&[f32]> {
        match &self.data {
            Numbers::Single(data) => Some(data),
            Numbers::Double(_) if self.rounded.is_empty() => None,
            Numbers::Double(_) => Some(&self.rounded),
        }
    }

    fn part<'a, X>(&self, data: &'a [X], term: usize) -> &'a [X] {
        let size = self.rows * self.columns;
        &data[term * size..(term + 1) * size]
    }

    fn matrix<'a, X>(&self, data: &'a [X], term: usize) -> MatRef<'a, X> {
        MatRef::from_row_major_slice(self.part(data, term), self.rows, self.columns)
    }
}

impl Basis for Given {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        let count = match &self.data {
            Numbers::Single(data) => data.len(),
            Numbers::Double(data) => data.len(),
        };
        count / (self.rows * self.columns)
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        match &self.data {
            Numbers::Single(data) => copy(self.matrix(data, term), rows, columns, out),
            Numbers::Double(data) => copy(self.matrix(data, term), rows, columns, out),
        }
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        let (terms, size) = (self.terms(), self.rows * self.columns);
        let sum = match &self.data {
            Numbers::Single(data) => lanes::combine(a, terms, size, |k| self.part(data, k)),
            Numbers::Double(data) => lanes::combine(a, terms, size, |k| self.part(data, k)),
        };
        MatRef::from_row_major_slice(&sum, self.rows, self.columns).to_owned()
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        let Numbers::Double(data) = &self.data else {
            return tiled::products(self, right);
        };
        let term = |term| self.matrix(data, term);
        tiled::whole_products(self.terms(), self.shape(), term, right)
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        let Numbers::Double(data) = &self.data else {
            return tiled::adjoint_products(self, right);
        };
        let term = |term| self.matrix(data, term).transpose();
        tiled::whole_products(self.terms(), (self.columns, self.rows), term, right)
    }

    fn products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        let Some(data) = self.single() else {
            return tiled::in_double(right, |right| self.products(right));
        };
        let term = |term| self.matrix(data, term);
        tiled::whole_products(self.terms(), self.shape(), term, right)
    }

    fn adjoint_products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        let Some(data) = self.single() else {
            return tiled::in_double(right, |right| self.adjoint_products(right));
        };
        let term = |term| self.matrix(data, term).transpose();
        tiled::whole_products(self.terms(), (self.columns, self.rows), term, right)
    }

    /// What is kept is rounded, for products in single precision alone.
    fn keep(&mut self, budget: usize) -> usize {
        let Numbers::Double(data) = &self.data else {
            return 0;
        };
        let bytes = size_of::<f32>() * data.len();
        let in_range = |x: &f64| x.abs() <= f64::from(f32::MAX);
        if bytes > budget || !data.iter().all(in_range) {
            return 0;
        }
        let mut rounded = Vec::new();
        if rounded.try_reserve_exact(data.len()).is_err() {
            return 0;
        }
        rounded.extend(data.iter().map(|&x| x as f32));
        self.rounded = rounded;
        bytes
    }
}

fn copy<X: Copy + Into<f64>>(
    matrix: MatRef<'_, X>,
    rows: Range<usize>,
    columns: Range<usize>,
    out: &mut [f64],
) {
    let window = matrix.submatrix(rows.start, columns.start, rows.len(), columns.len());
    let columns = out.chunks_exact_mut(rows.len().max(1));
    for (out, column) in columns.zip(window.col_iter()) {
        for (out, &x) in out.iter_mut().zip(column.iter()) {
            *out = x.into();
        }
    }
}
