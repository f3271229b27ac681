//! The record of a training: plain data.

use super::network::Network;
use super::number::measured;
use super::recipe::Recipe;
use super::remark::Remark;
use super::selection::SampleCounts;
use super::watch::Watched;
use crate::data::Origin;
use serde::{Deserialize, Serialize};

/// The version of the record's keys; adding one does not change it.
pub const SCHEMA_VERSION: u32 = 1;

/// A training: what was asked, what was met on the way, how it ended.
#[derive(Debug, Clone, Serialize)]
pub struct TrainingRecord {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Name and version of the program.
    pub program: String,
    /// The recipe, every setting said.
    pub recipe: Recipe,
    /// The origin of the data.
    pub data: Origin,
    /// Samples trained on, samples tested with, classes.
    pub samples: SampleCounts,
    /// Names of the classes, in the order of the network's outputs; empty where the data do not say.
    pub class_names: Vec<String>,
    /// Remarks on the data.
    pub remarks: Vec<Remark>,
    /// The layers at the end.
    pub layers: Vec<LayerSummary>,
    /// Numbers that were trained.
    pub parameters: ParameterCounts,
    /// The phases.
    pub phases: Vec<PhaseSummary>,
    /// One row an interval, the first before the first step.
    pub rows: Vec<Row>,
    /// Steps made.
    pub iterations: u64,
    /// How it ended.
    pub ended: Ended,
    /// The device of the last steps: processor, or an adapter's name.
    pub device: String,
    /// Duration and speed; they differ from run to run.
    pub timing: Timing,
}

/// A layer as built.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerSummary {
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: String,
    /// The shape of the input, as 20x12x12.
    pub input: String,
    /// The shape of the output.
    pub output: String,
    /// The weight's formula; none without a weight.
    pub weight: Option<String>,
    /// Parameters of the weight, those kept at zero not counted.
    pub parameters: usize,
    /// Entries of the weight as a dense matrix.
    pub dense: usize,
    /// Biases; of batch normalisation, scales and shifts.
    pub biases: usize,
}

/// How many numbers are trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ParameterCounts {
    /// Parameters of all weights.
    pub weights: usize,
    /// Number of all biases.
    pub biases: usize,
    /// Entries of all weights, were they dense.
    pub dense_weights: usize,
    /// (weights + biases) / (dense weights + biases): parameters after over parameters before.
    pub compression: f64,
}

/// A phase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseSummary {
    /// The name.
    pub name: Option<String>,
    /// First iteration.
    pub start: u64,
    /// The one after the last.
    pub end: u64,
    /// Numbers that were trained in it, biases too.
    pub parameters: usize,
}

/// The state of things after some iterations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Steps made.
    pub iteration: u64,
    /// Passes over the training samples.
    pub epoch: f64,
    /// The phase, from 1.
    pub phase: usize,
    /// Mean loss of the batches since the last row; none in the first.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "measured"
    )]
    pub loss: Option<f64>,
    /// Share of right answers on the first training samples.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "measured"
    )]
    pub training_accuracy: Option<f64>,
    /// Share of right answers on the test samples.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "measured"
    )]
    pub test_accuracy: Option<f64>,
    /// Mean loss on the test samples.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "measured"
    )]
    pub test_loss: Option<f64>,
    /// The rate of the next step.
    pub rate: f64,
    /// Watched layers.
    #[serde(default)]
    pub watched: Vec<Watched>,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Ended {
    /// All iterations are done.
    Finished,
    /// It was asked to stop; it can go on from its checkpoint.
    Interrupted,
    /// The loss was not finite.
    Diverged {
        /// Counted from 1.
        iteration: u64,
    },
}

/// Duration and speed of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Timing {
    /// Seconds of steps and tests.
    pub seconds: f64,
    /// Training samples a second, tests not counted.
    pub samples_per_second: f64,
    /// Threads.
    pub threads: usize,
}

impl LayerSummary {
    /// Summarises all layers.
    pub(super) fn of(network: &Network) -> Vec<LayerSummary> {
        let summary = |layer: &super::layer::Layer| {
            let (parameters, biases) = layer.parameters();
            let affine = layer.affine();
            let mask = affine.and_then(|affine| affine.mask());
            let zeros = mask.map_or(0, |mask| mask.iter().filter(|&&x| x == 0.0).count());
            LayerSummary {
                name: layer.name.clone(),
                kind: layer.kind.to_owned(),
                input: layer.input.to_string(),
                output: layer.output.to_string(),
                weight: affine.map(|affine| affine.weight().to_string()),
                parameters: parameters - zeros,
                dense: affine.map_or(0, |affine| affine.slot().rows * affine.slot().columns),
                biases,
            }
        };
        network.layers.iter().map(summary).collect()
    }
}

impl ParameterCounts {
    /// The sums over `layers`.
    pub fn of(layers: &[LayerSummary]) -> ParameterCounts {
        let sum = |count: fn(&LayerSummary) -> usize| layers.iter().map(count).sum::<usize>();
        let (weights, biases) = (sum(|l| l.parameters), sum(|l| l.biases));
        let dense_weights = sum(|l| l.dense);
        ParameterCounts {
            weights,
            biases,
            dense_weights,
            compression: (weights + biases) as f64 / (dense_weights + biases) as f64,
        }
    }
}
