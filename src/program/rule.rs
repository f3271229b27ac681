//! The interface of a primitive: shape, operands, derivative and cost.

use super::backward::Adjoints;
use super::view::View;
use std::fmt;

/// The interface that every primitive implements: shape, operands, derivative and cost.
pub trait Rule: fmt::Display {
    /// Rows, columns and number of matrices of the result.
    fn shape(&self) -> [usize; 3];

    /// The views that are read.
    fn operands(&self) -> Vec<View>;

    /// Adds to the gradient of each operand what `dy`, the gradient of the result, gives it.
    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>);

    /// Floating-point operations; a value of a function counts as one.
    fn flops(&self) -> u64;

    /// Random entries drawn.
    fn draws(&self) -> u64 {
        0
    }

    /// Roundings on the longest path from an operand to an entry of the result.
    fn roundings(&self) -> usize;
}

/// The number of floating-point operations that is `2·a·b·c`, without overflow on the way.
pub(super) fn twice(factors: [usize; 3]) -> u64 {
    2 * factors.into_iter().map(|f| f as u64).product::<u64>()
}
