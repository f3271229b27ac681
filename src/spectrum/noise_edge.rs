//! The largest and the smallest singular value of pure noise.

use std::sync::LazyLock;

use statrs::distribution::{Continuous, ContinuousCDF};

use super::TracyWidom;

/// Centre and scale of `s₁²/σ²` for an `m × n` matrix of independent real Gaussian entries:
/// `(√(m-½) + √(n-½))²` and `(√(m-½) + √(n-½)) (1/√(m-½) + 1/√(n-½))^(1/3)`.
///
/// Johnstone (2001) has `n - 1` and `m`; Ma (Bernoulli 18, 2012) takes ½ off both, which is
/// symmetric and lowers the error of the limit from `O(min^(-1/3))` to `O(min^(-2/3))`.
pub(super) fn centre_and_scale(m: usize, n: usize) -> (f64, f64) {
    let (a, b) = ((m as f64 - 0.5).sqrt(), (n as f64 - 0.5).sqrt());
    ((a + b).powi(2), (a + b) * (1.0 / a + 1.0 / b).cbrt())
}

/// Chance that the largest singular value of an `m × n` matrix of independent Gaussian entries of
/// the given variance is at least `s`: Tracy-Widom of order one at the centred and scaled `s²`.
/// Symmetric in m and n; unchanged when s scales by c and the variance by c².
///
/// # Panics
///
/// When a dimension is zero.
pub fn spike_p_value(s: f64, m: usize, n: usize, variance: f64) -> f64 {
    assert!(m > 0 && n > 0, "spike_p_value of a {m} x {n} matrix");
    let (centre, scale) = centre_and_scale(m, n);
    let ratio = s / variance.sqrt();
    TracyWidom.sf((ratio * ratio - centre) / scale)
}

/// The singular value that the largest one of an `m × n` matrix of independent Gaussian entries of
/// the given variance exceeds with the chance `level`.
///
/// # Panics
///
/// When a dimension is zero.
pub fn spike_edge(level: f64, m: usize, n: usize, variance: f64) -> f64 {
    assert!(m > 0 && n > 0, "spike_edge of a {m} x {n} matrix");
    let (centre, scale) = centre_and_scale(m, n);
    let excess = TracyWidom.inverse_cdf(1.0 - level);
    (variance * (centre + scale * excess).max(0.0)).sqrt()
}

/// Aspect ratio from which the smallest singular value has a law that is near enough to its limit.
const LOWER_ASPECT: usize = 2;

/// The singular value below which the smallest one of an `m × n` matrix of Gaussian entries lies
/// with the chance `level`; `None` where one side is not at least twice the other, for there the
/// smallest value feels the hard edge at zero.
///
/// `(ln s_min² - ν)/τ` tends to Tracy-Widom reflected, with `μ = (√(n-½) - √(m-½))²`,
/// `σ = (√(n-½) - √(m-½)) (1/√(m-½) - 1/√(n-½))^(1/3)`, `τ = σ/μ`, `ν = ln μ + τ²/8`
/// (Ma, Bernoulli 18, 2012, theorem 2). `fitted` says that σ² is the mean square of the values
/// themselves, whose error is then taken out as in [`FittedEdge`]; `excess` is the kurtosis of the
/// entries, as there.
pub(super) fn lower_edge(
    level: f64,
    m: usize,
    n: usize,
    variance: f64,
    excess: f64,
    fitted: bool,
) -> Option<f64> {
    let law = SmallestLaw::new(m, n, excess, fitted)?;
    let z = TABLE.excess(level, law.error);
    Some((variance * (law.log_centre - law.scale * z).exp()).sqrt())
}

/// Chance of a smallest square of at most this ratio to the mean square; `None` as for [`lower_edge`].
pub(super) fn lower_p_value(m: usize, n: usize, ratio: f64, excess: f64) -> Option<f64> {
    let law = SmallestLaw::new(m, n, excess, true)?;
    Some(TABLE.survival((law.log_centre - ratio.ln()) / law.scale, law.error))
}

/// ν, τ and the spread that the fitted variance adds, in units of τ².
struct SmallestLaw {
    log_centre: f64,
    scale: f64,
    error: f64,
}

impl SmallestLaw {
    fn new(m: usize, n: usize, excess: f64, fitted: bool) -> Option<SmallestLaw> {
        let (short, long) = (m.min(n), m.max(n));
        if short == 0 || long < LOWER_ASPECT * short {
            return None;
        }
        let (a, b) = ((short as f64 - 0.5).sqrt(), (long as f64 - 0.5).sqrt());
        let centre = (b - a).powi(2);
        let scale = (b - a) * (1.0 / a - 1.0 / b).cbrt() / centre;
        let entries = short as f64 * long as f64;
        Some(SmallestLaw {
            log_centre: centre.ln() + scale * scale / 8.0 - excess / entries.sqrt(),
            scale,
            error: if fitted {
                2.0 / entries / (scale * scale)
            } else {
                0.0
            },
        })
    }
}

