//! The Tracy-Widom law of order one.

use std::sync::LazyLock;

use statrs::distribution::{Continuous, ContinuousCDF};
use statrs::statistics::{Distribution, Max, Median, Min};

use super::airy::airy_ai;

/// Limit law of the largest eigenvalue of real symmetric random matrices (β = 1), centred and
/// scaled; see [`spike_p_value`](super::spike_p_value) for the covariance case.
///
/// `F(s) = det(1 - K)` on `L²(0, ∞)` with kernel `Ai(x + y + s)` (Ferrari, Spohn 2005), the
/// determinant by a 40-point Gauss-Legendre rule, whose error falls exponentially with the number
/// of points (Bornemann, Math. Comp. 79, 2010). With `1 - K = L D Lᵀ` and `Dᵢ = 1 - eᵢ`, `ln F` is
/// `Σ ln(1 - eᵢ)`, so that the survival function keeps its relative accuracy (1e-13, times
/// `1 + s^1.5`) down to the smallest positive numbers. The distribution function is accurate to
/// 1e-14 absolutely and zero left of -10, where it is below 1e-21. A call takes some 50 µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TracyWidom;

const POINTS: usize = 40;

/// Where the distribution function is below 1e-21.
const LEFT_END: f64 = -10.0;

/// Abscissae and weights of the Gauss-Legendre rule on [0, 1].
static RULE: LazyLock<[(f64, f64); POINTS]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        // Newton's steps on P_n from the Chebyshev-like guess.
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (POINTS as f64 + 0.5)).cos();
        for _ in 0..8 {
            let (value, slope) = legendre(x);
            x -= value / slope;
        }
        let (_, slope) = legendre(x);
        (0.5 - 0.5 * x, 1.0 / ((1.0 - x * x) * slope * slope))
    })
});

/// P_n and its derivative, n = [`POINTS`].
fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut current) = (1.0, x);
    for k in 2..=POINTS {
        let k = k as f64;
        (before, current) = (
            current,
            ((2.0 * k - 1.0) * x * current - (k - 1.0) * before) / k,
        );
    }
    (
        current,
        POINTS as f64 * (x * current - before) / (x * x - 1.0),
    )
}

/// ln F(s), and F'(s)/F(s) = ½ (Ai(s) + bᵀ (1 - K)⁻¹ b), b = Ai(· + s): the trace
/// `-tr (1 - K)⁻¹ ∂K/∂s` integrated by parts. `None` where `1 - K` is singular to rounding.
fn log_cdf_and_slope(s: f64) -> Option<(f64, f64)> {
    // Beyond this length the kernel is below e^-40 of its value at 0 (or at the turning point).
    let length = (s.max(0.0).powf(1.5) + 60.0).powf(2.0 / 3.0) - s;
    let nodes: [(f64, f64); POINTS] = RULE.map(|(x, w)| (length * x, (length * w).sqrt()));

    // Row by row: lower[i][k] = L_ik, pivots D_k, and z = L⁻¹ b.
    let mut lower = [[0.0; POINTS]; POINTS];
    let (mut pivots, mut solution) = ([0.0; POINTS], [0.0; POINTS]);
    let (mut log_cdf, mut form) = (0.0, 0.0);
    for (i, &(x, weight)) in nodes.iter().enumerate() {
        let (above, rest) = lower.split_at_mut(i);
        let row = &mut rest[0];
        for (j, &(y, other)) in nodes[..i].iter().enumerate() {
            // Scaled by the pivot only after the row's sums are taken.
            let known: f64 = (0..j).map(|k| row[k] * above[j][k]).sum();
            row[j] = -weight * other * airy_ai(x + y + s) - known;
        }
        let mut removed = weight * weight * airy_ai(2.0 * x + s);
        let mut residual = weight * airy_ai(x + s);
        for k in 0..i {
            let scaled = row[k] / pivots[k];
            removed += scaled * row[k];
            residual -= scaled * solution[k];
            row[k] = scaled;
        }
        let pivot = 1.0 - removed;
        if pivot <= 0.0 {
            return None;
        }
        pivots[i] = pivot;
        solution[i] = residual;
        log_cdf += (-removed).ln_1p();
        form += residual * residual / pivot;
    }
    Some((log_cdf, 0.5 * (airy_ai(s) + form)))
}

impl TracyWidom {
    /// F, 1 - F and the density at `s`.
    fn values(s: f64) -> (f64, f64, f64) {
        if s.is_nan() {
            return (s, s, s);
        }
        if s < LEFT_END {
            return (0.0, 1.0, 0.0);
        }
        // Ai(107) is below the smallest positive number.
        if s > 107.0 {
            return (1.0, 0.0, 0.0);
        }
        match log_cdf_and_slope(s) {
            Some((log_cdf, slope)) => {
                let cdf = log_cdf.exp();
                (cdf, -log_cdf.exp_m1(), cdf * slope)
            }
            None => (0.0, 1.0, 0.0),
        }
    }
}

