//! Entries that share parameters at random.

use super::LinearOperator;
use super::shared::emit_shared;
use crate::program::{Record, View};
use crate::random::Stream;
use faer::Mat;
use rand::Rng;
use std::fmt;

/// `A[i, j] = p[h(i, j)]`, each `h(i, j)` drawn evenly from the parameters (HashedNets: Chen et al.
/// 2015, without signs).
///
/// Cost: `2 m n` operations a sample, as a dense product; it saves parameters, not operations.
#[derive(Debug, Clone)]
pub struct Hashed {
    rows: usize,
    columns: usize,
    parameters: usize,
    table: Vec<usize>,
}

impl Hashed {
    /// `rows × columns` from `parameters` numbers, shared as `stream` says.
    ///
    /// # Panics
    /// If there are no parameters.
    pub fn new(rows: usize, columns: usize, parameters: usize, mut stream: Stream) -> Hashed {
        assert!(
            parameters > 0,
            "hashed: {rows}×{columns} from no parameters"
        );
        // multiplied into the range: the bias is below parameters/2⁶⁴
        let mut draw = || ((u128::from(stream.next_u64()) * parameters as u128) >> 64) as usize;
        Hashed {
            rows,
            columns,
            parameters,
            table: (0..rows * columns).map(|_| draw()).collect(),
        }
    }
}

impl LinearOperator for Hashed {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        self.parameters
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let place = |i: usize, j: usize| self.table[i + j * self.rows];
        emit_shared(record, place, parameters, x, y);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        Mat::from_fn(self.rows, self.columns, |i, j| {
            parameters[self.table[i + j * self.rows]]
        })
    }
}

impl fmt::Display for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hashed {
            rows,
            columns,
            parameters,
            ..
        } = self;
        write!(f, "hashed({rows}×{columns} from {parameters})")
    }
}
