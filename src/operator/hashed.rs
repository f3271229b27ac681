//! Entries that share parameters at random.

use super::LinearOperator;
use super::shared::{emit_shared, table};
use crate::program::{Lists, Record, View};
use crate::random::Stream;
use faer::Mat;
use rand::Rng;
use std::fmt;
use std::sync::Arc;

/// `A[i, j] = p[h(i, j)]`, each `h(i, j)` drawn evenly from the parameters (HashedNets: Chen et al.
/// 2015, without signs).
///
/// Cost: `2 m n` operations a sample, as a dense product; it saves parameters, not operations.
#[derive(Debug, Clone)]
pub struct Hashed {
    rows: usize,
    columns: usize,
    table: Arc<Lists>,
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
        let draw = |_, _| ((u128::from(stream.next_u64()) * parameters as u128) >> 64) as usize;
        Hashed {
            rows,
            columns,
            table: table(rows, columns, parameters, draw),
        }
    }
}

impl LinearOperator for Hashed {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        self.table.sources()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        emit_shared(record, &self.table, parameters, x, y);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        Mat::from_fn(self.rows, self.columns, |i, j| {
            let [place] = self.table.list(i + j * self.rows) else {
                unreachable!("an entry is one parameter")
            };
            parameters[*place as usize]
        })
    }
}

impl fmt::Display for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns, parameters) = (self.rows, self.columns, self.parameters());
        write!(f, "hashed({rows}×{columns} from {parameters})")
    }
}
