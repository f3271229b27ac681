//! The Marchenko-Pastur law of eigenvalues.

use std::f64::consts::PI;

use statrs::distribution::{Continuous, ContinuousCDF};
use statrs::statistics::{Distribution, Max, Median, Min};

use super::edge_angle::Angle;

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
        Ok(MarchenkoPastur {
            aspect_ratio,
            variance,
            scale: variance * aspect_ratio.max(1.0),
            angle: if aspect_ratio <= 1.0 {
                Angle::new(aspect_ratio, 1.0 - aspect_ratio)
            } else {
                Angle::new(1.0 / aspect_ratio, (aspect_ratio - 1.0) / aspect_ratio)
            },
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
        self.scale * self.angle.gap.powi(2)
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
        if x.is_nan() {
            x
        } else if x < 0.0 {
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
        if x.is_nan() {
            x
        } else if x < 0.0 {
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

#[cfg(test)]
pub(super) mod tests {
    use super::super::quadrature::gauss_legendre;
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

    /// ∫ f over [lo, hi] within the edges a, b: `x = a + (b-a) sin²(t/2)` takes away both square roots,
    /// and panels of t halve towards the lower edge, near which the density may have a pole.
    pub fn integral(lo: f64, hi: f64, a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
        let angle = |x: f64| 2.0 * ((x - a).max(0.0).sqrt()).atan2((b - x).max(0.0).sqrt());
        let (from, to) = (angle(lo), angle(hi));
        let rule: [(f64, f64); 16] = gauss_legendre();
        let mut total = 0.0;
        let mut edges: Vec<f64> = (0..60)
            .map(|k| to * 0.5_f64.powi(k))
            .filter(|t| *t > from)
            .collect();
        edges.push(from);
        for pair in edges.windows(2) {
            for (node, weight) in rule {
                let t = pair[1] + (pair[0] - pair[1]) * node;
                let x = a + (b - a) * (t / 2.0).sin().powi(2);
                total += (pair[0] - pair[1]) * weight * f(x) * 0.5 * (b - a) * t.sin();
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
    fn agrees_with_forty_digits() {
        // F and 1 - F, mpmath 1.3.0 at 40 digits: quad of the density in the angle, y and x exact.
        for (y, x, cdf, sf) in [
            (1e-06, 0.9985, 0.07205899300741761, 0.9279410069925824),
            (1e-06, 1.0, 0.5001061032980472, 0.49989389670195283),
            (1e-06, 1.0019, 0.9932534521849156, 0.006746547815084474),
            (0.1, 0.4676, 1.056123350837765e-06, 0.9999989438766491),
            (0.1, 0.5, 0.014221150825558469, 0.9857788491744416),
            (0.1, 1.0, 0.5336373720536286, 0.4663626279463714),
            (0.1, 1.7324, 0.9999997149541173, 2.850458826803931e-07),
            (0.999999, 1e-12, 2.1799564224224593e-07, 0.9999997820043578),
            (0.999999, 1e-06, 0.000636120302384558, 0.9993638796976154),
            (0.999999, 0.3, 0.3442817300894571, 0.6557182699105429),
            (0.999999, 3.99, 0.9999469243784568, 5.307562154325575e-05),
            (1.0, 1e-12, 6.366197723675548e-07, 0.9999993633802277),
            (1.0, 0.001, 0.020130845990134507, 0.9798691540098655),
            (1.0, 2.0, 0.8183098861837906, 0.18169011381620934),
            (4.0, 1.0001, 0.7500000750215771, 0.2499999249784229),
            (4.0, 3.0, 0.8461655571887814, 0.15383444281121866),
            (4.0, 8.9999, 0.9999999916637135, 8.336286500831963e-09),
        ] {
            let law = MarchenkoPastur::new(y, 1.0).unwrap();
            let (a, b) = (law.lower_edge(), law.upper_edge());
            // A rounding of x or of an edge moves F by the density, and each tail by half as much
            // again relative to its distance from the edge.
            let moved = 4.0 * f64::EPSILON * (1.0 + law.pdf(x) * x);
            let lower = 8.0 * f64::EPSILON * (1.0 + x / (x - a));
            let upper = 8.0 * f64::EPSILON * (1.0 + b / (b - x));
            assert!(
                (law.cdf(x) - cdf).abs() < moved.max(lower * cdf),
                "y {y} x {x}: {}",
                law.cdf(x)
            );
            assert!(
                (law.sf(x) - sf).abs() < moved.max(upper * sf),
                "y {y} x {x}: {}",
                law.sf(x)
            );
            if y <= 1.0 {
                assert!(
                    (law.cdf(x) / cdf - 1.0).abs() < lower,
                    "y {y} x {x}: {}",
                    law.cdf(x)
                );
            }
            assert!(
                (law.sf(x) / sf - 1.0).abs() < upper,
                "y {y} x {x}: {}",
                law.sf(x)
            );
        }
    }

    #[test]
    fn the_edges_use_the_root_of_the_ratio() {
        // With y² in the place of √y (a published misprint) these would be 0.87890625 and 1.12890625.
        let law = MarchenkoPastur::new(0.25, 1.0).unwrap();
        assert_eq!((law.lower_edge(), law.upper_edge()), (0.25, 2.25));
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
        let law = MarchenkoPastur::new(0.5, 1.0).unwrap();
        assert!(law.cdf(f64::NAN).is_nan() && law.sf(f64::NAN).is_nan());
    }
}
