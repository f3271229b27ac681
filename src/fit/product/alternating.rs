//! Alternating least squares: one factor at a time, the others fixed.

use super::chain::{Chain, Point};
use super::solver::{Limits, Observer, Outcome, Stopped};
use crate::linalg::Triangle;
use faer::MatRef;

/// Sweeps in a row that must gain nothing before the search ends.
const IDLE_SWEEPS: usize = 3;

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
    let mut point = chain.balanced(point);
    let (mut idle, mut sweeps) = (0, 0);
    let stopped = loop {
        if point.relative <= chain.rounding() {
            break Stopped::Exact;
        }
        if idle >= IDLE_SWEEPS {
            break Stopped::Converged;
        }
        if sweeps >= limits.iterations {
            break Stopped::Iterations;
        }
        if !observe(sweeps, point.relative) {
            break Stopped::Interrupted;
        }
        sweeps += 1;
        let before = point.relative;
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
        point = chain.balanced(point);
        idle = match limits.is_idle(before, point.relative) {
            true => idle + 1,
            false => 0,
        };
    };
    Outcome {
        point,
        iterations: sweeps,
        stopped,
    }
}
