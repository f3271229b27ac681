//! A weighted sum of the fixed matrices of a basis.

use super::LinearOperator;
use super::basis::{Basis, combine_kept};
use crate::program::{Gemm, Record, View};
use faer::{Mat, MatRef};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// `A = Σₖ pₖ Mₖ` with the terms of any [`Basis`]: a factor of a fitted product.
///
/// The terms are stored, `K m n` numbers; dense random ones need not be, as a
/// [`RandomSum`](super::RandomSum). Cost: `2 K m n` operations once, and `2 m n` a sample.
#[derive(Debug)]
pub struct BasisSum {
    basis: Box<dyn Basis>,
    terms: Arc<[f64]>,
}

impl BasisSum {
    /// The sum of the terms of `basis`, a parameter each.
    pub fn new(basis: Box<dyn Basis>) -> BasisSum {
        let ((m, n), terms) = (basis.shape(), basis.terms());
        let mut values = vec![0.0; m * n * terms];
        let each = values.par_chunks_exact_mut(m * n).enumerate();
        each.for_each(|(term, values)| basis.tile(term, 0..m, 0..n, values));
        BasisSum {
            basis,
            terms: values.into(),
        }
    }
}

impl LinearOperator for BasisSum {
    fn shape(&self) -> (usize, usize) {
        self.basis.shape()
    }

    fn parameters(&self) -> usize {
        self.basis.terms()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let ((m, n), terms) = (self.shape(), self.parameters());
        let matrices = record.constant("basis", m * n, terms, Arc::clone(&self.terms));
        let a = record.push(Gemm::new(1.0, matrices, parameters));
        record.add(y, Gemm::new(1.0, a.reshaped([m, n, 1]), x));
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let ((m, n), terms) = (self.shape(), self.parameters());
        let term = |term: usize| &self.terms[term * m * n..][..m * n];
        let sum = combine_kept(parameters, terms, m * n, term);
        MatRef::from_column_major_slice(&sum, m, n).to_owned()
    }
}

impl fmt::Display for BasisSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((m, n), terms) = (self.shape(), self.parameters());
        write!(f, "basis({m}×{n}, {terms} terms)")
    }
}
