//! A matrix laid on every patch of an image.

use super::linear_operator::act;
use super::{Geometry, Kernel, LinearOperator, SmallImage};
use crate::program::{Gather, Lists, Map, Record, View};
use faer::Mat;
use std::fmt;
use std::sync::Arc;

/// The convolution of images with a kernel whose matrix, out × (channels height width), is any operator:
/// so each structured family is one of convolutions too (im2col).
///
/// A column is an image, its pixels as the [`Geometry`] says. In the result the place runs over rows
/// and columns and the output, the fastest, within each place. Cost: that of the operator on `places`
/// columns a sample, and the gathering of their patches.
pub struct Convolution {
    kernel: Kernel,
    geometry: Geometry,
    weight: Box<dyn LinearOperator>,
    places: usize,
    patches: Arc<Lists>,
}

impl Convolution {
    /// `weight` on the patches of `kernel` in `geometry`.
    ///
    /// # Errors
    ///
    /// [`SmallImage`].
    ///
    /// # Panics
    ///
    /// When `weight` has other columns than the kernel.
    pub fn new(
        kernel: Kernel,
        geometry: Geometry,
        weight: Box<dyn LinearOperator>,
    ) -> Result<Convolution, SmallImage> {
        let columns = weight.shape().1;
        assert!(
            columns == kernel.columns(),
            "convolution: {weight} of {columns} columns for {kernel:?}"
        );
        let [down, across] = geometry.places(&kernel)?;
        let sources = geometry.sources(&kernel)?;
        Ok(Convolution {
            places: down * across,
            patches: Arc::new(Lists::from_table(geometry.pixels(&kernel), sources)),
            kernel,
            geometry,
            weight,
        })
    }

    /// The operator on the patches.
    pub fn weight(&self) -> &dyn LinearOperator {
        &*self.weight
    }
}

impl LinearOperator for Convolution {
    fn shape(&self) -> (usize, usize) {
        let outputs = self.weight.shape().0;
        (self.places * outputs, self.geometry.pixels(&self.kernel))
    }

    fn parameters(&self) -> usize {
        self.weight.parameters()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let samples = x.columns;
        let patches = record.push(Gather::new(Arc::clone(&self.patches), x));
        let patches = patches.reshaped([self.kernel.columns(), self.places * samples, 1]);
        let (outputs, rows) = (self.weight.shape().0, self.shape().0);
        if y.is_packed() {
            let y = y.reshaped([outputs, self.places * samples, 1]);
            self.weight.emit(record, parameters, patches, y);
        } else {
            let own = act(&*self.weight, record, parameters, patches);
            record.add(y, Map::copy(own.reshaped([rows, samples, 1])));
        }
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let weight = self.weight.dense(parameters);
        let (rows, columns) = self.shape();
        let mut dense = Mat::zeros(rows, columns);
        let patches = self.kernel.columns();
        for place in 0..self.places {
            for column in 0..patches {
                for &pixel in self.patches.list(place * patches + column) {
                    for output in 0..weight.nrows() {
                        let row = place * weight.nrows() + output;
                        dense[(row, pixel as usize)] += weight[(output, column)];
                    }
                }
            }
        }
        dense
    }
}

impl fmt::Display for Convolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [height, width] = self.geometry.image;
        write!(f, "({}) on {height}×{width}", self.weight)
    }
}
