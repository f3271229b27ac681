//! Cross-entropy of a softmax, in double precision.

use super::operand::{Operand, Target};
use super::real::Real;
use faer::traits::math_utils::from_f64;

/// Largest score of a column, and the sum of the exponentials of what the others are below it.
fn softened<T: Real>(scores: &Operand<'_, T>, column: usize) -> (f64, f64) {
    let score = |i: usize| -> f64 { scores.at(i, column).into() };
    let all = || (0..scores.view.rows).map(score);
    let largest = all().fold(f64::NEG_INFINITY, f64::max);
    (largest, all().map(|x| libm::exp(x - largest)).sum())
}

/// The row of a column's class, none where it is no row.
fn class<T: Real>(
    scores: &Operand<'_, T>,
    classes: &Operand<'_, T>,
    column: usize,
) -> Option<usize> {
    let class: f64 = classes.at(0, column).into();
    let known = class >= 0.0 && class.fract() == 0.0 && class < scores.view.rows as f64;
    known.then_some(class as usize)
}

pub(super) fn run<T: Real>(target: Target<'_, T>, scores: Operand<'_, T>, classes: Operand<'_, T>) {
    target.columns(|j, mut y| {
        let (largest, sum) = softened(&scores, j);
        let loss = class(&scores, &classes, j).map_or(f64::NAN, |class| {
            let own: f64 = scores.at(class, j).into();
            libm::log(sum) - (own - largest)
        });
        y.put(0, from_f64(loss));
    });
}

pub(super) fn gradient<T: Real>(
    target: Target<'_, T>,
    scores: Operand<'_, T>,
    classes: Operand<'_, T>,
    dy: Operand<'_, T>,
) {
    let rows = scores.view.rows;
    target.columns(|j, mut dx| {
        let (largest, sum) = softened(&scores, j);
        let class = class(&scores, &classes, j);
        let dy: f64 = dy.at(0, j).into();
        let each = |i: usize| {
            let score: f64 = scores.at(i, j).into();
            let probability = libm::exp(score - largest) / sum;
            from_f64(match class {
                Some(class) => (probability - f64::from(u8::from(class == i))) * dy,
                None => f64::NAN,
            })
        };
        dx.put_all((0..rows).map(each));
    });
}
