//! Powers of two that bring entries to size 1, exactly.

use super::real::Real;

/// Multiplication by `2^-k`, in two halves so that neither overflows for any finite number.
#[derive(Clone, Copy)]
pub(super) struct Scale<T> {
    halves: [T; 2],
    inverse_halves: [T; 2],
}

impl<T: Real> Scale<T> {
    /// The scale that takes `largest`, positive and finite, into [1, 2).
    pub(super) fn to_unit(largest: T) -> Self {
        let exponent = libm::ilogb(largest.to_f64());
        let power = |e: i32| T::from_f64(libm::ldexp(1.0, e));
        let half = exponent / 2;
        let rest = exponent - half;
        Scale {
            halves: [power(-half), power(-rest)],
            inverse_halves: [power(half), power(rest)],
        }
    }

    /// `2^-k x`.
    #[inline(always)]
    pub(super) fn apply(&self, x: T) -> T {
        x * self.halves[0] * self.halves[1]
    }

    /// `2^k x`.
    #[inline(always)]
    pub(super) fn undo(&self, x: T) -> T {
        x * self.inverse_halves[0] * self.inverse_halves[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An exponent off by one, or a half that overflows, at the ends of both ranges.
    #[test]
    fn any_finite_number_scales_to_one_and_back() {
        for x in [
            5e-324,
            1e-310,
            f64::MIN_POSITIVE,
            1e-3,
            1.0,
            1.99,
            1e150,
            f64::MAX,
        ] {
            let scale = Scale::to_unit(x);
            let unit = scale.apply(x);
            assert!((1.0..2.0).contains(&unit), "{x:e} scaled to {unit}");
            assert_eq!(scale.undo(unit), x);
        }
        for x in [1e-45f32, f32::MIN_POSITIVE, 1.0, f32::MAX] {
            let scale = Scale::to_unit(x);
            let unit = scale.apply(x);
            assert!((1.0..2.0).contains(&unit), "{x:e} scaled to {unit}");
            assert_eq!(scale.undo(unit), x);
        }
    }
}
