//! The largest of listed rows: max pooling.

use super::backward::Adjoints;
use super::gather::Lists;
use super::rule::Rule;
use super::view::View;
use std::fmt;
use std::sync::Arc;

/// `y[i, :] = max_{j ∈ list(i)} x[j, :]`: `x` sources × samples, `y` lists × samples.
///
/// Derivative: [`MaximumGradient`]. Cost: one operation for each listed row and column.
#[derive(Debug, Clone)]
pub struct Maximum {
    /// Which rows are compared.
    pub lists: Arc<Lists>,
    /// x.
    pub x: View,
}

/// `dx[j, :] = Σᵢ dy[i, :]` over the lists i in which row j is the largest, of equal ones the first:
/// sums of listed rows of `dy`, so that no machine adds to one place twice at a time.
///
/// It has a derivative in `dy` only by itself, not here. Cost: one operation for each row of each list
/// that a row is in.
#[derive(Debug, Clone)]
pub struct MaximumGradient {
    /// Which rows were compared.
    pub lists: Arc<Lists>,
    /// For each row, the lists that it is in.
    pub places: Arc<Lists>,
    /// x.
    pub x: View,
    /// dy.
    pub dy: View,
}

impl Maximum {
    /// The largest of listed rows of `x`.
    ///
    /// # Panics
    /// If a list is empty, `x` has another number of rows than the lists' sources, or is a batch.
    pub fn new(lists: Arc<Lists>, x: View) -> Maximum {
        let rows = lists.len();
        let full = rows > 0 && (0..rows).all(|i| !lists.list(i).is_empty());
        let fits = x.rows == lists.sources() && x.batch == 1 && full;
        assert!(
            fits,
            "maximum: {rows} lists of {} rows from {x}",
            lists.sources()
        );
        Maximum { lists, x }
    }
}

impl Rule for Maximum {
    fn shape(&self) -> [usize; 3] {
        [self.lists.len(), self.x.columns, 1]
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.x, || MaximumGradient {
            lists: Arc::clone(&self.lists),
            places: Arc::new(self.lists.transpose()),
            x: self.x,
            dy,
        });
    }

    fn flops(&self) -> u64 {
        (self.lists.count() * self.x.columns) as u64
    }

    fn roundings(&self) -> usize {
        0
    }
}

impl Rule for MaximumGradient {
    fn shape(&self) -> [usize; 3] {
        self.x.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x, self.dy]
    }

    fn differentiate(&self, _: View, adjoints: &mut Adjoints<'_>) {
        for operand in [self.x, self.dy] {
            adjoints.refuse(operand, "maximum: no second derivative at");
        }
    }

    fn flops(&self) -> u64 {
        let lengths = (0..self.lists.len()).map(|i| self.lists.list(i).len().pow(2));
        (lengths.sum::<usize>() * self.x.columns) as u64
    }

    fn roundings(&self) -> usize {
        self.places.longest().saturating_sub(1)
    }
}

impl fmt::Display for Maximum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (listed, rows) = (self.lists.count(), self.lists.len());
        write!(f, "largest of {listed} rows in {rows} of {}", self.x)
    }
}

impl fmt::Display for MaximumGradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to the largest rows of {}", self.dy, self.x)
    }
}
