//! One number everywhere.

use super::backward::Adjoints;
use super::rule::Rule;
use super::view::View;
use std::fmt;

/// `y[i, j] = value`. It depends on nothing, so it has no derivative. Cost: nothing but the writing.
#[derive(Debug, Clone, Copy)]
pub struct Fill {
    /// The number.
    pub value: f64,
    /// Rows of the result.
    pub rows: usize,
    /// Columns of the result.
    pub columns: usize,
}

impl Rule for Fill {
    fn shape(&self) -> [usize; 3] {
        [self.rows, self.columns, 1]
    }

    fn operands(&self) -> Vec<View> {
        Vec::new()
    }

    fn differentiate(&self, _: View, _: &mut Adjoints<'_>) {}

    fn flops(&self) -> u64 {
        0
    }

    fn roundings(&self) -> usize {
        0
    }
}

impl fmt::Display for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fill {}", self.value)
    }
}
