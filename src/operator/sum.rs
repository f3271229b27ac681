//! Sums of operators.

use super::LinearOperator;
use super::linear_operator::{split, split_values};
use crate::program::{Record, View};
use faer::Mat;
use std::fmt;

/// `A + B + …`; parameters term by term.
pub struct Sum {
    terms: Vec<Box<dyn LinearOperator>>,
}

impl Sum {
    /// The sum of `terms`.
    ///
    /// # Panics
    /// If there is no term or the shapes differ.
    pub fn new(terms: Vec<Box<dyn LinearOperator>>) -> Sum {
        assert!(!terms.is_empty(), "sum: no terms");
        for term in &terms {
            let (first, (m, n)) = (&terms[0], term.shape());
            let same = first.shape() == (m, n);
            assert!(
                same,
                "sum: {first} of {:?} and {term} of {m}×{n}",
                first.shape()
            );
        }
        Sum { terms }
    }
}

impl LinearOperator for Sum {
    fn shape(&self) -> (usize, usize) {
        self.terms[0].shape()
    }

    fn parameters(&self) -> usize {
        self.terms.iter().map(|term| term.parameters()).sum()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        for (term, own) in self.terms.iter().zip(split(&self.terms, parameters)) {
            term.emit(record, own, x, y);
        }
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let (m, n) = self.shape();
        let own = split_values(&self.terms, parameters);
        let terms = self.terms.iter().zip(own);
        terms.fold(Mat::zeros(m, n), |sum, (term, own)| sum + term.dense(own))
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, term) in self.terms.iter().enumerate() {
            let plus = if i > 0 { " + " } else { "" };
            write!(f, "{plus}{term}")?;
        }
        Ok(())
    }
}
