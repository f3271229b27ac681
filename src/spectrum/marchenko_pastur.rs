//! The Marchenko-Pastur law, for eigenvalues and for singular values.
//!
//! Both are written with the angle θ in `[0, π]` that runs from the lower edge to the upper,
//! `x = σ² (1 + q² - 2 q cos θ)`, `q = √y ≤ 1`. In it the distribution function is
//!
//! ```text
//! F(θ) = (2/π) ∫₀^θ sin²t / (1 + q² - 2 q cos t) dt
//!      = (θ + δ + (q sin θ - δ)/q²) / π,    δ = atan2(q sin θ, 1 - q cos θ),
//! ```
//!
//! which has no division by `1 - y`, so that square matrices are no special case.

use std::f64::consts::PI;

use statrs::distribution::{Continuous, ContinuousCDF};
use statrs::statistics::{Distribution, Max, Median, Min};

/// Why a law of random-matrix theory could not be set up.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LawError {
    /// The aspect ratio is not a positive finite number.
    #[error("the aspect ratio m/n must be positive and finite, not {0}")]
    AspectRatio(f64),
    /// The variance of the entries is not a positive finite number.
    #[error("the variance of the entries must be positive and finite, not {0}")]
    Variance(f64),
    /// A matrix without rows or columns.
    #[error("a {rows} x {columns} matrix has no singular values")]
    Empty {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
}

/// The continuous part for entries of variance one and `y = q² ≤ 1`, as a function of θ.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Angle {
    q: f64,
}

/// Abscissae and weights of the 16-point Gauss-Legendre rule on [-1, 1], positive half
/// (DLMF table 3.5.3).
const GAUSS_16: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

impl Angle {
    /// `1 + q² - 2 q cos θ` without cancellation at small θ.
    fn distance(self, theta: f64) -> f64 {
        let half = (theta / 2.0).sin();
        (1.0 - self.q).powi(2) + 4.0 * self.q * half * half
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

    /// ∫ dF over [from, to] by 16 points: full precision while the length is at most the
    /// distance to the poles `±i ln(1/q)`.
    fn integral(self, from: f64, to: f64) -> f64 {
        let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
        let sum: f64 = GAUSS_16
            .iter()
            .map(|&(t, w)| w * (self.density(centre - half * t) + self.density(centre + half * t)))
            .sum();
        half * sum
    }

    fn closed_form(self, theta: f64) -> f64 {
        let q = self.q;
        let (sine, cosine) = theta.sin_cos();
        let delta = (q * sine).atan2((1.0 - q) + q * 2.0 * (theta / 2.0).sin().powi(2));
        // (q sin θ - δ)/q² = -Σ_{k≥2} q^(k-2) sin(kθ)/k; the sum serves where the difference cancels.
        let correction = if q < 0.25 {
            let (mut before, mut current) = (sine, 2.0 * sine * cosine);
            let (mut power, mut sum) = (1.0, 0.0);
            for k in 2..30 {
                sum -= power * current / f64::from(k);
                (before, current) = (current, 2.0 * cosine * current - before);
                power *= q;
            }
            sum
        } else {
            (q * sine - delta) / (q * q)
        };
        (theta + delta + correction) / PI
    }

    /// F(θ), relatively accurate down to the lower edge.
    fn cdf(self, theta: f64) -> f64 {
        if theta <= 1.0_f64.min(-self.q.ln()) {
            self.integral(0.0, theta)
        } else {
            self.closed_form(theta).min(1.0)
        }
    }

    /// 1 - F(θ) from `π - θ`, relatively accurate up to the upper edge.
    fn sf(self, complement: f64) -> f64 {
        if complement <= 1.0 {
            // The density is smooth here: its poles are at distance π - 1 or more.
            let (centre, half) = (0.5 * complement, 0.5 * complement);
            let density = |u: f64| {
                let sine = u.sin();
                let half = (u / 2.0).sin();
                2.0 / PI * sine * sine / ((1.0 + self.q).powi(2) - 4.0 * self.q * half * half)
            };
            let sum: f64 = GAUSS_16
                .iter()
                .map(|&(t, w)| w * (density(centre - half * t) + density(centre + half * t)))
                .sum();
            half * sum
        } else {
            1.0 - self.closed_form(PI - complement).min(1.0)
        }
    }

    /// The pair (θ, π - θ) at which F is `p`, by Newton's steps inside a shrinking bracket.
    fn quantile(self, p: f64) -> (f64, f64) {
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
            let mut next = t - excess / slope(t);
            if !(next >= low && next <= high) {
                next = 0.5 * (low + high);
            }
            let step = (next - t).abs();
            t = next;
            if step <= 4.0 * f64::EPSILON * t || excess == 0.0 {
                break;
            }
        }
        if upper { (PI - t, t) } else { (t, PI - t) }
    }
}

