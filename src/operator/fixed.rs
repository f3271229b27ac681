//! Operators whose parameters are known and stay.

use super::LinearOperator;
use crate::program::{Record, View};
use faer::Mat;
use std::fmt;
use std::sync::Arc;

/// `A(p)` at one p: an operator without parameters.
pub struct Fixed {
    of: Box<dyn LinearOperator>,
    values: Arc<[f64]>,
}

impl Fixed {
    /// `of` at `values`.
    ///
    /// # Panics
    /// If `of` has another number of parameters.
    pub fn new(of: Box<dyn LinearOperator>, values: Vec<f64>) -> Fixed {
        let (own, given) = (of.parameters(), values.len());
        assert!(own == given, "fixed: {given} values for {own} of {of}");
        let values = values.into();
        Fixed { of, values }
    }
}

impl LinearOperator for Fixed {
    fn shape(&self) -> (usize, usize) {
        self.of.shape()
    }

    fn parameters(&self) -> usize {
        0
    }

    fn emit(&self, record: &mut Record, _: View, x: View, y: View) {
        let count = self.values.len();
        let values = record.constant("fixed", count, 1, Arc::clone(&self.values));
        self.of.emit(record, values, x, y);
    }

    fn dense(&self, _: &[f64]) -> Mat<f64> {
        self.of.dense(&self.values)
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.of)
    }
}
