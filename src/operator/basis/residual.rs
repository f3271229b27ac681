//! The identity before a family.

use super::Basis;
use faer::traits::RealField;
use faer::{Mat, MatRef};
use std::ops::Range;

/// A family whose first term is the identity, ones on the main diagonal: a product of many such
/// sums starts near the identity and stays solvable. The other terms keep the numbers, counted from 0,
/// that they have without it.
#[derive(Debug)]
pub struct Residual {
    rest: Box<dyn Basis>,
}

impl Residual {
    /// The identity, then the terms of `rest`.
    #[must_use]
    pub fn new(rest: Box<dyn Basis>) -> Residual {
        Residual { rest }
    }
}

impl Basis for Residual {
    fn shape(&self) -> (usize, usize) {
        self.rest.shape()
    }

    fn terms(&self) -> usize {
        1 + self.rest.terms()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        if term > 0 {
            return self.rest.tile(term - 1, rows, columns, out);
        }
        out.fill(0.0);
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len().max(1))) {
            if rows.contains(&column) {
                out[column - rows.start] = 1.0;
            }
        }
    }

    fn keep(&mut self, budget: usize) -> usize {
        self.rest.keep(budget)
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        let (first, rest) = a.split_first().expect("one coefficient a term");
        let mut sum = self.rest.combine(rest);
        for i in 0..sum.nrows().min(sum.ncols()) {
            sum[(i, i)] += first;
        }
        sum
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let trace = (0..g.nrows().min(g.ncols())).map(|i| g[(i, i)]).sum();
        let mut all = vec![trace];
        all.extend(self.rest.correlate(g));
        all
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        beside(self.shape().0, right, &self.rest.products(right))
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        beside(self.shape().1, right, &self.rest.adjoint_products(right))
    }

    fn products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        beside(self.shape().0, right, &self.rest.products_single(right))
    }

    fn adjoint_products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        beside(
            self.shape().1,
            right,
            &self.rest.adjoint_products_single(right),
        )
    }
}

/// `first`, cut or padded to `height` rows, and `rest` to its right.
fn beside<T: RealField>(height: usize, first: MatRef<'_, T>, rest: &Mat<T>) -> Mat<T> {
    let (q, common) = (first.ncols(), first.nrows().min(height));
    let mut all = Mat::zeros(height, q + rest.ncols());
    let top = first.subrows(0, common);
    all.as_mut().submatrix_mut(0, 0, common, q).copy_from(top);
    all.as_mut().subcols_mut(q, rest.ncols()).copy_from(rest);
    all
}
