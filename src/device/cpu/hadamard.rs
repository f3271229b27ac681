//! The fast Hadamard transform.

use super::operand::{Operand, TASK, Target};
use super::real::Real;
use pulp::Arch;
use rayon::prelude::*;

/// Entries whose first levels are done in registers.
const BASE: usize = 16;

/// The target is a fresh buffer, whole and packed: a record sees to that.
pub(super) fn run<T: Real>(target: Target<'_, T>, scale: T, x: Operand<'_, T>) {
    let rows = x.view.rows;
    let arch = Arch::new();
    target.values[..x.view.entries()]
        .par_chunks_mut(rows)
        .with_min_len(TASK.div_ceil(rows))
        .enumerate()
        .for_each(|(j, y)| {
            match x.column(j) {
                Some(x) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = scale * x),
                None => (0..rows).for_each(|i| y[i] = scale * x.at(i, j)),
            }
            arch.dispatch(|| transform(y));
        });
}

/// `y ← H y`: all levels of blocks of [`BASE`], then two levels at a time.
#[inline(always)]
fn transform<T: Real>(y: &mut [T]) {
    let n = y.len();
    if n < BASE {
        return levels(y);
    }
    let (blocks, _) = y.as_chunks_mut::<BASE>();
    blocks.iter_mut().for_each(|block| levels(block));
    let mut half = BASE;
    if (n / BASE).ilog2() % 2 == 1 {
        for block in y.chunks_exact_mut(2 * half) {
            let (a, b) = block.split_at_mut(half);
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
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

/// All levels, one by one.
#[inline(always)]
fn levels<T: Real>(y: &mut [T]) {
    let n = y.len();
    let mut half = 1;
    while half < n {
        for i in 0..n / 2 {
            let low = 2 * i - i % half;
            (y[low], y[low + half]) = (y[low] + y[low + half], y[low] - y[low + half]);
        }
        half *= 2;
    }
}
