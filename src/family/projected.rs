//! Trained coefficients of fixed features of the inputs.

use super::Family;
use super::weight::Planes;
use super::weight::positive;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use crate::operator::basis::{Basis, Gram, Image, Projection};
use crate::operator::{Dense, Fixed, Product};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<ProjectedSettings>()),
    ..Family::NONE
};

/// `family = "projected"`: `W' B`, W' trained and m × r, B fixed and r × n; m r parameters, W' column by column
/// (Wu 2018, equation 3; Denil et al. 2013, whose dictionary over the inputs is B).
///
/// The entries of W' have variance `1/‖B‖²`, so that those of W' B have 1/n on the mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProjectedSettings {
    /// r, rows of B.
    pub features: usize,
    /// What they are.
    pub basis: Features,
    /// Length of the radial kernel in pixels; the other features have none.
    #[serde(default = "width")]
    pub width: f64,
    /// What is added to the diagonal of the radial kernel's matrix before it is inverted.
    #[serde(default = "ridge")]
    pub ridge: f64,
    /// The initial law of the entries of W' B, or of W'.
    #[serde(default)]
    pub initial: Initial,
}

/// Fixed features of the inputs, of which the first r of more are the same r.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Features {
    /// The orthonormal two-dimensional DCT of each channel, lowest frequencies first in zig-zag order, at
    /// each frequency the channels in order.
    Dct,
    /// Independent normal numbers of variance 1/n.
    Gaussian,
    /// Single inputs in random order.
    Pixels,
    /// The weights at r random pixels, spread to all others of their channel by kernel ridge regression:
    /// `B = (K_rr + ridge I)⁻¹ K_rn`, `K = exp(-distance²/2 width²)`. Those of more pixels are others.
    Radial,
}

fn width() -> f64 {
    1.0
}

fn ridge() -> f64 {
    0.01
}

impl TrainedFamily for ProjectedSettings {
    const NAME: &'static str = "projected";

    const EXAMPLES: &'static [&'static str] = &[
        "basis = 'dct', features = 7",
        "basis = 'gaussian', features = 5",
        "basis = 'pixels', features = 5",
        "basis = 'radial', features = 5, width = 1.5",
    ];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        positive("width", self.width)?;
        positive("ridge", self.ridge)?;
        let &Slot { rows, columns, .. } = slot;
        let count = self.features;
        if count == 0 || count > columns {
            return Err(WeightError::Count {
                name: "features",
                found: count,
                most: columns,
                rows,
                columns,
            });
        }
        let features = self.matrix(slot.planes(), columns, draws)?;
        let energy = features.squared_norm_l2();
        let variance = |v: f64| v * columns as f64 / energy;
        let stream = draws.initial(0);
        let initial = self
            .initial
            .draw(slot.fans(), variance, rows * count, stream);
        let values = features.col_iter().flat_map(|c| c.iter().copied());
        let fixed = Fixed::new(Box::new(Dense::new(count, columns)), values.collect());
        let product = Product::new(vec![Box::new(Dense::new(rows, count)), Box::new(fixed)]);
        Ok(Weight::new(product, initial))
    }
}

impl ProjectedSettings {
    /// B, r × n.
    fn matrix(
        &self,
        planes: Planes,
        columns: usize,
        draws: Draws,
    ) -> Result<Mat<f64>, WeightError> {
        let count = self.features;
        Ok(match self.basis {
            Features::Dct => cosines(planes, count, columns),
            Features::Gaussian => {
                let mut transposed = Mat::zeros(columns, count);
                for feature in 0..count {
                    let numbers = transposed.col_as_slice_mut(feature);
                    draws.entries(0, feature).normals(0, numbers);
                }
                let scale = 1.0 / (columns as f64).sqrt();
                Mat::from_fn(count, columns, |t, j| scale * transposed[(j, t)])
            }
            Features::Pixels => {
                let order = shuffled(columns, draws);
                Mat::from_fn(count, columns, |t, j| f64::from(order[t] == j))
            }
            Features::Radial => {
                let kept = &shuffled(columns, draws)[..count];
                let kernel = |a: usize, b: usize| self.kernel(planes, a, b);
                let mut own = Mat::from_fn(count, count, |s, t| kernel(kept[s], kept[t]));
                (0..count).for_each(|t| own[(t, t)] += self.ridge);
                let all = Mat::from_fn(count, columns, |t, j| kernel(kept[t], j));
                let singular = |_| WeightError::Radial {
                    width: self.width,
                    ridge: self.ridge,
                };
                let factor = own.llt(Side::Lower).map_err(singular)?;
                factor.solve(&all)
            }
        })
    }

    /// The kernel of two inputs, none between channels.
    fn kernel(&self, planes: Planes, a: usize, b: usize) -> f64 {
        let [(channel, pixel), (other, against)] = [a, b].map(|column| planes.place(column));
        if channel != other {
            return 0.0;
        }
        let width = planes.width;
        let down = (pixel / width).abs_diff(against / width) as f64;
        let across = (pixel % width).abs_diff(against % width) as f64;
        let square = (down * down + across * across) / (self.width * self.width);
        libm::exp(-square / 2.0)
    }
}

fn shuffled(columns: usize, draws: Draws) -> Vec<usize> {
    let mut order: Vec<usize> = (0..columns).collect();
    order.shuffle(&mut draws.stream(0, 0));
    order
}

/// The first `count` cosines of images, all channels of a frequency before the next frequency.
fn cosines(planes: Planes, count: usize, columns: usize) -> Mat<f64> {
    let image = Image {
        height: planes.height,
        width: planes.width,
    };
    let one = Projection::dct(1, image, count.div_ceil(planes.channels));
    let Gram::RowWise { features, .. } = one.gram() else {
        unreachable!("a family of features")
    };
    Mat::from_fn(count, columns, |t, j| {
        let (channel, pixel) = planes.place(j);
        if channel == t % planes.channels {
            features[(t / planes.channels, pixel)]
        } else {
            0.0
        }
    })
}
