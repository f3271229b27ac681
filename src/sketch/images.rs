//! The inputs of a convolution: the patches of images.

use super::inputs::Root;
use super::memory::reserve;
use super::{Activations, SketchError};
use crate::linalg::algebra::triangle;
use crate::operator::{Geometry, Kernel, SmallImage};
use faer::{Mat, MatRef};

/// Patches whose triangle is taken at a time, in units of their length.
const STRIP: usize = 4;
/// Matrices of d₂ × d₂ that a triangle takes: the strip, it with the last one, and what is factorised.
const COPIES: usize = 3 * STRIP + 4;

impl Activations {
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
