//! The two number types whose singular values are computed.

use faer::Par;
use faer::traits::RealField;
use pulp::Simd;

use super::bidiagonal;

/// `f32` or `f64`: what the kernels need beside faer's own field operations.
///
/// Sealed: the kernels' constants are chosen for these two types only.
pub trait Real: sealed::Sealed + RealField + Copy + Send + Sync + 'static {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// 1/2.
    const HALF: Self;
    /// 2.
    const TWO: Self;
    /// Distance from 1 to the next larger number.
    const EPSILON: Self;
    /// Smallest squared shift and pivot of a Sturm count on a matrix of norm about 1:
    /// far below anything that matters, yet its reciprocal is far from overflow.
    const TINY: Self;

    /// `self · a + b`, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// The larger of the two.
    fn max(self, other: Self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Nearest number of this type.
    fn from_f64(x: f64) -> Self;
    /// The same number in double precision.
    fn to_f64(self) -> f64;
    /// `x ← x + a (uᵀx) u`.
    fn reflect<S: Simd>(simd: S, a: Self, u: &[Self], x: &mut [Self]);
    /// Singular values of a bidiagonal matrix, in descending order.
    fn bidiagonal_values(diagonal: &[Self], superdiagonal: &[Self], par: Par) -> Vec<Self>;
}

mod sealed {
    /// Keeps [`super::Real`] to the types of this file.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const HALF: Self = 0.5;
    const TWO: Self = 2.0;
    const EPSILON: Self = f32::EPSILON;
    const TINY: Self = 1e-30;

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        f32::mul_add(self, a, b)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        f32::abs(self)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn reflect<S: Simd>(simd: S, a: Self, u: &[Self], x: &mut [Self]) {
        let (u, u_tail) = S::as_simd_f32s(u);
        let (x, x_tail) = S::as_mut_simd_f32s(x);
        let mut sums = simd.splat_f32s(0.0);
        for (x, u) in x.iter().zip(u) {
            sums = simd.mul_add_f32s(*x, *u, sums);
        }
        let mut dot = simd.reduce_sum_f32s(sums);
        for (x, u) in x_tail.iter().zip(u_tail) {
            dot = x.mul_add(*u, dot);
        }
        let factor = a * dot;
        let factors = simd.splat_f32s(factor);
        for (x, u) in x.iter_mut().zip(u) {
            *x = simd.mul_add_f32s(factors, *u, *x);
        }
        for (x, u) in x_tail.iter_mut().zip(u_tail) {
            *x = factor.mul_add(*u, *x);
        }
    }
    fn bidiagonal_values(diagonal: &[Self], superdiagonal: &[Self], par: Par) -> Vec<Self> {
        bidiagonal::values_f32(diagonal, superdiagonal, par)
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const HALF: Self = 0.5;
    const TWO: Self = 2.0;
    const EPSILON: Self = f64::EPSILON;
    const TINY: Self = 1e-290;

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        f64::mul_add(self, a, b)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn reflect<S: Simd>(simd: S, a: Self, u: &[Self], x: &mut [Self]) {
        let (u, u_tail) = S::as_simd_f64s(u);
        let (x, x_tail) = S::as_mut_simd_f64s(x);
        let mut sums = simd.splat_f64s(0.0);
        for (x, u) in x.iter().zip(u) {
            sums = simd.mul_add_f64s(*x, *u, sums);
        }
        let mut dot = simd.reduce_sum_f64s(sums);
        for (x, u) in x_tail.iter().zip(u_tail) {
            dot = x.mul_add(*u, dot);
        }
        let factor = a * dot;
        let factors = simd.splat_f64s(factor);
        for (x, u) in x.iter_mut().zip(u) {
            *x = simd.mul_add_f64s(factors, *u, *x);
        }
        for (x, u) in x_tail.iter_mut().zip(u_tail) {
            *x = factor.mul_add(*u, *x);
        }
    }
    fn bidiagonal_values(diagonal: &[Self], superdiagonal: &[Self], par: Par) -> Vec<Self> {
        bidiagonal::values_f64(diagonal, superdiagonal, par)
    }
}