/// Law of the eigenvalues of `(1/n) X Xᵀ`, `X` an `m × n` matrix of independent entries of
/// mean zero and variance σ², as m and n grow with `y = m/n` fixed.
///
/// The density is `√((b-x)(x-a)) / (2π σ² y x)` on `[a, b]`, `a, b = σ² (1 ∓ √y)²`; for `y > 1`
/// there is an atom of mass `1 - 1/y` at zero. Distribution function, survival function and
/// quantiles are accurate to a few units in the last place given the distance of `x` to the edge.
/// Source: Marchenko, Pastur, Math. USSR Sbornik 1 (1967).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarchenkoPastur {
    aspect_ratio: f64,
    variance: f64,
    /// The law of the nonzero eigenvalues is that of `scale · (1 + q² - 2 q cos θ)`.
    scale: f64,
    angle: Angle,
}

impl MarchenkoPastur {
    /// The law for `y = aspect_ratio` and entries of the given variance.
    ///
    /// # Errors
    ///
    /// [`LawError`] unless both are positive and finite.
    pub fn new(aspect_ratio: f64, variance: f64) -> Result<Self, LawError> {
        if !(aspect_ratio > 0.0 && aspect_ratio.is_finite()) {
            return Err(LawError::AspectRatio(aspect_ratio));
        }
        if !(variance > 0.0 && variance.is_finite()) {
            return Err(LawError::Variance(variance));
        }
        let q = aspect_ratio.min(1.0 / aspect_ratio).sqrt();
        Ok(MarchenkoPastur {
            aspect_ratio,
            variance,
            scale: variance * aspect_ratio.max(1.0),
            angle: Angle { q },
        })
    }

    /// y = m/n.
    pub fn aspect_ratio(&self) -> f64 {
        self.aspect_ratio
    }

    /// σ², the variance of the matrix's entries (not that of the law).
    pub fn entry_variance(&self) -> f64 {
        self.variance
    }

    /// a = σ² (1 - √y)², where the continuous part begins.
    pub fn lower_edge(&self) -> f64 {
        self.scale * (1.0 - self.angle.q).powi(2)
    }

    /// b = σ² (1 + √y)².
    pub fn upper_edge(&self) -> f64 {
        self.scale * (1.0 + self.angle.q).powi(2)
    }

    /// Mass at zero, `1 - 1/y` for `y > 1`.
    pub fn atom(&self) -> f64 {
        (1.0 - 1.0 / self.aspect_ratio).max(0.0)
    }

    /// Mass of the continuous part.
    fn mass(&self) -> f64 {
        (1.0 / self.aspect_ratio).min(1.0)
    }

    /// (θ, π - θ) of an eigenvalue between the edges.
    fn angles(&self, x: f64) -> (f64, f64) {
        let below = (x - self.lower_edge()).max(0.0).sqrt();
        let above = (self.upper_edge() - x).max(0.0).sqrt();
        (2.0 * below.atan2(above), 2.0 * above.atan2(below))
    }
}

impl Min<f64> for MarchenkoPastur {
    /// The smallest value of positive density or mass: `a`, or 0 where there is an atom.
    fn min(&self) -> f64 {
        if self.atom() > 0.0 {
            0.0
        } else {
            self.lower_edge()
        }
    }
}

