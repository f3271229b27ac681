//! Settings of an analysis, each named, checked once and echoed in the output.

use super::Roles;
use serde::Serialize;

/// What the random matrices of the baseline are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BaselineKind {
    /// Independent Gaussian entries of the same variance.
    Gaussian,
    /// The layer's own entries in random order.
    Shuffle,
}

/// Which deviation the power-law fit minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KsSide {
    /// max |F - F̂|, as Clauset, Shalizi and Newman define it.
    Two,
    /// max |F - F̂| with F̂ at the lower end of each jump, as WeightWatcher takes it by default.
    One,
}

/// What is done about findings that chance alone makes among many layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Correction {
    /// Each layer is tested at the level of `significance`.
    None,
    /// Of the layers said to have values outside their bulk, the expected share of false ones is at
    /// most `significance` (Benjamini, Hochberg 1995).
    Bh,
}

/// How a spectrum is compared with random-matrix theory.
#[derive(Debug, Clone, Serialize)]
pub struct Settings {
    /// Seed of every draw.
    pub seed: u64,
    /// Random matrices a layer is compared with.
    pub draws: usize,
    /// Their kind.
    pub baseline: BaselineKind,
    /// Level of the band: 0.95.
    pub level: f64,
    /// Chance that a layer of pure noise is said to have spikes.
    pub significance: f64,
    /// Whether that chance is kept for each layer or for a run.
    pub correction: Correction,
    /// Deviation minimised by the power-law fit.
    pub ks_side: KsSide,
    /// Fewest eigenvalues a power-law tail may have.
    pub min_tail: usize,
    /// Number of diagonal blocks of 2-D matrices; found when absent.
    pub blocks: Option<usize>,
    /// Least share of Σ w² inside blocks for them to be found.
    pub block_share: f64,
    /// The user's own roles of tensors, by name.
    pub roles: Roles,
}

/// How the sisters' weights were initialised: what their variance does with the number of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initialisation {
    /// Variance 1/fan-in of a block (Xavier, He): it grows with the number of blocks.
    FanIn,
    /// The same variance whatever the blocks.
    Fixed,
}

impl Initialisation {
    /// Variance in `other` blocks over variance in `one`.
    pub fn variance_ratio(self, one: f64, other: f64) -> f64 {
        match self {
            Initialisation::FanIn => other / one,
            Initialisation::Fixed => 1.0,
        }
    }
}

/// How sister layers are compared.
#[derive(Debug, Clone, Serialize)]
pub struct SisterSettings {
    /// Seed, draws and blocks, as for an analysis.
    #[serde(flatten)]
    pub spectrum: Settings,
    /// What variance ratio is expected.
    pub initialisation: Initialisation,
    /// Whether the files are checkpoints of one run in order.
    pub track: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            seed: 0,
            draws: 199,
            baseline: BaselineKind::Gaussian,
            level: 0.95,
            ks_side: KsSide::Two,
            min_tail: 10,
            blocks: None,
            block_share: 1.0,
            significance: 0.01,
            roles: Roles::default(),
            correction: Correction::None,
        }
    }
}
