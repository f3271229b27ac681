//! The Hadamard transform of any shape.

use super::LinearOperator;
use crate::program::{HadamardTransform, Map, Record, View};
use faer::Mat;
use std::fmt;

/// `A[i, j] = (−1)^(number of bits that i and j share) / √N`: the first m rows and n columns of the
/// orthonormal Hadamard matrix of order N, the power of two from `max(m, n)` on. No parameters.
///
/// Cost: `N (log₂ N + 1)` operations a sample.
#[derive(Debug, Clone)]
pub struct Hadamard {
    rows: usize,
    columns: usize,
}

impl Hadamard {
    /// `rows × columns`.
    pub fn new(rows: usize, columns: usize) -> Hadamard {
        Hadamard { rows, columns }
    }

    fn order(&self) -> usize {
        self.rows.max(self.columns).next_power_of_two()
    }
}

impl LinearOperator for Hadamard {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        0
    }

    fn emit(&self, record: &mut Record, _: View, x: View, y: View) {
        let order = self.order();
        let padded = if self.columns == order {
            x
        } else {
            let padded = record.zeros(order, x.columns);
            record.add(padded.row_range(0..self.columns), Map::copy(x));
            padded
        };
        let transform = HadamardTransform::new(1.0 / (order as f64).sqrt(), padded);
        if self.rows == order {
            record.add(y, transform)
        } else {
            let all = record.push(transform);
            record.add(y, Map::copy(all.row_range(0..self.rows)));
        }
    }

    fn dense(&self, _: &[f64]) -> Mat<f64> {
        let size = 1.0 / (self.order() as f64).sqrt();
        Mat::from_fn(self.rows, self.columns, |i, j| {
            if (i & j).count_ones().is_multiple_of(2) {
                size
            } else {
                -size
            }
        })
    }
}

impl fmt::Display for Hadamard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hadamard({}×{})", self.rows, self.columns)
    }
}
