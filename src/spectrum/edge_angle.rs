//! The Marchenko-Pastur law as a function of an angle.
//!
//! The laws of eigenvalues and of singular values are both written with the angle θ in `[0, π]` that
//! runs from the lower edge to the upper,
//! `x = σ² (1 + q² - 2 q cos θ)`, `q = √y ≤ 1`. In it the distribution function is
//!
//! ```text
//! F(θ) = (2/π) ∫₀^θ sin²t / (1 + q² - 2 q cos t) dt
//!      = (θ + δ + (q sin θ - δ)/q²) / π,    δ = atan2(q sin θ, 1 - q cos θ),
//! ```
//!
//! which has no division by `1 - y`, so that square matrices are no special case.

use std::f64::consts::PI;
use std::sync::LazyLock;

use super::quadrature::gauss_legendre;

/// The continuous part for entries of variance one and `y = q² ≤ 1`, as a function of θ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Angle {
    /// √y.
    pub(super) q: f64,
    /// 1 - √y, from 1 - y: the difference of the rounded numbers would cancel.
    pub(super) gap: f64,
}

/// 16 points are exact to rounding on a length up to the distance to the density's poles.
static RULE: LazyLock<[(f64, f64); 16]> = LazyLock::new(gauss_legendre);

impl Angle {
    /// For `0 < y ≤ 1` and its complement `1 - y`.
    pub(super) fn new(y: f64, complement: f64) -> Self {
        let q = y.sqrt();
        Angle {
            q,
            gap: complement / (1.0 + q),
        }
    }

    /// `1 + q² - 2 q cos θ` without cancellation at small θ.
    pub(super) fn distance(self, theta: f64) -> f64 {
        let half = (theta / 2.0).sin();
        self.gap.powi(2) + 4.0 * self.q * half * half
    }

    /// dF/dθ.
    fn density(self, theta: f64) -> f64 {
        let sine = theta.sin();
        if sine == 0.0 {
            // At the lower edge of a square matrix the limit is 2/π.
            return if self.q == 1.0 && theta < 1.0 {
                2.0 / PI
            } else {
                0.0
            };
        }
        2.0 / PI * sine * sine / self.distance(theta)
    }

    fn closed_form(self, theta: f64) -> f64 {
        let q = self.q;
        let (sine, cosine) = theta.sin_cos();
        let delta = (q * sine).atan2(self.gap + q * 2.0 * (theta / 2.0).sin().powi(2));
        if q < 0.25 {
            // (q sin θ - δ)/q² = -Σ_{k≥2} q^(k-2) sin(kθ)/k: here the difference would cancel.
            let (mut before, mut current) = (sine, 2.0 * sine * cosine);
            let (mut power, mut sum) = (1.0, 0.0);
            for k in 2..30 {
                sum -= power * current / f64::from(k);
                (before, current) = (current, 2.0 * cosine * current - before);
                power *= q;
            }
            (theta + delta + sum) / PI
        } else {
            // δ - δ/q² as one term, small where q is near one.
            (theta + (sine - delta * self.gap * (1.0 + q) / q) / q) / PI
        }
    }

    /// F(θ), relatively accurate down to the lower edge.
    pub(super) fn cdf(self, theta: f64) -> f64 {
        if theta <= 1.0_f64.min(-(-self.gap).ln_1p()) {
            integral(theta, |t| self.density(t))
        } else {
            self.closed_form(theta).min(1.0)
        }
    }

    /// 1 - F(θ) from `π - θ`, relatively accurate up to the upper edge.
    pub(super) fn sf(self, complement: f64) -> f64 {
        if complement <= 1.0 {
            // The density is smooth here: its poles are at distance π - 1 or more.
            integral(complement, |u| {
                let (sine, half) = (u.sin(), (u / 2.0).sin());
                let distance = (1.0 + self.q).powi(2) - 4.0 * self.q * half * half;
                2.0 / PI * sine * sine / distance
            })
        } else {
            1.0 - self.closed_form(PI - complement).min(1.0)
        }
    }

    /// The pair (θ, π - θ) at which F is `p`, by Newton's steps inside a shrinking bracket.
    pub(super) fn quantile(self, p: f64) -> (f64, f64) {
        let upper = p > 0.5;
        let target = if upper { 1.0 - p } else { p };
        let value = |t: f64| if upper { self.sf(t) } else { self.cdf(t) };
        let slope = |t: f64| self.density(if upper { PI - t } else { t });
        let (mut low, mut high) = (0.0, PI);
        let mut t = PI / 2.0;
        for _ in 0..200 {
            let excess = value(t) - target;
            if excess > 0.0 {
                high = t;
            } else {
                low = t;
            }
            let next = t - excess / slope(t);
            if !(next >= low && next <= high) {
                t = 0.5 * (low + high);
                continue;
            }
            let step = (next - t).abs();
            t = next;
            // The error is the square of the step: below rounding.
            if step <= 1e-9 * t {
                break;
            }
        }
        if upper { (PI - t, t) } else { (t, PI - t) }
    }
}

/// ∫ f over [0, length].
fn integral(length: f64, f: impl Fn(f64) -> f64) -> f64 {
    length * RULE.iter().map(|&(t, w)| w * f(length * t)).sum::<f64>()
}