impl Max<f64> for MarchenkoPastur {
    fn max(&self) -> f64 {
        self.upper_edge()
    }
}

impl Continuous<f64, f64> for MarchenkoPastur {
    /// Density of the continuous part; infinite at 0 for `y = 1`.
    fn pdf(&self, x: f64) -> f64 {
        let (a, b) = (self.lower_edge(), self.upper_edge());
        if x < a || x > b {
            return 0.0;
        }
        // Square roots apart: a factor's underflow must not take the other along.
        (b - x).sqrt() * ((x - a).sqrt() / x) / (2.0 * PI * self.variance * self.aspect_ratio)
    }

    fn ln_pdf(&self, x: f64) -> f64 {
        self.pdf(x).ln()
    }
}

impl ContinuousCDF<f64, f64> for MarchenkoPastur {
    fn cdf(&self, x: f64) -> f64 {
        if x < 0.0 {
            0.0
        } else if x <= self.lower_edge() {
            self.atom()
        } else if x >= self.upper_edge() {
            1.0
        } else {
            self.atom() + self.mass() * self.angle.cdf(self.angles(x).0)
        }
    }

    fn sf(&self, x: f64) -> f64 {
        if x < 0.0 {
            1.0
        } else if x <= self.lower_edge() {
            self.mass()
        } else if x >= self.upper_edge() {
            0.0
        } else {
            self.mass() * self.angle.sf(self.angles(x).1)
        }
    }

    /// inf {x : F(x) ≥ p}; NaN for `p` outside `[0, 1]`.
    fn inverse_cdf(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            f64::NAN
        } else if p == 0.0 {
            self.min()
        } else if p <= self.atom() {
            0.0
        } else if p == 1.0 {
            self.upper_edge()
        } else {
            let (theta, _) = self.angle.quantile((p - self.atom()) / self.mass());
            self.scale * self.angle.distance(theta)
        }
    }
}

impl Distribution<f64> for MarchenkoPastur {
    /// σ², atom included.
    fn mean(&self) -> Option<f64> {
        Some(self.variance)
    }

    /// σ⁴ y, atom included.
    fn variance(&self) -> Option<f64> {
        Some(self.variance * self.variance * self.aspect_ratio)
    }

    /// √y.
    fn skewness(&self) -> Option<f64> {
        Some(self.aspect_ratio.sqrt())
    }
}

impl Median<f64> for MarchenkoPastur {
    fn median(&self) -> f64 {
        self.inverse_cdf(0.5)
    }
}

/// Law of the nonzero singular values of an `m × n` matrix of independent entries of mean zero
/// and variance σ²: `s = √(N x)`, `N = max(m, n)`, `x` from [`MarchenkoPastur`] with
/// `y = min(m, n)/N`. Its support is `σ (√N ∓ √min(m, n))`; `m × n` and `n × m` are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SingularLaw {
    longer: f64,
    shorter: f64,
    deviation: f64,
    angle: Angle,
}

impl SingularLaw {
    /// The law for `m × n` matrices with entries of the given variance.
    ///
    /// # Errors
    ///
    /// [`LawError`] when a dimension is zero or the variance is not positive and finite.
    pub fn new(m: usize, n: usize, variance: f64) -> Result<Self, LawError> {
        if m == 0 || n == 0 {
            return Err(LawError::Empty {
                rows: m,
                columns: n,
            });
        }
        if !(variance > 0.0 && variance.is_finite()) {
            return Err(LawError::Variance(variance));
        }
        let (longer, shorter) = (m.max(n) as f64, m.min(n) as f64);
        Ok(SingularLaw {
            longer,
            shorter,
            deviation: variance.sqrt(),
            angle: Angle {
                q: (shorter / longer).sqrt(),
            },
        })
    }

    /// σ (√max(m, n) - √min(m, n)).
    pub fn lower_edge(&self) -> f64 {
        self.deviation * (self.longer - self.shorter) / (self.longer.sqrt() + self.shorter.sqrt())
    }

    /// σ (√m + √n).
    pub fn upper_edge(&self) -> f64 {
        self.deviation * (self.longer.sqrt() + self.shorter.sqrt())
    }