impl Min<f64> for TracyWidom {
    fn min(&self) -> f64 {
        f64::NEG_INFINITY
    }
}

impl Max<f64> for TracyWidom {
    fn max(&self) -> f64 {
        f64::INFINITY
    }
}

impl Continuous<f64, f64> for TracyWidom {
    fn pdf(&self, s: f64) -> f64 {
        Self::values(s).2
    }

    fn ln_pdf(&self, s: f64) -> f64 {
        self.pdf(s).ln()
    }
}

impl ContinuousCDF<f64, f64> for TracyWidom {
    fn cdf(&self, s: f64) -> f64 {
        Self::values(s).0
    }

    fn sf(&self, s: f64) -> f64 {
        Self::values(s).1
    }

    /// The s at which F is `p`; NaN for `p` outside `[0, 1]`, and -10 at the least for `p > 0`.
    fn inverse_cdf(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        if p == 0.0 {
            return self.min();
        }
        if p == 1.0 {
            return self.max();
        }
        // Newton's steps on the logarithm of the smaller tail, which is nearly concave.
        let (mut low, mut high) = (LEFT_END, 20.0);
        let mut s = -1.0;
        for _ in 0..100 {
            let (cdf, sf, density) = Self::values(s);
            let step = if p > 0.5 {
                (sf / (1.0 - p)).ln() * sf / density
            } else {
                -(cdf / p).ln() * cdf / density
            };
            if step > 0.0 {
                low = s;
            } else {
                high = s;
            }
            let mut next = s + step;
            if !(next >= low && next <= high) {
                next = 0.5 * (low + high);
            }
            let moved = (next - s).abs();
            s = next;
            if moved < 1e-14 {
                break;
            }
        }
        s
    }
}

impl Distribution<f64> for TracyWidom {
    fn mean(&self) -> Option<f64> {
        Some(-1.206_533_574_582_0)
    }

    fn variance(&self) -> Option<f64> {
        Some(1.607_781_034_581)
    }

    fn skewness(&self) -> Option<f64> {
        Some(0.293_464_524_08)
    }
}

