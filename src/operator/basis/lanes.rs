//! Sums of matrices that are kept in memory, compiled for each set of vector instructions.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Entries of a sum that are made together: 64 KiB.
const CHUNK: usize = 8192;

/// A number that is kept, in single or double precision.
pub(in crate::operator) trait Kept: Copy + Sync + Into<f64> {}
impl Kept for f32 {}
impl Kept for f64 {}

/// Σₖ aₖ Mₖ of terms of `size` entries, term after term at each entry, product and sum rounded apart.
pub(in crate::operator) fn combine<'a, X: Kept + 'a>(
    a: &[f64],
    terms: usize,
    size: usize,
    term: impl Fn(usize) -> &'a [X] + Sync,
) -> Vec<f64> {
    assert_eq!(a.len(), terms, "combine: one coefficient a term");
    let mut sum = vec![0.0; size];
    let chunks = sum.par_chunks_mut(CHUNK).enumerate();
    chunks.for_each(|(chunk, sum)| {
        let start = chunk * CHUNK;
        let end = start + sum.len();
        let part = |k| &term(k)[start..end];
        // Four at a time: the sum is read and written once for them.
        let (fours, rest) = a.as_chunks::<4>();
        for (k, &a) in fours.iter().enumerate() {
            let x = [0, 1, 2, 3].map(|i| part(4 * k + i));
            Arch::new().dispatch(Add { sum, a, x });
        }
        for (k, &a) in rest.iter().enumerate() {
            let x = [part(4 * fours.len() + k)];
            Arch::new().dispatch(Add { sum, a: [a], x });
        }
    });
    sum
}

/// `out = x`.
pub(super) fn widen(x: &[f32], out: &mut [f64]) {
    Arch::new().dispatch(Widen { x, out });
}

struct Widen<'a> {
    x: &'a [f32],
    out: &'a mut [f64],
}

impl WithSimd for Widen<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (out, &x) in self.out.iter_mut().zip(self.x) {
            *out = f64::from(x);
        }
    }
}

/// `sum += a₀ x₀`, then `a₁ x₁`, and on.
struct Add<'a, X, const N: usize> {
    sum: &'a mut [f64],
    a: [f64; N],
    x: [&'a [X]; N],
}

impl<X: Kept, const N: usize> WithSimd for Add<'_, X, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let x = self.x.map(|x| &x[..self.sum.len()]);
        for (i, sum) in self.sum.iter_mut().enumerate() {
            for (a, x) in self.a.iter().zip(x) {
                *sum += a * x[i].into();
            }
        }
    }
}
