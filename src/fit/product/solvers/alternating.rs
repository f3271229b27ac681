//! Alternating least squares: one factor at a time, the others fixed.

use super::{Limits, Observer, Outcome, iterate};
use crate::fit::product::chain::{Chain, Point, Precision, before};

/// Minimises ‖L F₁ … F_p R - T‖ from `point` by sweeps over the factors, last to first; each step is
/// a linear least-squares problem of K unknowns, 2 m n K² operations, and never loses.
///
/// Steps are found in single precision as long as that gains, and measured in double.
/// Memory is one factor's derivatives, p times less than all of them at once.
pub fn alternating(
    chain: &Chain<'_>,
    point: Point,
    limits: &Limits,
    observe: &mut Observer<'_>,
) -> Outcome {
    iterate(chain, point, limits, observe, |point, idle| {
        Some(if chain.suits_single() && idle == 0 {
            sweep::<f32>(chain, point)
        } else {
            sweep::<f64>(chain, point)
        })
    })
}

fn sweep<T: Precision>(chain: &Chain<'_>, point: &Point) -> Point {
    let mut point = point.clone();
    let mut right = chain.right.clone();
    // A sweep from the last factor to the first changes nothing to the left of the next one.
    for (j, left) in chain.lefts::<T>(&point).iter().enumerate().rev() {
        let problem = chain.linearised_by(&point, j, left.as_ref(), right.as_ref());
        let step = problem.minimiser();
        let a = point.a[j].iter().zip(step).map(|(a, step)| a - step);
        let next = chain.replaced(&point, j, a.collect(), right.as_ref());
        // Rounding alone can make the exact minimiser a hair worse.
        if next.relative < point.relative {
            point = next;
        }
        right = Some(before(&point.factors[j], right.as_ref()));
    }
    point
}