impl Median<f64> for TracyWidom {
    fn median(&self) -> f64 {
        self.inverse_cdf(0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// F(s) = exp(-½ ∫_s^∞ (q + (x - s) q²) dx), q the Hastings-McLeod solution of Painlevé II
    /// (Tracy, Widom 1996), by Runge-Kutta steps from q(10) = Ai(10) to the left.
    fn painleve(points: &[f64]) -> Vec<f64> {
        // State: q, q', ∫q, ∫q², ∫(x-s)q².
        let derivative = |s: f64, u: [f64; 5]| {
            [
                u[1],
                s * u[0] + 2.0 * u[0].powi(3),
                -u[0],
                -u[0] * u[0],
                -u[3],
            ]
        };
        let add = |u: [f64; 5], h: f64, v: [f64; 5]| -> [f64; 5] {
            std::array::from_fn(|i| u[i] + h * v[i])
        };
        let ai = 1.1047532552898687e-10;
        // Ai'(10) from the table of Ai; ∫_10^∞ Ai ≈ Ai(10)/√10 (1 - 3/(4·10^1.5)) to 1e-13.
        let mut state = [
            ai,
            -3.5206336767389237e-10,
            ai / 10.0_f64.sqrt() * 0.9763,
            0.0,
            0.0,
        ];
        let steps_per_unit = 1000;
        let h = -1.0 / f64::from(steps_per_unit);
        let mut values = Vec::new();
        for step in 0..=(14 * steps_per_unit) {
            let s = 10.0 + f64::from(step) * h;
            for &point in points {
                if (point - s).abs() < 1e-9 {
                    values.push((-0.5 * (state[2] + state[4])).exp());
                }
            }
            let k1 = derivative(s, state);
            let k2 = derivative(s + 0.5 * h, add(state, 0.5 * h, k1));
            let k3 = derivative(s + 0.5 * h, add(state, 0.5 * h, k2));
            let k4 = derivative(s + h, add(state, h, k3));
            let slope = std::array::from_fn(|i| (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]) / 6.0);
            state = add(state, h, slope);
        }
        values
    }

    #[test]
    fn agrees_with_painleve() {
        let points = [
            4.0, 3.0, 2.5, 2.0, 1.0, 0.5, 0.0, -0.5, -1.0, -1.5, -2.0, -2.5, -3.0,
        ];
        let values = painleve(&points);
        assert_eq!(values.len(), points.len());
        for (s, value) in points.iter().zip(values) {
            // Errors of 1e-12 a unit grow as exp(2√2/3 |s|^1.5), below 150 down to -3.
            assert!(
                (TracyWidom.cdf(*s) - value).abs() < 2e-10,
                "{s}: {} {value}",
                TracyWidom.cdf(*s)
            );
        }
    }

    #[test]
    fn agrees_with_johnstones_table() {
        // Johnstone, Ann. Statist. 29 (2001), table 1, column TW₁: percentiles to two decimals.
        for (s, p) in [
            (-3.90, 0.01),
            (-3.18, 0.05),
            (-2.78, 0.10),
            (-1.91, 0.30),
            (-1.27, 0.50),
            (-0.59, 0.70),
            (0.45, 0.90),
            (0.98, 0.95),
            (2.02, 0.99),
        ] {
            let quantile = TracyWidom.inverse_cdf(p);
            assert!((quantile - s).abs() < 0.005 + 1e-9, "{p}: {quantile}");
        }
    }

    #[test]
    fn quantiles_invert_the_distribution() {
        for p in [1e-12, 1e-6, 0.01, 0.3, 0.5, 0.7, 0.95, 0.999, 1.0 - 1e-9] {
            let back = TracyWidom.cdf(TracyWidom.inverse_cdf(p));
            assert!((back - p).abs() < 2e-14, "{p}: {back}");
        }
        assert_eq!(TracyWidom.inverse_cdf(0.0), f64::NEG_INFINITY);
        assert_eq!(TracyWidom.inverse_cdf(1.0), f64::INFINITY);
        assert!(TracyWidom.inverse_cdf(1.5).is_nan());
    }

    #[test]
    fn the_slope_of_the_distribution_is_the_density() {
        let h = 0.01;
        for i in -50..60 {
            let s = 0.1 * f64::from(i);
            let f = |k: f64| TracyWidom.cdf(s + k * h);
            let slope = (45.0 * (f(1.0) - f(-1.0)) - 9.0 * (f(2.0) - f(-2.0)) + f(3.0) - f(-3.0))
                / (60.0 * h);
            // Sixth-order differences: h⁶/140 times the seventh derivative, and 1e-14/h.
            assert!(
                (slope - TracyWidom.pdf(s)).abs() < 5e-12,
                "{s}: {slope} {}",
                TracyWidom.pdf(s)
            );
        }
    }

    #[test]
    fn moments_integrate() {
        // Trapezoidal sums of a density that vanishes smoothly at both ends converge exponentially.
        let h = 0.05;
        let points: Vec<(f64, f64)> = (-190..500)
            .map(|i| f64::from(i) * h)
            .map(|s| (s, TracyWidom.pdf(s) * h))
            .collect();
        let moment =
            |f: &dyn Fn(f64) -> f64| points.iter().map(|&(s, mass)| f(s) * mass).sum::<f64>();
        let (mean, variance) = (TracyWidom.mean().unwrap(), TracyWidom.variance().unwrap());
        assert!((moment(&|_| 1.0) - 1.0).abs() < 1e-13);
        assert!((moment(&|s| s) - mean).abs() < 1e-12, "{}", moment(&|s| s));
        assert!(
            (moment(&|s| (s - mean).powi(2)) - variance).abs() < 1e-12,
            "{}",
            moment(&|s| (s - mean).powi(2))
        );
        let skewness = moment(&|s| (s - mean).powi(3)) / variance.powf(1.5);
        assert!(
            (skewness - TracyWidom.skewness().unwrap()).abs() < 1e-11,
            "{skewness}"
        );
    }

    #[test]
    fn the_right_tail_is_relatively_accurate() {
        // To first order 1 - F = tr K = ½ ∫_s^∞ Ai; the next order is Ai(s) smaller. ∫Ai from mpmath
        // 1.3.0: 1/3 - airyai(s, derivative=-1) at 360 digits.
        for (s, integral) in [
            (12.0, 3.953145915043153e-14),
            (25.0, 1.6136518795698452e-38),
            (50.0, 6.47042653392402e-105),
            (80.0, 7.112200451619027e-210),
            (100.0, 2.6325111287618616e-292),
        ] {
            let s: f64 = s;
            let relative = TracyWidom.sf(s) / (0.5 * integral) - 1.0;
            let tolerance = 8.0 * f64::EPSILON * (1.0 + s.powf(1.5)) + 2.0 * integral;
            assert!(relative.abs() < tolerance, "{s}: {relative:e}");
        }
    }

    #[test]
    fn the_ends_are_defined() {
        let values = |s: f64| (TracyWidom.cdf(s), TracyWidom.sf(s), TracyWidom.pdf(s));
        assert_eq!(values(-40.0), (0.0, 1.0, 0.0));
        assert_eq!(values(1e300), (1.0, 0.0, 0.0));
        assert_eq!(values(f64::INFINITY), (1.0, 0.0, 0.0));
        assert!(TracyWidom.cdf(f64::NAN).is_nan());
    }
}
