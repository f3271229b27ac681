//! Sums over the rows or the columns of a matrix.

use super::backward::Adjoints;
use super::map::Map;
use super::rule::Rule;
use super::view::View;
use std::fmt;

/// The axis that a sum runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// All rows: one sum a column.
    Rows,
    /// All columns: one sum a row.
    Columns,
}

/// `yᵢ = Σⱼ x[i, j]` (over columns, rows × 1) or `yⱼ = Σᵢ x[i, j]` (over rows, 1 × columns).
///
/// Derivative: `dy` across the columns or rows. Cost: one operation an entry.
#[derive(Debug, Clone, Copy)]
pub struct Reduce {
    /// x.
    pub x: View,
    /// The axis that is summed.
    pub over: Axis,
}

impl Reduce {
    /// The sums over `over`.
    ///
    /// # Panics
    /// If `x` is a batch.
    pub fn new(over: Axis, x: View) -> Reduce {
        assert!(x.batch == 1, "reduce: {x} is a batch");
        Reduce { x, over }
    }
}

impl Rule for Reduce {
    fn shape(&self) -> [usize; 3] {
        match self.over {
            Axis::Rows => [1, self.x.columns, 1],
            Axis::Columns => [self.x.rows, 1, 1],
        }
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.x, || {
            Map::copy(match self.over {
                Axis::Rows => dy.across_rows(self.x.rows),
                Axis::Columns => dy.across_columns(self.x.columns),
            })
        });
    }

    fn flops(&self) -> u64 {
        self.x.entries() as u64
    }

    fn roundings(&self) -> usize {
        match self.over {
            Axis::Rows => self.x.rows,
            Axis::Columns => self.x.columns,
        }
    }
}

impl fmt::Display for Reduce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = match self.over {
            Axis::Rows => "rows",
            Axis::Columns => "columns",
        };
        write!(f, "sum over {over} {}", self.x)
    }
}
