//! Alternating least squares: one factor at a time, the others fixed.

use super::chain::{Chain, Point};
use super::solver::{Limits, Observer, Outcome, iterate};
use crate::linalg::Triangle;
use faer::MatRef;

/// Minimises ‖L F₁ … F_p R - T‖ from `point` by sweeps over the factors, last to first; each step is
/// a linear least-squares problem of K unknowns, 2 m n K² operations, and never loses.
///
/// Memory is one factor's derivatives, p times less than all of them at once.
pub(super) fn alternating(
    chain: &Chain<'_>,
    point: Point,
    limits: &Limits,
    observe: &mut Observer<'_>,
) -> Outcome {
    iterate(chain, point, limits, observe, |point| {
        let mut point = point.clone();
        // A sweep from the last factor to the first changes nothing to the left of the next one.
        for (j, left) in chain.lefts(&point).iter().enumerate().rev() {
            let columns = chain.design(&point, j, left.as_ref());
            let width = chain.terms()[j] + 1;
            let problem = MatRef::from_column_major_slice(&columns, columns.len() / width, width);
            let next = chain.replaced(&point, j, Triangle::of(problem).solve().solution);
            // Rounding alone can make the exact minimiser a hair worse.
            if next.relative < point.relative {
                point = next;
            }
        }
        Some(point)
    })
}
