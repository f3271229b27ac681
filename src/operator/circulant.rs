//! Constant along wrapped diagonals.

use super::shared::{emit_shared, table};
use super::{Cyclic, LinearOperator};
use crate::program::{Lists, Record, View};
use faer::Mat;
use std::fmt;
use std::sync::Arc;

/// `A[i, j] = c[(i − j) mod N]` with `N = max(m, n)` parameters: the first m rows and n columns of a
/// circulant of order N.
///
/// Cost: that of [`Cyclic`] where that pays, else `2 m n` operations a sample, as a dense product.
#[derive(Debug, Clone)]
pub struct Circulant {
    rows: usize,
    columns: usize,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Fast(Cyclic),
    Table(Arc<Lists>),
}

impl Circulant {
    /// `rows × columns`.
    pub fn new(rows: usize, columns: usize) -> Circulant {
        let order = rows.max(columns);
        let place = |i: usize, j: usize| (i + order - j) % order;
        let fast = Cyclic::new(rows, columns, false);
        Circulant {
            rows,
            columns,
            form: if fast.pays() {
                Form::Fast(fast)
            } else {
                Form::Table(table(rows, columns, order, place))
            },
        }
    }
}

impl LinearOperator for Circulant {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        self.rows.max(self.columns)
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        match &self.form {
            Form::Fast(cyclic) => cyclic.emit(record, parameters, x, y),
            Form::Table(table) => emit_shared(record, table, parameters, x, y),
        }
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        // by rotation: column j is column 0 turned down j places
        let mut column = parameters.to_vec();
        let mut a = Mat::zeros(self.rows, self.columns);
        for j in 0..self.columns {
            (0..self.rows).for_each(|i| a[(i, j)] = column[i]);
            column.rotate_right(1);
        }
        a
    }
}

impl fmt::Display for Circulant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "circulant({}×{})", self.rows, self.columns)
    }
}