/// The test of a largest value `s₁²` over `v = Σ s²/(m n)`, the variance that its own spectrum gives.
///
/// Since v is independent of the ratio, the law of the ratio is that of s₁² less the spread of v. With
/// `z = (s₁²/v - μ)/σ`, `d² = 2/(m n) (μ/σ)²` and S = 1 - F at z, Nadler (J. Multivariate Anal. 102,
/// 2011) has `P = S + (d²/2) F''`. Here it is `P = S exp(c (d²/2) F''/S)`, the same to first order in d²
/// and never negative; `c = 1 + 8/min(m, n)`, fitted to the 95 to 99.9 % points of Gaussian matrices of
/// 8 x 8 to 64 x 256, stands for what is left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct FittedEdge {
    centre: f64,
    scale: f64,
    error: f64,
    /// c.
    correction: f64,
}

impl FittedEdge {
    /// For entries with this excess kurtosis κ, which moves the largest value by a share `κ/√(m n)` of it
    /// (Hwang, Lee, Schnelli, Ann. Appl. Probab. 29, 2019, theorem 2.9).
    pub fn new(m: usize, n: usize, excess: f64) -> FittedEdge {
        let (centre, scale) = centre_and_scale(m, n);
        let shift = excess / (m as f64 * n as f64).sqrt();
        FittedEdge {
            centre: centre * (1.0 + shift),
            scale,
            error: 2.0 / (m as f64 * n as f64) * (centre / scale).powi(2),
            correction: 1.0 + 8.0 / m.min(n) as f64,
        }
    }

    /// d², the variance of z that comes from v.
    pub fn error(self) -> f64 {
        self.error
    }

    /// z of a ratio s₁²/v.
    pub fn excess(self, ratio: f64) -> f64 {
        (ratio - self.centre) / self.scale
    }

    /// P of a ratio, to three digits.
    pub fn p_value(self, ratio: f64) -> f64 {
        TABLE.survival(self.excess(ratio), self.correction * self.error)
    }

    /// The ratio whose P is `level`.
    pub fn ratio(self, level: f64) -> f64 {
        self.centre + self.scale * TABLE.excess(level, self.correction * self.error)
    }
}

/// Chance of a z beyond `excess` in the law of Tracy and Widom, to three digits.
pub(super) fn survival(excess: f64) -> f64 {
    TABLE.survival(excess, 0.0)
}

/// The z that Tracy and Widom's law exceeds with the chance `level`.
pub(super) fn quantile(level: f64) -> f64 {
    TABLE.excess(level, 0.0)
}

/// Tracy and Widom's law on a grid: a thousand spectra ask for it a thousand times each.
struct Table {
    /// (ln S, F''/S), S = 1 - F, at `FIRST + k STEP`.
    rows: Vec<(f64, f64)>,
}

const FIRST: f64 = -5.0;
const STEP: f64 = 0.1;
const ROWS: usize = 181;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let at = |k: usize| FIRST + (k as f64 - 2.0) * STEP;
    let slopes: Vec<f64> = (0..ROWS + 4).map(|k| TracyWidom.pdf(at(k))).collect();
    let rows = (0..ROWS)
        .map(|k| {
            // The difference of fourth order.
            let near = slopes[k + 3] - slopes[k + 1];
            let far = slopes[k + 4] - slopes[k];
            let second = (8.0 * near - far) / (12.0 * STEP);
            let survival = TracyWidom.sf(at(k + 2));
            (survival.ln(), second / survival)
        })
        .collect();
    Table { rows }
});

impl Table {
    /// `S exp((error/2) F''/S)` at z, at most 1.
    fn survival(&self, z: f64, error: f64) -> f64 {
        let position = (z - FIRST) / STEP;
        if position.is_nan() {
            return f64::NAN;
        }
        if position <= 0.0 {
            return 1.0;
        }
        let k = position as usize;
        if k + 1 >= ROWS {
            // F''/S tends to -z.
            return TracyWidom.sf(z) * (-0.5 * error * z).exp();
        }
        let t = position - k as f64;
        let (before, after) = (self.rows[k], self.rows[k + 1]);
        let mix = |a: f64, b: f64| a + t * (b - a);
        let log = mix(before.0, after.0) + 0.5 * error * mix(before.1, after.1);
        log.exp().min(1.0)
    }

    /// The z in the upper tail at which [`survival`](Table::survival) is `level`.
    fn excess(&self, level: f64, error: f64) -> f64 {
        let (mut low, mut high) = (-1.5, FIRST + ROWS as f64 * STEP);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.survival(middle, error) > level {
                low = middle
            } else {
                high = middle
            }
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, spectrum_of};
    use super::*;

    #[test]
    fn is_symmetric_and_scale_free() {
        let p = spike_p_value(30.0, 100, 250, 1.0);
        assert_eq!(p, spike_p_value(30.0, 250, 100, 1.0));
        assert_eq!(p, spike_p_value(60.0, 100, 250, 4.0));
        assert!(p < 1e-10 && p > 0.0);
    }

