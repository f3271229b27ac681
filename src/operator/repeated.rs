//! One operator on each of several parts of a column.

use super::LinearOperator;
use super::linear_operator::act;
use crate::program::{Map, Record, View};
use faer::Mat;
use std::fmt;

/// `I ⊗ A`: the same A, `count` times along the diagonal, on the channels of an image say.
///
/// Cost: that of A on `count` times the samples.
pub struct Repeated {
    count: usize,
    of: Box<dyn LinearOperator>,
}

impl Repeated {
    /// `of`, `count` times.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn new(count: usize, of: Box<dyn LinearOperator>) -> Repeated {
        assert!(count > 0, "repeated: {of} no times");
        Repeated { count, of }
    }
}

impl LinearOperator for Repeated {
    fn shape(&self) -> (usize, usize) {
        let (m, n) = self.of.shape();
        (self.count * m, self.count * n)
    }

    fn parameters(&self) -> usize {
        self.of.parameters()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let (m, n) = self.of.shape();
        let columns = self.count * x.columns;
        // stacked parts of packed columns are columns of their own
        let packed = if x.is_packed() {
            x
        } else {
            record.push(Map::copy(x))
        };
        let x = packed.reshaped([n, columns, 1]);
        if y.is_packed() {
            self.of
                .emit(record, parameters, x, y.reshaped([m, columns, 1]));
        } else {
            let own = act(self.of.as_ref(), record, parameters, x);
            record.add(y, Map::copy(own.reshaped(y.shape())));
        }
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let one = self.of.dense(parameters);
        let (m, n) = one.shape();
        Mat::from_fn(self.count * m, self.count * n, |i, j| {
            if i / m == j / n {
                one[(i % m, j % n)]
            } else {
                0.0
            }
        })
    }
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formula = self.of.to_string();
        if formula.contains(' ') {
            write!(f, "I{}⊗({formula})", self.count)
        } else {
            write!(f, "I{}⊗{formula}", self.count)
        }
    }
}
