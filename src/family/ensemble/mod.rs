//! Random sketches of a family's law.

mod count;
mod gaussian;
mod hadamard;
mod sign;

pub(crate) use count::CountSketch;
pub(crate) use gaussian::GaussianSketch;
pub(crate) use hadamard::HadamardSketch;
#[cfg(test)]
pub(crate) use sign::SignBits;
pub(crate) use sign::SignSketch;

use super::{Ability, Entry};
use crate::random::{Entries, Stream};
use faer::{Mat, MatRef};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Second moments of `G = UᵀU`, whose mean is the identity and whose different entries on and above the
/// diagonal are uncorrelated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Variance of an entry outside the diagonal.
    pub off_diagonal: f64,
    /// Variance of an entry on the diagonal.
    pub diagonal: f64,
}

/// A drawn sketch U, k × d.
pub trait SketchMatrix: Any + fmt::Debug + Send + Sync {
    /// Returns k and d.
    fn shape(&self) -> (usize, usize);

    /// Returns `X Uᵀ`.
    fn apply(&self, x: MatRef<'_, f64>) -> Mat<f64>;

    /// Returns `Y U`.
    fn adjoint(&self, y: MatRef<'_, f64>) -> Mat<f64>;

    /// Returns U where that is less work than its products with the identity.
    fn dense(&self) -> Option<Mat<f64>> {
        None
    }

    /// Returns `U Vᵀ` for a sketch V of as many columns where that is less work than a product with V itself.
    fn gram(&self, _other: &dyn SketchMatrix) -> Option<Mat<f64>> {
        None
    }
}

/// Writes the entries of a sketch with d columns, times √k, row by row in single precision.
type WriteEntries = fn(usize, Entries, &mut [f32]);

/// The ability of a family to sketch: a law of random matrices `U`, k × d, with `E[UᵀU] = I`.
pub struct Sketching {
    /// The name on the command line and in results.
    pub name: &'static str,
    /// Says in a few words what a sketch is.
    pub about: &'static str,
    /// Returns the moments for k and d, where there are such sketches.
    pub moments: fn(usize, usize) -> Moments,
    /// Counts the operations of one product of a sketch of k × d with a vector.
    pub operations: fn(usize, usize) -> usize,
    /// Draws a sketch of k × d from entries and a stream for choices of rows.
    pub draw: fn([usize; 2], Entries, Stream) -> Arc<dyn SketchMatrix>,
    /// Returns the most rows that a sketch of so many coordinates can have.
    pub most_rows: fn(usize) -> usize,
    /// Writes the entries where they are independent, so that trials can run on any device.
    pub entries: Option<WriteEntries>,
    /// Whether the published bounds on variances are those of this law.
    pub has_bounds: bool,
    /// Whether a product takes one addition a number.
    pub is_sparse: bool,
}

impl Ability for Sketching {
    fn tag(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}

/// A family that [sketches](Sketching).
pub type Ensemble = Entry<Sketching>;

impl Ensemble {
    /// Whether trials can run on another device than the CPU: those of independent entries, which one product
    /// multiplies.
    #[must_use]
    pub fn has_plan(self) -> bool {
        self.entries.is_some()
    }

    /// Most rows that a sketch of `d` coordinates can have.
    #[must_use]
    pub fn most_rows(self, d: usize) -> usize {
        (self.most_rows)(d)
    }

    /// The moments for `k` rows and `d` columns.
    ///
    /// # Panics
    ///
    /// When `k` is 0 or more than [`most_rows`](Ensemble::most_rows).
    #[must_use]
    pub fn moments(self, k: usize, d: usize) -> Moments {
        assert!(
            (1..=self.most_rows(d)).contains(&k),
            "{k} rows of a {} sketch of {d}",
            self.name
        );
        (self.moments)(k, d)
    }
}