    #[test]
    fn edge_and_p_value_are_inverse() {
        for (m, n) in [(5, 5), (10, 64), (300, 300)] {
            for level in [0.5, 0.05, 0.01] {
                let edge = spike_edge(level, m, n, 0.09);
                let p = spike_p_value(edge, m, n, 0.09);
                assert!((p - level).abs() < 1e-12, "{m}x{n}");
            }
            // The table's steps of 0.1, linear in ln S: h²/8 times its second derivative, 0.3 at most.
            let fitted = FittedEdge::new(m, n, 0.0);
            for level in [0.05, 0.01, 1e-6] {
                let p = fitted.p_value(fitted.ratio(level));
                assert!((p / level - 1.0).abs() < 1e-9, "{m}x{n}: {p}");
            }
        }
        for z in [-3.0, -0.33, 1.27, 5.55, 12.96] {
            assert!((survival(z) / TracyWidom.sf(z) - 1.0).abs() < 1e-3, "{z}");
        }
    }

    #[test]
    fn p_values_of_noise_are_uniform() {
        // The share of Gaussian matrices with p ≤ α: 100,000 draws by numpy 2.4.6 against a grid of
        // the law by SciPy 1.17.1. Here 400 draws, five binomial deviations wide.
        let mut sample = Sample::new(1);
        let draws = 400;
        for (m, n, shares) in [
            (
                10,
                40,
                [(0.05, 0.0483), (0.1, 0.0965), (0.5, 0.5099), (0.9, 0.9276)],
            ),
            (
                30,
                30,
                [(0.05, 0.0483), (0.1, 0.0963), (0.5, 0.5048), (0.9, 0.9208)],
            ),
        ] {
            let p: Vec<f64> = (0..draws)
                .map(|_| spike_p_value(spectrum_of(&sample.gaussian(m, n))[0], m, n, 1.0))
                .collect();
            for (alpha, expected) in shares {
                let share = p.iter().filter(|&&p| p <= alpha).count() as f64 / f64::from(draws);
                let deviation: f64 = expected * (1.0 - expected) / f64::from(draws);
                assert!(
                    (share - expected).abs() < 5.0 * deviation.sqrt(),
                    "{m}x{n} {alpha}: {share}"
                );
            }
        }
    }

    /// The point that s₁²/v of Gaussian matrices exceeds with 5, 1 and 0.1 %, in units of z: 20,000 to
    /// 300,000 matrices a shape by numpy 2.4. Catches a correction for the fitted variance that is left
    /// out or taken twice: without it 8 x 8 would be off by 0.8.
    #[test]
    fn the_fitted_edge_is_where_simulation_has_it() {
        for (m, n, points) in [
            (8, 8, [0.16, 0.80, 1.51]),
            (10, 40, [0.49, 1.33, 2.41]),
            (16, 32, [0.56, 1.45, 2.48]),
            (32, 32, [0.66, 1.58, 2.73]),
            (64, 64, [0.80, 1.79, 2.95]),
        ] {
            let edge = FittedEdge::new(m, n, 0.0);
            for (level, point) in [0.05, 0.01, 0.001].into_iter().zip(points) {
                let off = edge.excess(edge.ratio(level)) - point;
                // Twice the standard error of the points, and on the safe side what 8 x 8 is off.
                assert!((-0.12..0.3).contains(&off), "{m}x{n} at {level}: {off}");
            }
        }
    }

    /// Catches a lower edge that is not exceeded at its level: 2,000 draws at 5 %, five binomial
    /// deviations.
    #[test]
    fn the_smallest_value_is_below_the_lower_edge_at_its_level() {
        let draws = super::super::draws::gaussian_draws(
            super::super::draws::Shape {
                blocks: 1,
                rows: 40,
                columns: 120,
            },
            2000,
            9,
        );
        let edge = lower_edge(0.05, 40, 120, 1.0, 0.0, false).unwrap();
        let below = draws.iter().filter(|d| d[0][39] < edge).count() as f64 / 2000.0;
        assert!(
            (below - 0.05).abs() < 5.0 * (0.05f64 * 0.95 / 2000.0).sqrt(),
            "{below}"
        );
        let fitted = |values: &[f64]| {
            let variance = values.iter().map(|s| s * s).sum::<f64>() / (40.0 * 120.0);
            values[39] < lower_edge(0.05, 40, 120, variance, 0.0, true).unwrap()
        };
        let below = draws.iter().filter(|d| fitted(&d[0])).count() as f64 / 2000.0;
        assert!(
            (below - 0.05).abs() < 5.0 * (0.05f64 * 0.95 / 2000.0).sqrt(),
            "{below}"
        );
        assert_eq!(lower_edge(0.05, 40, 60, 1.0, 0.0, true), None);
    }
}
