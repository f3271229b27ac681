//! Multiples of operators.

use super::LinearOperator;
use crate::program::{Function, Map, Record, View};
use faer::{Mat, Scale};
use std::fmt;

/// `s A`.
///
/// Cost: that of A, and one operation an input and sample.
pub struct Scaled {
    scale: f64,
    of: Box<dyn LinearOperator>,
}

impl Scaled {
    /// `scale` times `of`.
    pub fn new(scale: f64, of: Box<dyn LinearOperator>) -> Scaled {
        Scaled { scale, of }
    }
}

impl LinearOperator for Scaled {
    fn shape(&self) -> (usize, usize) {
        self.of.shape()
    }

    fn parameters(&self) -> usize {
        self.of.parameters()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let x = record.push(Map::new(Function::Scale(self.scale), x));
        self.of.emit(record, parameters, x, y);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        Scale(self.scale) * self.of.dense(parameters)
    }
}

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formula = self.of.to_string();
        if formula.contains(" + ") {
            write!(f, "{} ({formula})", self.scale)
        } else {
            write!(f, "{} {formula}", self.scale)
        }
    }
}
