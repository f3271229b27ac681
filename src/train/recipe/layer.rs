//! The settings of a layer in a recipe.

use crate::train::weight::WeightSettings;
use serde::{Deserialize, Serialize};

/// A layer. Those with parameters have a name, `KIND` and their place from 1 where none is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum LayerSettings {
    /// `y = W x + b`; an image is read channel by channel.
    Linear {
        /// The name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Rows of W.
        outputs: usize,
        /// The family of W and how it begins.
        #[serde(default)]
        weight: WeightSettings,
        /// b.
        #[serde(default)]
        bias: Bias,
    },
    /// A kernel, its matrix outputs × (channels height width), on every patch of an image.
    Convolution {
        /// The name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Channels of the result.
        outputs: usize,
        /// Height and width of the kernel.
        kernel: Extent,
        /// Step between places.
        #[serde(default = "one")]
        stride: Extent,
        /// Zeros around the image.
        #[serde(default = "none")]
        padding: Extent,
        /// The family of the kernel's matrix and how it begins.
        #[serde(default)]
        weight: WeightSettings,
        /// b, one number a channel.
        #[serde(default)]
        bias: Bias,
    },
    /// The largest pixel of each window.
    MaxPool(Pooling),
    /// The mean of each window's pixels, those outside the image not counted.
    AveragePool(Pooling),
    /// The mean of each channel.
    GlobalAveragePool,
    /// `max(x, 0)`.
    Relu,
    /// `1 / (1 + e⁻ˣ)`.
    Sigmoid,
    /// `tanh x`.
    Tanh,
    /// `(cos x, sin x) / √n` of n inputs: twice as many outputs (random Fourier features).
    Fourier,
    /// Each input is kept with this probability and then divided by it; in tests all are kept as they are.
    Dropout {
        /// The probability.
        keep: f64,
    },
    /// Each channel, or each number of a flat layer, is brought to mean 0 and variance 1 over the batch, then
    /// scaled and shifted by parameters (Ioffe, Szegedy 2015); in tests, over what was met in training.
    BatchNorm {
        /// The name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// ε, which is added to the variance.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// The share of the newest batch in the running mean and variance, as `momentum` of PyTorch's BatchNorm.
        #[serde(default = "momentum", rename = "newest", alias = "momentum")]
        momentum: f64,
    },
    /// Blocks of equally many inputs change places at random, anew each step (Nesky, Stout 2019); in
    /// tests they stand in order.
    BlockShuffle {
        /// How many blocks.
        blocks: usize,
    },
}

/// Windows of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pooling {
    /// Height and width of a window.
    pub size: Extent,
    /// Step between windows; their size where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Extent>,
    /// Whether windows that hang over the end count.
    #[serde(default)]
    pub round: Rounding,
}

/// Whether windows that hang over the end count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// They do not (PyTorch).
    #[default]
    Down,
    /// They do, clipped (Caffe).
    Up,
}

/// One number for both directions, or height and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, or [height, width]")]
pub enum Extent {
    /// Of a square.
    Square(usize),
    /// Height and width.
    Sides([usize; 2]),
}

impl Extent {
    /// Height and width.
    pub fn sides(self) -> [usize; 2] {
        match self {
            Extent::Square(side) => [side, side],
            Extent::Sides(sides) => sides,
        }
    }
}

/// How biases begin: `false` for none, `true` for zero, or a number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected false, true or a number")]
pub enum Bias {
    /// None, or zeros.
    Present(bool),
    /// This number.
    Value(f64),
}

impl Default for Bias {
    fn default() -> Bias {
        Bias::Present(true)
    }
}

impl Bias {
    /// The value at which they begin; none if there are none.
    pub fn initial(self) -> Option<f64> {
        match self {
            Bias::Present(present) => present.then_some(0.0),
            Bias::Value(value) => Some(value),
        }
    }
}

impl LayerSettings {
    /// The kind as a recipe writes it.
    pub fn kind(&self) -> &'static str {
        match self {
            LayerSettings::Linear { .. } => "linear",
            LayerSettings::Convolution { .. } => "convolution",
            LayerSettings::MaxPool(_) => "max-pool",
            LayerSettings::AveragePool(_) => "average-pool",
            LayerSettings::GlobalAveragePool => "global-average-pool",
            LayerSettings::Relu => "relu",
            LayerSettings::Sigmoid => "sigmoid",
            LayerSettings::Tanh => "tanh",
            LayerSettings::Fourier => "fourier",
            LayerSettings::Dropout { .. } => "dropout",
            LayerSettings::BatchNorm { .. } => "batch-norm",
            LayerSettings::BlockShuffle { .. } => "block-shuffle",
        }
    }

    /// The name that is given.
    pub fn name(&self) -> Option<&str> {
        match self {
            LayerSettings::Linear { name, .. }
            | LayerSettings::Convolution { name, .. }
            | LayerSettings::BatchNorm { name, .. } => name.as_deref(),
            _ => None,
        }
    }

    /// The name that it has as layer number `index`, from 0.
    pub fn name_at(&self, index: usize) -> String {
        let given = self.name().map(str::to_owned);
        given.unwrap_or_else(|| format!("{}{}", self.kind(), index + 1))
    }

    /// Where its biases begin, if it has any.
    pub(super) fn bias(&self) -> Option<f64> {
        match self {
            LayerSettings::Linear { bias, .. } | LayerSettings::Convolution { bias, .. } => {
                bias.initial()
            }
            _ => None,
        }
    }

    /// The family of its weight.
    pub fn weight_mut(&mut self) -> Option<&mut WeightSettings> {
        match self {
            LayerSettings::Linear { weight, .. } | LayerSettings::Convolution { weight, .. } => {
                Some(weight)
            }
            _ => None,
        }
    }
}

fn one() -> Extent {
    Extent::Square(1)
}

fn none() -> Extent {
    Extent::Square(0)
}

fn epsilon() -> f64 {
    1e-5
}

fn momentum() -> f64 {
    0.1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches the usual name of the setting that is refused, and a recipe that is repeated under another name than before.
    #[test]
    fn the_momentum_of_a_batch_normalisation_has_two_names() {
        let read = |key: &str| -> LayerSettings {
            toml::from_str(&format!("kind = \"batch-norm\"\n{key} = 0.25")).unwrap()
        };
        assert_eq!(read("momentum"), read("newest"));
        let text = toml::to_string(&read("momentum")).unwrap();
        assert!(text.contains("newest = 0.25"), "{text}");
    }
}
