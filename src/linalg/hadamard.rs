//! The fast Walsh-Hadamard transform.

use faer::MatMut;
use faer::prelude::ReborrowMut;
use std::ops::{Add, Sub};

/// Entries whose first levels are done in registers.
const BASE: usize = 16;

/// Replaces `x` by `H x`, H the symmetric Hadamard matrix of ±1 in natural order: n log₂ n additions.
///
/// All levels of blocks of [`BASE`] numbers come first, then two levels at a time; each level adds and subtracts the same
/// pairs as one by one, so the bits are the same. Inlined, so that a caller can compile it for its vector instructions.
///
/// # Panics
///
/// When the length is no power of two.
#[inline(always)]
pub(crate) fn hadamard<T: Copy + Add<Output = T> + Sub<Output = T>>(x: &mut [T]) {
    let n = x.len();
    assert!(n.is_power_of_two(), "hadamard: {n} numbers");
    if n < BASE {
        return levels(x);
    }
    let (blocks, _) = x.as_chunks_mut::<BASE>();
    blocks.iter_mut().for_each(|block| levels(block));
    let mut half = BASE;
    if (n / BASE).ilog2() % 2 == 1 {
        for block in x.chunks_exact_mut(2 * half) {
            let (a, b) = block.split_at_mut(half);
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    while half < n {
        for block in x.chunks_exact_mut(4 * half) {
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
fn levels<T: Copy + Add<Output = T> + Sub<Output = T>>(x: &mut [T]) {
    let n = x.len();
    let mut half = 1;
    while half < n {
        for i in 0..n / 2 {
            let low = 2 * i - i % half;
            (x[low], x[low + half]) = (x[low] + x[low + half], x[low] - x[low + half]);
        }
        half *= 2;
    }
}

/// `X ← X H`, level by level on whole columns, whose number is a power of two.
pub(crate) fn hadamard_of_rows(mut x: MatMut<'_, f64>) {
    let order = x.ncols();
    let mut half = 1;
    while half < order {
        for low in (0..order).filter(|i| i & half == 0) {
            let (a, b) = x.rb_mut().split_at_col_mut(low + half);
            for (a, b) in a.col_mut(low).iter_mut().zip(b.col_mut(0).iter_mut()) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    /// Signs of a matrix and whole numbers are exact: catches a level lost, doubled or turned, at lengths whose levels are
    /// even and odd in number, and another order for rows.
    #[test]
    fn agrees_with_the_matrix() {
        for n in [1, 2, 4, 8, 16, 32, 64, 256, 512] {
            let x: Vec<f64> = (0..n).map(|i| ((i * i + 3 * i) % 17) as f64).collect();
            let sign = |i: usize, j: usize| 1.0 - 2.0 * f64::from((i & j).count_ones() % 2);
            let expected: Vec<f64> = (0..n)
                .map(|i| (0..n).map(|j| sign(i, j) * x[j]).sum())
                .collect();
            let mut found = x.clone();
            hadamard(&mut found);
            assert_eq!(found, expected);
            let mut rows = Mat::from_fn(2, n, |i, j| (i + 1) as f64 * x[j]);
            hadamard_of_rows(rows.as_mut());
            assert!(
                (0..n).all(|j| rows[(0, j)] == expected[j] && rows[(1, j)] == 2.0 * expected[j])
            );
        }
    }
}
