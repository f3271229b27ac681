//! Counts of singular values below a shift, many shifts at a time.
//!
//! For an upper bidiagonal `B` with squared diagonal `qᵢ` and squared superdiagonal `eᵢ`, the
//! stationary qd transformation of `BᵀB − λI` (Fernando & Parlett 1994, eq. 2.6),
//!
//! ```text
//! d₁ = q₁ − λ,   pᵢ = dᵢ + eᵢ,   dᵢ₊₁ = (dᵢ / pᵢ) qᵢ₊₁ − λ,   pₙ = dₙ
//! ```
//!
//! has as many negative pivots `pᵢ` as `B` has singular values below `√λ`, with a small relative
//! backward error in the entries of `B`. The loop over `i` is sequential; the shifts are not: each
//! kernel takes `W` of them, an array that the compiler keeps in a few vector registers.

use super::real::Real;
use super::scale::Scale;

/// Squared diagonal and superdiagonal of an upper bidiagonal matrix of norm about 1.
pub(super) struct Squares<T> {
    pub(super) diagonal: Vec<T>,
    pub(super) superdiagonal: Vec<T>,
}

impl<T: Real> Squares<T> {
    /// Squares of the scaled entries.
    pub(super) fn new(diagonal: &[T], superdiagonal: &[T], scale: Scale<T>) -> Self {
        let square = |x: &T| scale.apply(*x) * scale.apply(*x);
        Squares {
            diagonal: diagonal.iter().map(square).collect(),
            superdiagonal: superdiagonal.iter().map(square).collect(),
        }
    }

    /// Steps of the recurrence after the first: `(eᵢ, qᵢ₊₁)`.
    #[inline(always)]
    fn steps(&self) -> impl Iterator<Item = (T, T)> {
        self.superdiagonal
            .iter()
            .copied()
            .zip(self.diagonal[1..].iter().copied())
    }

    /// Number of singular values below each `x`; the numbers are exact up to 2²⁴.
    ///
    /// A pivot of zero makes what follows it a NaN: then all is done again with pivots kept away
    /// from zero (the way of LAPACK's `dlaneg`; Marques, Riedy & Vömel, SIAM J. Sci. Comput. 28,
    /// 2006).
    #[inline(always)]
    pub(super) fn count<const W: usize>(&self, x: &[T; W]) -> [T; W] {
        let (counts, finite) = self.count_with(
            x,
            #[inline(always)]
            |pivot| pivot,
        );
        if finite {
            counts
        } else {
            self.count_with(x, away_from_zero).0
        }
    }

    /// Counts with the given guard on the pivots, and whether no NaN came up.
    #[inline(always)]
    fn count_with<const W: usize>(&self, x: &[T; W], guard: impl Fn(T) -> T) -> ([T; W], bool) {
        let mut shift = *x;
        let mut d = [self.diagonal[0]; W];
        for l in 0..W {
            shift[l] *= x[l];
            d[l] -= shift[l];
        }
        let mut negative = [T::ZERO; W];
        for (e, q) in self.steps() {
            for l in 0..W {
                let pivot = guard(d[l] + e);
                negative[l] += if pivot < T::ZERO { T::ONE } else { T::ZERO };
                d[l] = (d[l] / pivot).mul_add(q, -shift[l]);
            }
        }
        let mut check = T::ZERO;
        for l in 0..W {
            negative[l] += if d[l] < T::ZERO { T::ONE } else { T::ZERO };
            check += d[l] * T::ZERO;
        }
        (negative, check == T::ZERO)
    }

    /// `λ` after one Newton step on `det(BᵀB − λI)` from each `λ = x²`; a NaN where a pivot is
    /// zero.
    ///
    /// The logarithmic derivative of the determinant is the sum of `pᵢ'/pᵢ`, and the derivative of
    /// the recurrence is `d'ᵢ₊₁ = d'ᵢ eᵢ qᵢ₊₁ / pᵢ² − 1`.
    #[inline(always)]
    pub(super) fn newton<const W: usize>(&self, x: &[T; W]) -> [T; W] {
        let mut shift = *x;
        let mut d = [self.diagonal[0]; W];
        for l in 0..W {
            shift[l] *= x[l];
            d[l] -= shift[l];
        }
        let mut slope = [-T::ONE; W];
        let mut sum = [T::ZERO; W];
        for (e, q) in self.steps() {
            for l in 0..W {
                let inverse = T::ONE / (d[l] + e);
                let ratio = slope[l] * inverse;
                sum[l] += ratio;
                let t = q * inverse;
                d[l] = d[l].mul_add(t, -shift[l]);
                slope[l] = (t * e).mul_add(ratio, -T::ONE);
            }
        }
        for l in 0..W {
            shift[l] -= T::ONE / (sum[l] + slope[l] / d[l]);
        }
        shift
    }
}

/// `pivot`, or a tiny negative number where it is too small to divide by.
#[inline(always)]
fn away_from_zero<T: Real>(pivot: T) -> T {
    if pivot.abs() < T::TINY {
        -T::TINY
    } else {
        pivot
    }
}
