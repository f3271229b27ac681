//! Recipes: files that describe a network, its data and its training.

mod data;
mod layer;
mod optimizer;
mod phase;
mod place;
mod rate;
mod read;

pub use crate::device::Precision;
pub use data::{Augment, DataSettings, Mean, Order};
pub use layer::{Bias, Extent, LayerSettings, Pooling, Rounding};
pub use optimizer::{Momentum, Optimizer};
pub use phase::{Change, Norm, Penalty, PhaseSettings};
pub(crate) use place::line_of;
pub(super) use place::line_that_names;
pub use rate::Rate;
pub use read::{RecipeError, read};

use crate::data::Samples;
use serde::{Deserialize, Serialize};

/// A network, its data and its training: a TOML file. What it leaves out has a default, and
/// [`Recipe::to_toml`] repeats every setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// The name of the network.
    #[serde(default = "unnamed")]
    pub name: String,
    /// The seed of everything random: initial weights, fixed matrices, order of samples, dropout.
    #[serde(default = "one")]
    pub seed: u64,
    /// The data.
    #[serde(default)]
    pub data: DataSettings,
    /// How long, by what steps.
    pub training: TrainingSettings,
    /// The records of a run.
    #[serde(default)]
    pub record: RecordSettings,
    /// The layers, first to last; the last one's outputs are the scores of the classes.
    #[serde(rename = "layer")]
    pub layers: Vec<LayerSettings>,
    /// Phases that follow one another; none is one phase of all iterations.
    #[serde(rename = "phase", default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<PhaseSettings>,
}

/// How long, by what steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrainingSettings {
    /// Steps; where there are phases, each says its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
    /// Passes over the training samples, instead of iterations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<f64>,
    /// Samples of a step.
    #[serde(default = "batch")]
    pub batch: usize,
    /// Numbers in which it is computed.
    #[serde(default)]
    pub precision: Precision,
    /// The rule of a step.
    #[serde(default)]
    pub optimizer: Optimizer,
    /// The learning rate over time.
    #[serde(default)]
    pub rate: Rate,
}

/// The records of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct RecordSettings {
    /// Iterations between two rows of the record.
    pub every: u64,
    /// Iterations between two checkpoints.
    pub checkpoint: u64,
    /// Training samples, the first ones, on which accuracy is measured at each row; 0 for none.
    pub training_samples: usize,
    /// Layers whose weights are watched: variance and singular values at each row.
    pub watch: Vec<String>,
}

impl Default for RecordSettings {
    fn default() -> RecordSettings {
        RecordSettings {
            every: 500,
            checkpoint: 1000,
            training_samples: 2000,
            watch: Vec::new(),
        }
    }
}

impl Recipe {
    /// Returns the recipe with those settings filled in whose default depends on the samples that are trained on.
    pub fn settled(&self, samples: &Samples) -> Recipe {
        let mut recipe = self.clone();
        recipe.data.scale = Some(self.data.scale_of(samples));
        recipe
    }

    /// The recipe as a file, every setting said; without a scale, if that is not [`settled`](Recipe::settled).
    ///
    /// # Panics
    /// Never: all of it has a form in TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("settings have a form in TOML")
    }

    /// The names of the layers that have a weight, first to last.
    pub fn weighted_layers(&self) -> impl Iterator<Item = String> {
        let layers = self.layers.iter().enumerate();
        let weighted = layers.filter(|(_, layer)| {
            matches!(
                layer,
                LayerSettings::Linear { .. } | LayerSettings::Convolution { .. }
            )
        });
        weighted.map(|(index, layer)| layer.name_at(index))
    }
}

fn unnamed() -> String {
    "network".into()
}

fn one() -> u64 {
    1
}

fn batch() -> usize {
    64
}
