//! Entries on the diagonal alone.

use super::LinearOperator;
use crate::program::{Combination, Record, View, Zip};
use faer::Mat;
use std::fmt;

/// `A[i, i] = p[i]`, all else 0; `min(m, n)` parameters.
///
/// Cost: one multiplication a parameter and sample.
#[derive(Debug, Clone)]
pub struct Diagonal {
    rows: usize,
    columns: usize,
}

impl Diagonal {
    /// `rows × columns`.
    pub fn new(rows: usize, columns: usize) -> Diagonal {
        Diagonal { rows, columns }
    }
}

impl LinearOperator for Diagonal {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        self.rows.min(self.columns)
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let own = 0..self.parameters();
        let d = parameters.across_columns(x.columns);
        let product = Zip::new(Combination::Multiply, x.row_range(own.clone()), d);
        record.add(y.row_range(own), product);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        Mat::from_fn(self.rows, self.columns, |i, j| {
            if i == j { parameters[i] } else { 0.0 }
        })
    }
}

impl fmt::Display for Diagonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "diagonal({}×{})", self.rows, self.columns)
    }
}
