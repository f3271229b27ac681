//! The Marchenko-Pastur law of singular values.

use std::f64::consts::PI;

use statrs::distribution::{Continuous, ContinuousCDF};
use statrs::statistics::{Distribution, Max, Median, Min};

use super::LawError;
use super::edge_angle::Angle;

/// Law of the nonzero singular values of an `m × n` matrix of independent entries of mean zero
/// and variance σ²: `s = √(N x)`, `N = max(m, n)`, `x` from [`MarchenkoPastur`](super::MarchenkoPastur) with
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
            angle: Angle::new(shorter / longer, (longer - shorter) / longer),
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

    /// Share of the expected Σ s² that the smallest values of probability `p` hold:
    /// `(θ - sin θ cos θ)/π` at the quantile's angle θ, whatever the shape.
    pub(super) fn energy_below(&self, p: f64) -> f64 {
        let (theta, _) = self.angle.quantile(p);
        (theta - theta.sin() * theta.cos()) / PI
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
        if s.is_nan() {
            s
        } else if s <= self.lower_edge() {
            0.0
        } else if s >= self.upper_edge() {
            1.0
        } else {
            self.angle.cdf(self.angles(s).0)
        }
    }

    fn sf(&self, s: f64) -> f64 {
        if s.is_nan() {
            s
        } else if s <= self.lower_edge() {
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
    use super::super::MarchenkoPastur;
    use super::super::marchenko_pastur::tests::integral;
    use super::*;

    #[test]
    fn the_edges_are_roots_added_and_subtracted() {
        let law = SingularLaw::new(16, 64, 1.0).unwrap();
        assert_eq!((law.lower_edge(), law.upper_edge()), (4.0, 12.0));
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

    /// Catches a wrong angle or a share that depends on the shape.
    #[test]
    fn the_energy_below_a_quantile_integrates() {
        for (m, n) in [(10, 64), (45, 100), (100, 100)] {
            let law = SingularLaw::new(m, n, 1.0).unwrap();
            let eigen = MarchenkoPastur::new(m as f64 / n as f64, 1.0).unwrap();
            let (a, b) = (eigen.lower_edge(), eigen.upper_edge());
            for p in [0.1, 0.5, 0.9] {
                let end = eigen.inverse_cdf(p);
                let by_density = integral(a, end, a, b, |x| x * eigen.pdf(x));
                assert!((law.energy_below(p) - by_density).abs() < 1e-12, "{m}x{n}");
            }
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
        assert!(SingularLaw::new(3, 4, f64::INFINITY).is_err());
        assert_eq!(
            SingularLaw::new(0, 4, 1.0),
            Err(LawError::Empty {
                rows: 0,
                columns: 4
            })
        );
        assert!(SingularLaw::new(3, 4, 1.0).unwrap().cdf(f64::NAN).is_nan());
    }
}
