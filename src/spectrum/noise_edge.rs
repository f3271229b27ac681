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
/// themselves, whose error is then taken out as in [`FittedEdge`].
pub(super) fn lower_edge(
    level: f64,
    m: usize,
    n: usize,
    variance: f64,
    fitted: bool,
) -> Option<f64> {
    let (short, long) = (m.min(n), m.max(n));
    if short == 0 || long < LOWER_ASPECT * short {
        return None;
    }
    let (a, b) = ((short as f64 - 0.5).sqrt(), (long as f64 - 0.5).sqrt());
    let centre = (b - a).powi(2);
    let scale = (b - a) * (1.0 / a - 1.0 / b).cbrt() / centre;
    let error = match fitted {
        true => 2.0 / (short as f64 * long as f64) / (scale * scale),
        false => 0.0,
    };
    let excess = TABLE.excess(level, error);
    let log = centre.ln() + scale * scale / 8.0 - scale * excess;
    Some((variance * log.exp()).sqrt())
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
    pub fn new(m: usize, n: usize) -> FittedEdge {
        let (centre, scale) = centre_and_scale(m, n);
        FittedEdge {
            centre,
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
            match self.survival(middle, error) > level {
                true => low = middle,
                false => high = middle,
            }
        }
        0.5 * (low + high)
    }
}
