//! The data of a recipe.

use crate::data::{Pixels, Samples};
use serde::{Deserialize, Serialize};

/// The data that a network is trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DataSettings {
    /// `digits` (drawn by a generator), `mnist`, `fashion-mnist`, `cifar10`, `stl10`, `svhn`, or a path.
    pub set: String,
    /// The factor of each pixel, after the mean is taken off; by default [`scale_of`](DataSettings::scale_of) the
    /// samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// The mean that is taken off first.
    pub mean: Mean,
    /// The order in which samples are met.
    pub order: Order,
    /// How many training samples are used, the first ones; all by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<usize>,
    /// How many of them, the last ones, are not trained on and take the place of the test samples, so that settings
    /// can be chosen without the test data; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<usize>,
    /// How training samples are changed each time they are met; not at all by default. Samples to test with never are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augment: Option<Augment>,
}

/// How a training sample is changed each time it is met, after its pixels have become numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Augment {
    /// The image is moved by up to so many pixels up or down and left or right, each offset equally likely: zeros
    /// around it, then a crop of its size.
    pub padding: usize,
    /// With probability 1/2 it is mirrored left to right.
    pub flip: bool,
}

/// The mean that is taken off the pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mean {
    /// Nothing.
    #[default]
    None,
    /// The mean of each pixel over the training samples.
    Pixel,
}

/// The order in which samples are met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Shuffled anew each pass, by the seed.
    #[default]
    Shuffled,
    /// That of the file, again and again; a batch may run over the end.
    File,
}

impl DataSettings {
    /// Returns the scale of `samples`: the one that is set, else 1/256 of bytes and 1 of floats.
    pub fn scale_of(&self, samples: &Samples) -> f64 {
        self.scale.unwrap_or(match samples.pixels {
            Pixels::Bytes(_) => 1.0 / 256.0,
            Pixels::Floats(_) => 1.0,
        })
    }
}

impl Default for DataSettings {
    fn default() -> DataSettings {
        DataSettings {
            set: "digits".into(),
            scale: None,
            mean: Mean::None,
            order: Order::Shuffled,
            train: None,
            held_out: None,
            augment: None,
        }
    }
}
