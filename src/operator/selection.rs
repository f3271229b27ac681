//! Rows of the input, chosen by a table.

use super::LinearOperator;
use crate::program::{Gather, Lists, Record, View};
use faer::Mat;
use std::fmt;
use std::sync::Arc;

/// `y[i] = x[t[i]]`: permutations, samples with or without repetition. Sampled columns are its
/// adjoint. No parameters.
///
/// Cost: one operation a row and sample.
#[derive(Debug, Clone)]
pub struct Selection {
    table: Vec<usize>,
    columns: usize,
    lists: Arc<Lists>,
}

impl Selection {
    /// Row `i` takes input `table[i]` of `columns`.
    ///
    /// # Panics
    /// If the table is empty or names an input that is not there.
    pub fn new(table: Vec<usize>, columns: usize) -> Selection {
        let rows = table.len();
        let inside = rows > 0 && table.iter().all(|&source| source < columns);
        assert!(inside, "selection: {rows} rows from {columns}: {table:?}");
        let lists = Lists::from_table(columns, table.iter().copied().map(Some));
        Selection {
            table,
            columns,
            lists: Arc::new(lists),
        }
    }
}

impl LinearOperator for Selection {
    fn shape(&self) -> (usize, usize) {
        (self.table.len(), self.columns)
    }

    fn parameters(&self) -> usize {
        0
    }

    fn emit(&self, record: &mut Record, _: View, x: View, y: View) {
        record.add(y, Gather::new(Arc::clone(&self.lists), x));
    }

    fn dense(&self, _: &[f64]) -> Mat<f64> {
        Mat::from_fn(self.table.len(), self.columns, |i, j| {
            f64::from(self.table[i] == j)
        })
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "selection({}×{})", self.table.len(), self.columns)
    }
}
