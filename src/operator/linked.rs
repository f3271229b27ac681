//! Operators of functions of the parameters.

use super::LinearOperator;
use crate::program::{Function, Map, Record, View};
use faer::Mat;
use std::fmt;

/// `A(g(p))`: each parameter goes through g first (Wu 2018, equation 4).
///
/// Cost: that of A, and one operation a parameter.
pub struct Linked {
    of: Box<dyn LinearOperator>,
    function: Function,
}

impl Linked {
    /// `of` at `function` of the parameters.
    ///
    /// # Panics
    /// If `of` has no parameters.
    pub fn new(of: Box<dyn LinearOperator>, function: Function) -> Linked {
        assert!(of.parameters() > 0, "linked: {of} has no parameters");
        Linked { of, function }
    }
}

impl LinearOperator for Linked {
    fn shape(&self) -> (usize, usize) {
        self.of.shape()
    }

    fn parameters(&self) -> usize {
        self.of.parameters()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let values = record.push(Map::new(self.function, parameters));
        self.of.emit(record, values, x, y);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let values = parameters.iter().map(|&p| self.function.value(p));
        self.of.dense(&values.collect::<Vec<f64>>())
    }
}

impl fmt::Display for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formula = self.of.to_string();
        if formula.contains(' ') {
            write!(f, "({formula})∘{}", self.function)
        } else {
            write!(f, "{formula}∘{}", self.function)
        }
    }
}
