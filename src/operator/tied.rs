//! Operators whose parameters are combinations of fewer.

use super::LinearOperator;
use super::linear_operator::act;
use crate::program::{Record, View};
use faer::Mat;
use std::fmt;

/// `A(B p)` with a fixed matrix B: the parameters of A lie in the span of B's columns.
///
/// Cost: that of A, and one action of B, whatever the number of samples.
pub struct Tied {
    of: Box<dyn LinearOperator>,
    map: Box<dyn LinearOperator>,
}

impl Tied {
    /// `of` at `map` of the parameters.
    ///
    /// # Panics
    /// If `map` has parameters of its own, or other rows than `of` has parameters.
    pub fn new(of: Box<dyn LinearOperator>, map: Box<dyn LinearOperator>) -> Tied {
        let (rows, _) = map.shape();
        let (needed, own) = (of.parameters(), map.parameters());
        assert!(
            rows == needed && own == 0,
            "tied: {needed} parameters of {of} from {rows} of {map}, which has {own}"
        );
        Tied { of, map }
    }
}

impl LinearOperator for Tied {
    fn shape(&self) -> (usize, usize) {
        self.of.shape()
    }

    fn parameters(&self) -> usize {
        self.map.shape().1
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let none = parameters.row_range(0..0);
        let values = act(self.map.as_ref(), record, none, parameters);
        self.of.emit(record, values, x, y);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let map = self.map.dense(&[]);
        let value = |i: usize| -> f64 {
            let terms = parameters.iter().enumerate();
            terms.map(|(j, p)| map[(i, j)] * p).sum()
        };
        self.of
            .dense(&(0..map.nrows()).map(value).collect::<Vec<f64>>())
    }
}

impl fmt::Display for Tied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = self.map.shape();
        write!(f, "({} of {rows} from {columns})", self.of)
    }
}
