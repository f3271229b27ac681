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
        if x == 0.0 {
            return f64::INFINITY;
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
pub(super) mod tests;
