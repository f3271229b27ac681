//! The fast Hadamard transform.

use super::Real;
use super::operand::{Operand, TASK, Target};
use pulp::Arch;
use rayon::prelude::*;

/// The target is a fresh packed buffer: a record sees to that.
pub(super) fn run<T: Real>(target: Target<'_, T>, scale: T, x: Operand<'_, T>) {
    let rows = x.view.rows;
    let arch = Arch::new();
    target.values[..x.view.entries()]
        .par_chunks_mut(rows)
        .with_min_len(TASK.div_ceil(rows))
        .enumerate()
        .for_each(|(j, y)| {
            for (i, y) in y.iter_mut().enumerate() {
                *y = scale * x.at(i, j);
            }
            arch.dispatch(|| transform(y));
        });
}

/// `y ← H y`, four butterflies of two levels at a time.
#[inline(always)]
fn transform<T: Real>(y: &mut [T]) {
    let n = y.len();
    let mut half = 1;
    if n.ilog2() % 2 == 1 {
        for pair in y.chunks_exact_mut(2) {
            (pair[0], pair[1]) = (pair[0] + pair[1], pair[0] - pair[1]);
        }
        half = 2;
    }
    while half < n {
        for block in y.chunks_exact_mut(4 * half) {
            let (low, high) = block.split_at_mut(2 * half);
            let (a, b) = low.split_at_mut(half);
            let (c, d) = high.split_at_mut(half);
            for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
                let (s, t) = (*a + *b, *a - *b);
                let (u, v) = (*c + *d, *c - *d);
                (*a, *b, *c, *d) = (s + u, t + v, s - u, t - v);
            }
        }
        half *= 4;
    }
}
