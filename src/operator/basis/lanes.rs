//! Two loops over numbers kept in single precision, compiled for each set of vector instructions.

use pulp::{Arch, Simd, WithSimd};

/// `out = x`.
pub(super) fn widen(x: &[f32], out: &mut [f64]) {
    Arch::new().dispatch(Widen { x, out });
}

/// `sum += a x`, product and sum rounded apart.
pub(super) fn add(sum: &mut [f64], a: f64, x: &[f32]) {
    Arch::new().dispatch(Add { sum, a, x });
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

struct Add<'a> {
    sum: &'a mut [f64],
    a: f64,
    x: &'a [f32],
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (sum, &x) in self.sum.iter_mut().zip(self.x) {
            *sum += self.a * f64::from(x);
        }
    }
}
