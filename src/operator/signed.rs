//! Entries that share parameters, some of them negated.

use super::LinearOperator;
use super::shared::{emit_shared, table};
use crate::program::{Function, Lists, Map, Record, View};
use faer::Mat;
use std::fmt;
use std::sync::Arc;

/// `A[i, j] = ±p[t(i, j)]`, place and sign from a table.
///
/// Cost: `2 m n` operations a sample, as a dense product; it saves parameters, not operations.
#[derive(Debug, Clone)]
pub struct Signed {
    rows: usize,
    columns: usize,
    parameters: usize,
    /// Places in the parameters followed by their negatives.
    table: Arc<Lists>,
}

impl Signed {
    /// `rows × columns` from `parameters` numbers; `entry(i, j)` is the parameter of an entry and
    /// whether it is negated, asked column by column.
    ///
    /// # Panics
    /// If there are no parameters or an entry names one that is not there.
    pub fn new(
        rows: usize,
        columns: usize,
        parameters: usize,
        mut entry: impl FnMut(usize, usize) -> (usize, bool),
    ) -> Signed {
        assert!(
            parameters > 0,
            "signed: {rows}×{columns} from no parameters"
        );
        let place = |i: usize, j: usize| {
            let (place, negative) = entry(i, j);
            assert!(place < parameters, "signed: {place} of {parameters}");
            place + if negative { parameters } else { 0 }
        };
        Signed {
            rows,
            columns,
            parameters,
            table: table(rows, columns, 2 * parameters, place),
        }
    }
}

impl LinearOperator for Signed {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        self.parameters
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let count = self.parameters;
        let both = record.zeros(2 * count, 1);
        record.add(both.row_range(0..count), Map::copy(parameters));
        let negated = Map::new(Function::Scale(-1.0), parameters);
        record.add(both.row_range(count..2 * count), negated);
        emit_shared(record, &self.table, both, x, y);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        Mat::from_fn(self.rows, self.columns, |i, j| {
            let place = self.table.list(i + j * self.rows)[0] as usize;
            if place < self.parameters {
                parameters[place]
            } else {
                -parameters[place - self.parameters]
            }
        })
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns, parameters) = (self.rows, self.columns, self.parameters);
        write!(f, "signed({rows}×{columns} from {parameters})")
    }
}
