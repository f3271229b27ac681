//! What a run finds, as plain serialisable data: a field's name here is its key in the JSON, `None` is
//! `null`, and a change that removes or renames one raises [`SCHEMA_VERSION`].

use super::{Accuracy, BestFit, Cost, Energies, Interval, SketchSettings};
use crate::survey::{Extra, Finding, Row, Run};
use crate::weights::FileIdentity;
use serde::Serialize;
use serde::ser::SerializeMap;

/// Version of the JSON written by `sketch`.
pub const SCHEMA_VERSION: u32 = 1;

/// One run over one or more files, one row a matrix.
pub type SketchRun = Run<SketchSettings, SketchLayer, SketchSources>;

/// What a run of sketches says beside its rows.
#[derive(Debug, Clone, Default)]
pub struct SketchSources {
    /// The file of activations.
    pub inputs_file: Option<FileIdentity>,
    /// The device of the trials; left out where it is the processor.
    pub device: Option<String>,
}

impl Extra for SketchSources {
    fn after<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match (key, &self.device) {
            ("files", _) => map.serialize_entry("inputs_file", &self.inputs_file),
            ("warnings", Some(device)) => map.serialize_entry("device", device),
            _ => Ok(()),
        }
    }
}

/// One matrix, or the reason why a tensor has none.
pub type SketchLayer = Row<SketchFindings>;

/// What was found of a matrix, if anything.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SketchFindings {
    /// What sketches do to it.
    #[serde(flatten)]
    pub sketched: Option<Sketched>,
}

impl Finding for SketchFindings {
    const ROWS: &'static str = "layers";
}

/// What sketches do to a layer. Variances are `E‖estimate - W M‖²` over all samples of M, or for one
/// sample of independent inputs of variance 1 (a convolution: one patch, or all patches of one image).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sketched {
    /// d₁, rows of the matrix.
    pub rows: usize,
    /// d₂, its columns.
    pub columns: usize,
    /// h w of a kernel, 1 for a plain layer: mode 2 has so many times k rows.
    pub area: usize,
    /// Samples given; `None` for the expectation over independent inputs.
    pub samples: Option<usize>,
    /// Trials drawn: those asked for, fewer when the run was interrupted.
    pub trials: usize,
    /// Rows of a sketch.
    pub k: usize,
    /// Pairs averaged.
    pub l: usize,
    /// Numbers stored, and operations.
    #[serde(flatten)]
    pub cost: Cost,
    /// d₁ d₂, numbers and multiply-adds of the layer itself.
    pub dense_parameters: usize,
    /// `parameters` over `dense_parameters`.
    pub compression_rate: f64,
    /// Norms that the variances are made of; `None` beyond the range of numbers.
    pub energies: Option<Energies>,
    /// `U₁ᵀ U₁ W M`.
    pub mode1: Mode,
    /// `W U₂ᵀ U₂ M`.
    pub mode2: Mode,
    /// The mean of l pairs of both.
    pub averaged: Averaged,
    /// 1 or 2: the mode of smaller variance at equal k; `None` where they are equal to rounding.
    pub better_mode: Option<u8>,
    /// 1 or 2: the mode of smaller variance when mode 2 has as many rows as the numbers of mode 1 allow.
    pub better_mode_at_equal_parameters: Option<u8>,
    /// How likely large errors of the averaged estimate are.
    pub exceedance: Option<Exceedance>,
    /// What as many numbers could do; not asked once the run is interrupted.
    pub best_fit: Option<BestFit>,
    /// What the wanted error takes, one row a number of pairs.
    pub target: Vec<TargetChoice>,
    /// The variances over k.
    pub sweep: Vec<SweepPoint>,
    /// Sketches of the tensor itself along each dimension.
    pub tensor_modes: Vec<TensorMode>,
    /// How near the trials are to those of the processor; left out where it drew them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<Accuracy>,
}

/// The variance of an estimate. Absolute numbers are `None` beyond the range of numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Mode {
    /// Exactly.
    pub exact: Option<f64>,
    /// The published bound; `None` where there is none, as for other sketches than signs.
    pub bound: Option<f64>,
    /// `bound / exact`.
    pub slack: Option<f64>,
    /// `√exact / ‖W M‖`.
    pub relative_error: Option<f64>,
    /// The mean of the squared errors drawn.
    pub measured: Option<f64>,
    /// The confidence interval.
    pub interval: Option<[f64; 2]>,
    /// Whether the interval holds the exact value, to rounding.
    pub interval_holds_exact: Option<bool>,
}

/// The averaged estimate.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Averaged {
    /// As of one mode; the bound is that of theorem 3.2, or of theorem 3.1 with the norm of the patches.
    #[serde(flatten)]
    pub mode: Mode,
    /// Theorem 3.1 as printed, with the norm of the images; `None` but for convolutions of images.
    pub printed_bound: Option<f64>,
    /// Whether the exact variance is within it.
    pub printed_bound_holds: Option<bool>,
}

/// How likely the averaged estimate is to miss by a relative error of `deviation` or more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exceedance {
    /// Relative to ‖W M‖.
    pub deviation: f64,
    /// At most, by Chebyshev: exact variance over the squared deviation.
    pub chebyshev: f64,
    /// Share of the trials.
    pub measured: Option<Interval>,
}

/// What a wanted error takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetChoice {
    /// Pairs.
    pub l: usize,
    /// Fewest rows; `None` where no sketch reaches the error.
    pub k: Option<usize>,
    /// What they cost.
    pub cost: Option<Cost>,
    /// Parameters over those of the layer itself.
    pub compression_rate: Option<f64>,
}

/// The variances at one k.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepPoint {
    /// Rows of a sketch.
    pub k: usize,
    /// `parameters` over `dense_parameters`.
    pub compression_rate: f64,
    /// Mode 1.
    pub mode1: Mode,
    /// Mode 2.
    pub mode2: Mode,
    /// The mean of l pairs.
    pub averaged: Averaged,
}

/// The sketch of the tensor itself along one dimension, by k rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TensorMode {
    /// The dimension, from 1.
    pub mode: usize,
    /// The length.
    pub dimension: usize,
    /// `E‖T ×ₙ UᵀU - T‖²`.
    pub exact: Option<f64>,
    /// The root over ‖T‖.
    pub relative_error: f64,
    /// Numbers of the sketched tensor.
    pub parameters: usize,
}