    /// σ √max(m, n): what singular values are measured in when the law has q = √(min/max).
    fn unit(&self) -> f64 {
        self.deviation * self.longer.sqrt()
    }

    /// (θ, π - θ) of a singular value between the edges.
    fn angles(&self, s: f64) -> (f64, f64) {
        let (low, high) = (self.lower_edge(), self.upper_edge());
        let below = (s - low).max(0.0).sqrt() * (s + low).sqrt();
        let above = (high - s).max(0.0).sqrt() * (high + s).sqrt();
        (2.0 * below.atan2(above), 2.0 * above.atan2(below))
    }
}

impl Min<f64> for SingularLaw {
    fn min(&self) -> f64 {
        self.lower_edge()
    }
}

impl Max<f64> for SingularLaw {
    fn max(&self) -> f64 {
        self.upper_edge()
    }
}

impl Continuous<f64, f64> for SingularLaw {
    fn pdf(&self, s: f64) -> f64 {
        let (low, high) = (self.lower_edge(), self.upper_edge());
        if s < low || s > high {
            return 0.0;
        }
        // √((b-x)(x-a)) / (2π y x) · 2 s with x = s² in units of σ² max(m, n); 1/s cancels at s = 0.
        let unit = self.unit();
        let (s, low, high) = (s / unit, low / unit, high / unit);
        let above = ((high - s) * (high + s)).sqrt();
        let below_over_s = if low == 0.0 {
            1.0
        } else {
            (s - low).sqrt() * (s + low).sqrt() / s
        };
        above * below_over_s / (PI * self.angle.q * self.angle.q * unit)
    }

    fn ln_pdf(&self, s: f64) -> f64 {
        self.pdf(s).ln()
    }
}

impl ContinuousCDF<f64, f64> for SingularLaw {
    fn cdf(&self, s: f64) -> f64 {
        if s <= self.lower_edge() {
            0.0
        } else if s >= self.upper_edge() {
            1.0
        } else {
            self.angle.cdf(self.angles(s).0)
        }
    }

    fn sf(&self, s: f64) -> f64 {
        if s <= self.lower_edge() {
            1.0
        } else if s >= self.upper_edge() {
            0.0
        } else {
            self.angle.sf(self.angles(s).1)
        }
    }

    /// The singular value at which F is `p`; NaN for `p` outside `[0, 1]`.
    fn inverse_cdf(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            f64::NAN
        } else if p == 0.0 {
            self.lower_edge()
        } else if p == 1.0 {
            self.upper_edge()
        } else {
            self.unit() * self.angle.distance(self.angle.quantile(p).0).sqrt()
        }
    }
}

impl Distribution<f64> for SingularLaw {
    /// `σ √max(m,n) · ₂F₁(½, -½; 2; y)`.
    fn mean(&self) -> Option<f64> {
        Some(self.unit() * half_moment(self.shorter / self.longer))
    }

    /// `σ² max(m, n)` less the mean squared.
    fn variance(&self) -> Option<f64> {
        let mean = half_moment(self.shorter / self.longer);
        Some(self.unit() * self.unit() * (1.0 - mean) * (1.0 + mean))
    }
}

impl Median<f64> for SingularLaw {
    fn median(&self) -> f64 {
        self.inverse_cdf(0.5)
    }
}

