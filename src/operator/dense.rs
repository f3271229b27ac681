//! All entries free.

use super::LinearOperator;
use crate::program::{Gemm, Record, View};
use faer::Mat;
use std::fmt;

/// `A[i, j] = p[i + j m]`: every entry a parameter, column by column.
///
/// Cost: `2 m n` operations a sample.
#[derive(Debug, Clone)]
pub struct Dense {
    rows: usize,
    columns: usize,
}

impl Dense {
    /// `rows × columns`.
    pub fn new(rows: usize, columns: usize) -> Dense {
        Dense { rows, columns }
    }
}

impl LinearOperator for Dense {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        self.rows * self.columns
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let a = parameters.reshaped([self.rows, self.columns, 1]);
        record.add(y, Gemm::new(1.0, a, x));
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        Mat::from_fn(self.rows, self.columns, |i, j| {
            parameters[i + j * self.rows]
        })
    }
}

impl fmt::Display for Dense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dense({}×{})", self.rows, self.columns)
    }
}
