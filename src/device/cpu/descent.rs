//! Steps of optimizers.

use super::elementwise::binary;
use super::operand::{Operand, Target};
use super::real::Real;
use faer::traits::math_utils::sqrt;

pub(super) fn run<T: Real>(
    target: Target<'_, T>,
    gradient: Operand<'_, T>,
    weight: Operand<'_, T>,
    rate: Operand<'_, T>,
    decay: T,
) {
    let rate = rate.at(0, 0);
    binary(target, gradient, weight, move |g, w| rate * (g + decay * w));
}

pub(super) fn adam<T: Real>(
    target: Target<'_, T>,
    m: Operand<'_, T>,
    v: Operand<'_, T>,
    settings: Operand<'_, T>,
) {
    let (rate, epsilon) = (settings.at(0, 0), settings.at(1, 0));
    binary(target, m, v, move |m, v| rate * m / (sqrt(&v) + epsilon));
}
