//! The inputs of a layer, as far as a sketch's variance asks: their second moments.

use super::memory::reserve;
use super::{Sketch, SketchError};
use crate::linalg::algebra::{energy, product, triangle};
use crate::operator::{Geometry, Kernel, SmallImage};
use faer::{Mat, MatRef};

/// Patches whose triangle is taken at a time, in units of their length.
const STRIP: usize = 4;
/// Columns of W whose inner products are made at a time.
const INNER: usize = 256;
/// Matrices of d₂ × d₂ that a triangle takes: the strip, it with the last one, and what is factorised.
const COPIES: usize = 3 * STRIP + 4;

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

    /// All patches of one image of independent pixels of mean 0 and variance 1.
    ///
    /// # Errors
    ///
    /// [`SmallImage`].
    pub fn isotropic_image(
        kernel: &Kernel,
        geometry: &Geometry,
    ) -> Result<Activations, SmallImage> {
        let meetings = geometry.meetings(kernel)?;
        Ok(Activations {
            root: Root::Diagonal(meetings.iter().map(|c| c.sqrt()).collect()),
            samples: None,
            image_energy: Some(geometry.pixels(kernel) as f64),
        })
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
        let root = match x.nrows() > x.ncols() {
            true => triangle(x),
            false => x.to_owned(),
        };
        Ok(Activations {
            root: Root::Dense(root),
            samples: Some(x.nrows()),
            image_energy: None,
        })
    }

    /// The patches of `shape[0]` images, row by row in `data`: N × channels × height × width, or
    /// N × height × width × channels where the kernel has channels last. Memory is a few d₂ × d₂ matrices,
    /// whatever the number of patches.
    ///
    /// # Errors
    ///
    /// [`SketchError`] when there is no image, the channels are not the kernel's or it does not fit.
    ///
    /// # Panics
    ///
    /// When `data` has another length than `shape` says.
    pub fn images(
        data: &[f64],
        shape: [usize; 4],
        kernel: &Kernel,
        stride: [usize; 2],
        padding: [usize; 2],
    ) -> Result<Activations, SketchError> {
        let [count, channels, height, width] = match (kernel.channels_last, shape) {
            (true, [n, h, w, c]) => [n, c, h, w],
            (false, shape) => shape,
        };
        assert_eq!(
            data.len(),
            shape.iter().product::<usize>(),
            "images of shape {shape:?}"
        );
        if channels != kernel.channels {
            return Err(SketchError::Channels {
                found: channels,
                expected: kernel.channels,
            });
        }
        if data.is_empty() {
            return Err(SketchError::NoSamples);
        }
        let geometry = Geometry {
            image: [height, width],
            stride,
            padding,
            channels_last: kernel.channels_last,
        };
        // Patches of padding alone add nothing.
        let [down, across] = geometry.meeting_places(kernel)?;
        let d = kernel.columns();
        reserve(d.saturating_mul(d).saturating_mul(COPIES))?;
        let mut sources = vec![None; d];
        let mut rows: Vec<f64> = Vec::new();
        let mut square: Option<Mat<f64>> = None;
        for image in data.chunks_exact(channels * height * width) {
            for place in down
                .clone()
                .flat_map(|y| across.clone().map(move |x| [y, x]))
            {
                geometry.place(kernel, place, &mut sources);
                let pixel = |source: &Option<usize>| source.map_or(0.0, |source| image[source]);
                rows.extend(sources.iter().map(pixel));
                if rows.len() >= STRIP * d * d {
                    square = Some(reduced(square, &rows, d));
                    rows.clear();
                }
            }
        }
        let root = match square {
            None if rows.len() <= d * d => {
                MatRef::from_row_major_slice(&rows, rows.len() / d, d).to_owned()
            }
            square => reduced(square, &rows, d),
        };
        Ok(Activations {
            root: Root::Dense(root),
            samples: Some(count),
            image_energy: Some(data.iter().map(|x| x * x).sum()),
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

/// The triangle of what was there and more rows of `d` numbers.
fn reduced(before: Option<Mat<f64>>, rows: &[f64], d: usize) -> Mat<f64> {
    let more = MatRef::from_row_major_slice(rows, rows.len() / d, d);
    let kept = before.as_ref().map_or(0, Mat::nrows);
    let all = Mat::from_fn(kept + more.nrows(), d, |i, j| match &before {
        Some(before) if i < kept => before[(i, j)],
        _ => more[(i - kept, j)],
    });
    triangle(all.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// `M Mᵀ` of many patches, gathered in strips, against the sum over all of them: catches a strip
    /// that is lost or counted twice.
    #[test]
    fn strips_of_patches_keep_the_second_moments() {
        let kernel = Kernel {
            channels: 2,
            height: 2,
            width: 2,
            channels_last: false,
        };
        let mut stream = Stream::new(5, &[6]);
        for count in [1, 3, 40] {
            let data: Vec<f64> = (0..count * 2 * 30).map(|_| stream.normal()).collect();
            let found =
                Activations::images(&data, [count, 2, 6, 5], &kernel, [1, 1], [1, 1]).unwrap();
            let geometry = Geometry {
                image: [6, 5],
                stride: [1, 1],
                padding: [1, 1],
                channels_last: false,
            };
            let sources = geometry.sources(&kernel).unwrap();
            let mut expected: Mat<f64> = Mat::zeros(8, 8);
            for image in data.chunks_exact(60) {
                let patches: Vec<f64> = sources
                    .iter()
                    .map(|s| s.map_or(0.0, |s| image[s]))
                    .collect();
                let patches = MatRef::from_column_major_slice(&patches, 8, patches.len() / 8);
                expected += patches * patches.transpose();
            }
            let Root::Dense(root) = &found.root else {
                panic!("images have a dense root");
            };
            let off = (root.transpose() * root - &expected).norm_l2();
            let patches = count * 7 * 6;
            let bound = (patches + 8) as f64 * f64::EPSILON * expected.norm_l2();
            assert!(off <= bound, "{count}: {off} {bound}");
            let energies: f64 = found.row_energies().iter().sum();
            let trace: f64 = (0..8).map(|i| expected[(i, i)]).sum();
            assert!((energies - trace).abs() <= bound * 8.0);
        }
    }

    /// The expectation over independent pixels is the mean over all images of one pixel 1: catches a
    /// place counted wrongly at the border.
    #[test]
    fn an_isotropic_image_is_the_sum_over_its_pixels() {
        let kernel = Kernel {
            channels: 1,
            height: 3,
            width: 3,
            channels_last: false,
        };
        let geometry = Geometry {
            image: [4, 6],
            stride: [2, 2],
            padding: [1, 1],
            channels_last: false,
        };
        let found = Activations::isotropic_image(&kernel, &geometry).unwrap();
        // Row 0 of the kernel meets the image at the second place down, row 1 and 2 at both, and so across.
        let (down, across) = ([1.0, 2.0, 2.0], [2.0, 3.0, 3.0]);
        let expected: Vec<f64> = (0..9).map(|at| down[at / 3] * across[at % 3]).collect();
        for (found, expected) in found.row_energies().iter().zip(&expected) {
            assert!((found - expected).abs() <= 2.0 * f64::EPSILON * expected);
        }
    }
}