/// E √x = ₂F₁(½, -½; 2; y) for the law of variance one and `y ≤ 1`: the series for small y, else
/// complete elliptic integrals of the modulus k, k² = 4√y/(1+√y)², by the arithmetic-geometric mean.
fn half_moment(y: f64) -> f64 {
    if y < 0.5 {
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 0..60 {
            let k = f64::from(k);
            term *= (k + 0.5) * (k - 0.5) / ((k + 2.0) * (k + 1.0)) * y;
            sum += term;
        }
        return sum;
    }
    let q = y.sqrt();
    let squared = 4.0 * q / (1.0 + q).powi(2);
    let complement = ((1.0 - q) / (1.0 + q)).powi(2);
    if complement == 0.0 {
        return 8.0 / (3.0 * PI);
    }
    // K = π/(2 agm), E = K (1 - Σ 2^(i-1) c_i²) (DLMF 19.8.5, 19.8.6).
    let (mut a, mut g) = (1.0, complement.sqrt());
    let (mut weight, mut sum) = (0.5, 0.5 * squared);
    while (a - g).abs() > f64::EPSILON * a {
        let c = 0.5 * (a - g);
        weight *= 2.0;
        sum += weight * c * c;
        (a, g) = (0.5 * (a + g), (a * g).sqrt());
    }
    let first = PI / (2.0 * a);
    let second = first * (1.0 - sum);
    let integral =
        ((2.0 - squared) * second - 2.0 * complement * first) / (3.0 * squared * squared);
    16.0 / (PI * (1.0 + q)) * integral
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIOS: [f64; 10] = [
        1e-6,
        0.01,
        0.05,
        0.1,
        0.5,
        0.999,
        0.999_999_9,
        1.0,
        1.5,
        10.0,
    ];

    /// ∫ f over [lo, hi] ⊂ [a, b] of the eigenvalue law: x = a + (b-a) sin²(t/2) kills both square
    /// roots, and t = c sinh-free panels graded towards the lower edge resolve the pole at x = 0.
    fn integral(lo: f64, hi: f64, a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
        let angle = |x: f64| 2.0 * ((x - a).max(0.0).sqrt()).atan2((b - x).max(0.0).sqrt());
        let (from, to) = (angle(lo), angle(hi));
        let mut total = 0.0;
        let mut edges: Vec<f64> = (0..60)
            .map(|k| to * 0.5_f64.powi(k))
            .filter(|t| *t > from)
            .collect();
        edges.push(from);
        for pair in edges.windows(2) {
            let (centre, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[0] - pair[1]));
            for &(node, weight) in &GAUSS_16 {
                for t in [centre - half * node, centre + half * node] {
                    let x = a + (b - a) * (t / 2.0).sin().powi(2);
                    total += half * weight * f(x) * 0.5 * (b - a) * t.sin();
                }
            }
        }
        total
    }

    #[test]
    fn the_density_integrates_to_the_distribution() {
        for y in RATIOS {
            let law = MarchenkoPastur::new(y, 2.5).unwrap();
            let (a, b) = (law.lower_edge(), law.upper_edge());
            for k in 1..=40 {
                let x = a + (b - a) * f64::from(k) / 40.0;
                let by_density = law.atom() + integral(a, x, a, b, |x| law.pdf(x));
                // Panels of 16 points are exact; x - a in the density loses eps·x/(x-a) near the edge,
                // which the square root halves.
                let tolerance = 1e-12 + 8.0 * f64::EPSILON / law.angle.q.min(1.0);
                assert!(
                    (law.cdf(x) - by_density).abs() < tolerance,
                    "y {y} x {x}: {} {by_density}",
                    law.cdf(x)
                );
                assert!(
                    (law.cdf(x) + law.sf(x) - 1.0).abs() < 4.0 * f64::EPSILON,
                    "y {y}: cdf + sf"
                );
            }
        }
    }

    #[test]
    fn the_distribution_is_the_published_closed_form() {
        // The formula with (1-y) in it, evaluated as printed, where it is well conditioned.
        for y in [0.05, 0.1, 0.3, 0.5, 0.8] {
            let law = MarchenkoPastur::new(y, 1.0).unwrap();
            let (a, b) = (law.lower_edge(), law.upper_edge());
            for k in 1..20 {
                let x = a + (b - a) * f64::from(k) / 20.0;
                let r = ((b - x) / (x - a)).sqrt();
                let printed = 0.5
                    + (((b - x) * (x - a)).sqrt() - (1.0 + y) * ((r * r - 1.0) / (2.0 * r)).atan()
                        + (1.0 - y) * ((a * r * r - b) / (2.0 * (1.0 - y) * r)).atan())
                        / (2.0 * PI * y);
                assert!(
                    (law.cdf(x) - printed).abs() < 20.0 * f64::EPSILON / y,
                    "y {y} x {x}"
                );
            }
        }
    }

    #[test]
    fn moments_are_the_closed_forms() {
        for y in RATIOS {
            let variance = 0.7;
            let law = MarchenkoPastur::new(y, variance).unwrap();
            let (a, b) = (law.lower_edge(), law.upper_edge());
            let first = integral(a, b, a, b, |x| x * law.pdf(x));
            let second = integral(a, b, a, b, |x| x * x * law.pdf(x));
            let tolerance = 1e-12 + 8.0 * f64::EPSILON / law.angle.q;
            assert!((first / variance - 1.0).abs() < tolerance, "y {y}");
            assert!(
                (second / (variance * variance * (1.0 + y)) - 1.0).abs() < tolerance,
                "y {y}"
            );
            assert_eq!(law.mean(), Some(variance));
            assert_eq!(law.variance(), Some(variance * variance * y));
        }
        let law = MarchenkoPastur::new(0.3, 1.0).unwrap();
        let (a, b) = (law.lower_edge(), law.upper_edge());
        let third = integral(a, b, a, b, |x| (x - 1.0).powi(3) * law.pdf(x));
        assert!((third / 0.3_f64.powf(1.5) - law.skewness().unwrap()).abs() < 1e-12);
    }

    #[test]
    fn the_edges_use_the_root_of_the_ratio() {
        // With y² in the place of √y (a published misprint) these would be 0.87890625 and 1.12890625.
        let law = MarchenkoPastur::new(0.25, 1.0).unwrap();
        assert_eq!((law.lower_edge(), law.upper_edge()), (0.25, 2.25));
        let law = SingularLaw::new(16, 64, 1.0).unwrap();
        assert_eq!((law.lower_edge(), law.upper_edge()), (4.0, 12.0));
    }

    #[test]
    fn quantiles_invert_the_distribution() {
        for y in RATIOS {
            let law = MarchenkoPastur::new(y, 3.0).unwrap();
            let edge = law.upper_edge();
            for p in [1e-8, 1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999] {
                let x = law.inverse_cdf(p);
                if p <= law.atom() {
                    assert_eq!(x, 0.0);
                    continue;
                }
                // x is rounded to eps·x: p moves by the density times that.
                let tolerance = 8.0 * f64::EPSILON * (1.0 + law.pdf(x) * edge);
                assert!(
                    (law.cdf(x) - p).abs() < tolerance,
                    "y {y} p {p}: {}",
                    law.cdf(x) - p
                );
            }
            assert_eq!(law.inverse_cdf(1.0), edge);
            assert!(law.inverse_cdf(-0.1).is_nan() && law.inverse_cdf(f64::NAN).is_nan());
        }
    }

    #[test]
    fn tails_are_relatively_accurate_at_the_edges() {
        // Near an edge 1 - F → c (2/3) d^1.5 with c from the density √(b-a) √d/(2π y b).
        for y in [0.01, 0.1, 0.5, 0.9] {
            let law = MarchenkoPastur::new(y, 1.0).unwrap();
            let (a, b) = (law.lower_edge(), law.upper_edge());
            let d = 1e-9 * a.min(b - a);
            let rounding = 4.0 * f64::EPSILON * b / d + 10.0 * d / a.min(b - a);
            let upper = 2.0 / 3.0 * ((b - a) * d).sqrt() * d / (2.0 * PI * y * b);
            assert!(
                (law.sf(b - d) / upper - 1.0).abs() < rounding,
                "y {y} upper"
            );
            let lower = 2.0 / 3.0 * ((b - a) * d).sqrt() * d / (2.0 * PI * y * a);
            assert!(
                (law.cdf(a + d) / lower - 1.0).abs() < rounding,
                "y {y} lower"
            );
        }
    }

    #[test]
    fn the_slope_of_the_distribution_is_the_density() {
        for (m, n) in [(1, 1), (3, 50), (100, 101), (64, 64), (500, 20)] {
            let law = SingularLaw::new(m, n, 0.3).unwrap();
            let (a, b) = (law.lower_edge(), law.upper_edge());
            let h = 1e-4 * (b - a);
            for k in 1..20 {
                let s = a + (b - a) * f64::from(k) / 20.0;
                let slope = (8.0 * (law.cdf(s + h) - law.cdf(s - h)) - law.cdf(s + 2.0 * h)
                    + law.cdf(s - 2.0 * h))
                    / (12.0 * h);
                // Fourth-order differences: h⁴ times the fifth derivative, plus eps/h.
                assert!(
                    (slope - law.pdf(s)).abs() * (b - a) < 1e-9,
                    "{m}x{n} at {s}"
                );
            }
        }
    }

    #[test]
    fn singular_values_are_roots_of_eigenvalues() {
        for (m, n) in [(10, 64), (64, 10), (7, 7), (999, 1000), (3, 4000)] {
            let singular = SingularLaw::new(m, n, 1.7).unwrap();
            let (long, short) = (m.max(n) as f64, m.min(n) as f64);
            let eigen = MarchenkoPastur::new(short / long, 1.7).unwrap();
            for k in 1..30 {
                let p = f64::from(k) / 30.0;
                let s = singular.inverse_cdf(p);
                assert!(
                    (s * s / long / eigen.inverse_cdf(p) - 1.0).abs() < 1e-13,
                    "{m}x{n} p {p}"
                );
                assert!(
                    (eigen.cdf(s * s / long) - singular.cdf(s)).abs() < 1e-12,
                    "{m}x{n} p {p}"
                );
                let density = 2.0 * s * eigen.pdf(s * s / long) / long;
                assert!(
                    (singular.pdf(s) / density - 1.0).abs() < 1e-10,
                    "{m}x{n} p {p}"
                );
            }
            assert_eq!(singular, SingularLaw::new(n, m, 1.7).unwrap());
        }
    }

    #[test]
    fn the_mean_singular_value_integrates() {
        for (m, n) in [
            (1, 1000),
            (10, 64),
            (45, 100),
            (55, 100),
            (99, 100),
            (100, 100),
        ] {
            let law = SingularLaw::new(m, n, 1.0).unwrap();
            let long = m.max(n) as f64;
            let eigen = MarchenkoPastur::new(m.min(n) as f64 / long, 1.0).unwrap();
            let (a, b) = (eigen.lower_edge(), eigen.upper_edge());
            let by_density = integral(a, b, a, b, |x| x.sqrt() * eigen.pdf(x)) * long.sqrt();
            assert!(
                (law.mean().unwrap() / by_density - 1.0).abs() < 1e-12,
                "{m}x{n}"
            );
            assert!((law.variance().unwrap() + by_density.powi(2) - long).abs() < 1e-11 * long);
        }
    }

    #[test]
    fn a_quarter_circle_is_the_square_law() {
        // s of a square matrix in units of √n: density √(4-s²)/π, cdf (s√(4-s²)/2 + 2 asin(s/2))/π.
        let law = SingularLaw::new(100, 100, 1.0).unwrap();
        for k in 0..=20 {
            let s = f64::from(k) / 10.0;
            let exact = (s * (4.0 - s * s).max(0.0).sqrt() / 2.0 + 2.0 * (s / 2.0).asin()) / PI;
            assert!((law.cdf(10.0 * s) - exact).abs() < 1e-15, "{s}");
            assert!((law.pdf(10.0 * s) * 10.0 - (4.0 - s * s).max(0.0).sqrt() / PI).abs() < 1e-15);
        }
    }

    #[test]
    fn what_is_no_law_is_refused() {
        assert_eq!(
            MarchenkoPastur::new(0.0, 1.0),
            Err(LawError::AspectRatio(0.0))
        );
        assert!(MarchenkoPastur::new(f64::NAN, 1.0).is_err());
        assert_eq!(
            MarchenkoPastur::new(1.0, -1.0),
            Err(LawError::Variance(-1.0))
        );
        assert!(SingularLaw::new(3, 4, f64::INFINITY).is_err());
        assert_eq!(
            SingularLaw::new(0, 4, 1.0),
            Err(LawError::Empty {
                rows: 0,
                columns: 4
            })
        );
    }
}
