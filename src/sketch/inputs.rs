//! The inputs of a layer, as far as a sketch's variance asks: their second moments.

use super::{Sketch, SketchError};
use crate::linalg::algebra::{energy, product, triangle};
use faer::{Mat, MatRef};

/// Columns of W whose inner products are made at a time.
const INNER: usize = 256;

/// The inputs `M` of a layer, d₂ × q, by a root of `M Mᵀ`.
#[derive(Debug, Clone)]
pub struct Activations {
    pub(super) root: Root,
    /// Samples, images where the layer is a convolution; none stand for the expectation over independent inputs
    /// of mean 0 and variance 1.
    pub(super) samples: Option<usize>,
    /// ‖M‖² before patches were cut, that of the images themselves.
    pub(super) image_energy: Option<f64>,
}

#[derive(Debug, Clone)]
pub(super) enum Root {
    /// The square roots of a diagonal `E[M Mᵀ]`.
    Diagonal(Vec<f64>),
    /// The transpose of a root, min(d₂, q) × d₂.
    Dense(Mat<f64>),
}

impl Activations {
    /// One sample of `d` independent numbers of mean 0 and variance 1.
    #[must_use]
    pub fn isotropic(d: usize) -> Activations {
        Activations {
            root: Root::Diagonal(vec![1.0; d]),
            samples: None,
            image_energy: None,
        }
    }

    /// The samples in the rows of `x`, N × d₂. A QR factorisation when N > d₂: 2 N d₂² operations.
    ///
    /// # Errors
    ///
    /// [`SketchError::NoSamples`].
    pub fn samples(x: MatRef<'_, f64>) -> Result<Activations, SketchError> {
        if x.nrows() == 0 {
            return Err(SketchError::NoSamples);
        }
        let root = if x.nrows() > x.ncols() {
            triangle(x)
        } else {
            x.to_owned()
        };
        Ok(Activations {
            root: Root::Dense(root),
            samples: Some(x.nrows()),
            image_energy: None,
        })
    }

    /// d₂.
    #[must_use]
    pub fn width(&self) -> usize {
        match &self.root {
            Root::Diagonal(root) => root.len(),
            Root::Dense(root) => root.ncols(),
        }
    }

    /// `X M` for a matrix of d₂ columns.
    pub(super) fn outputs(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        match &self.root {
            Root::Diagonal(root) => Mat::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] * root[j]),
            Root::Dense(root) => product(x, root.transpose()),
        }
    }

    /// `X M Mᵀ`, unless `M Mᵀ` is the identity.
    pub(super) fn moments_times(&self, x: MatRef<'_, f64>) -> Option<Mat<f64>> {
        match &self.root {
            Root::Diagonal(root) if root.iter().all(|r| *r == 1.0) => None,
            Root::Diagonal(root) => {
                let square = |j: usize| root[j] * root[j];
                Some(Mat::from_fn(x.nrows(), x.ncols(), |i, j| {
                    x[(i, j)] * square(j)
                }))
            }
            Root::Dense(root) => Some(product(
                product(x, root.transpose()).as_ref(),
                root.as_ref(),
            )),
        }
    }

    /// `(U M)ᵀ`.
    pub(super) fn sketched(&self, sketch: &Sketch) -> Mat<f64> {
        match &self.root {
            Root::Diagonal(root) => {
                let dense = sketch.dense();
                Mat::from_fn(root.len(), dense.nrows(), |j, r| dense[(r, j)] * root[j])
            }
            Root::Dense(root) => sketch.apply(root.as_ref()),
        }
    }

    /// `‖M Q‖²` for a matrix Q of as many rows as the root has columns.
    pub(super) fn energy_along(&self, q: MatRef<'_, f64>) -> f64 {
        match &self.root {
            Root::Diagonal(root) => {
                let row = |i: usize| energy(q.subrows(i, 1)) * root[i] * root[i];
                (0..root.len()).map(row).sum()
            }
            Root::Dense(root) => energy(product(root.transpose(), q).as_ref()),
        }
    }

    /// `Σ_{i≠j} ⟨wᵢ, wⱼ⟩ ⟨mᵢ, mⱼ⟩`, columns of W and rows of M, from their inner products: the difference of
    /// ‖W M‖² and Σ ‖wᵢ‖² ‖mᵢ‖² would cancel. 2 d₂² (d₁ + q) operations.
    pub(super) fn crossed(&self, w: MatRef<'_, f64>) -> f64 {
        let Root::Dense(root) = &self.root else {
            return 0.0;
        };
        let d = w.ncols();
        let strip = |start: usize| {
            let count = INNER.min(d - start);
            let weights = product(w.transpose(), w.subcols(start, count));
            let inputs = product(root.transpose(), root.subcols(start, count));
            let column = |j: usize| -> f64 {
                let others = (0..d).filter(|i| *i != start + j);
                others.map(|i| weights[(i, j)] * inputs[(i, j)]).sum()
            };
            (0..count).map(column).sum::<f64>()
        };
        (0..d).step_by(INNER).map(strip).sum()
    }

    /// The squared norms of the rows of M.
    pub(super) fn row_energies(&self) -> Vec<f64> {
        match &self.root {
            Root::Diagonal(root) => root.iter().map(|x| x * x).collect(),
            Root::Dense(root) => (0..root.ncols())
                .map(|i| energy(root.as_ref().subcols(i, 1)))
                .collect(),
        }
    }
}
