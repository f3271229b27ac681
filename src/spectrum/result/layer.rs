//! One tensor's row of an analysis.

use super::{Cleaning, NoiseModel, Verdict, VerdictKind};
use crate::spectrum::{BaselineKind, BlockSource, Depth, Role};
use crate::survey::{Finding, Row};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::sync::LazyLock;

/// One tensor's row.
pub type Layer = Row<Analyzed>;

/// What an analysis says of a tensor.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Analyzed {
    /// What it does in the network, by its name.
    pub role: Role,
    /// Where it stands in a stack of layers, by its name; null where that has no number.
    pub depth: Option<Depth>,
    /// Everything computed; in JSON its fields stand in the row itself.
    #[serde(flatten, serialize_with = "fields")]
    pub spectrum: Option<LayerSpectrum>,
}

impl Finding for Analyzed {
    const ROWS: &'static str = "layers";
}

/// The fields of a spectrum, each null where there is none: every row has the same keys.
fn fields<S: Serializer>(
    spectrum: &Option<LayerSpectrum>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let empty = serde_json::to_value(LayerSpectrum::default());
        match empty {
            Ok(serde_json::Value::Object(fields)) => {
                fields.into_iter().map(|(key, _)| key).collect()
            }
            _ => Vec::new(),
        }
    });
    if let Some(spectrum) = spectrum {
        return spectrum.serialize(serializer);
    }
    let mut row = serializer.serialize_map(Some(KEYS.len()))?;
    for key in KEYS.iter() {
        row.serialize_entry(key, &())?;
    }
    row.end()
}

/// The spectrum of one layer against random-matrix theory.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LayerSpectrum {
    /// Rows of the matrix, m (of the whole layer when it has blocks).
    pub rows: usize,
    /// Columns of the matrix, n.
    pub columns: usize,
    /// Entries that count: all of them, or those inside the blocks.
    pub parameters: usize,
    /// Mean of those entries.
    pub mean: f64,
    /// Their variance about the mean (divided by the count).
    pub variance: f64,
    /// Their kurtosis E(x-μ)⁴/σ⁴, 3 for a Gaussian; null for constant entries.
    pub kurtosis: Option<f64>,
    /// The largest absolute entry.
    pub largest_entry: f64,
    /// √Σ sᵢ².
    pub frobenius_norm: f64,
    /// s₁.
    pub spectral_norm: f64,
    /// Σ sᵢ.
    pub nuclear_norm: f64,
    /// Values that rounding to the storage type cannot have made: above 2 u r (√m + √n), u its unit
    /// roundoff and r the root mean square entry, and above the tolerance of `method`.
    pub rank: usize,
    /// Σ sᵢ² / s₁².
    pub stable_rank: Option<f64>,
    /// exp of the entropy of sᵢ/Σs (Roy, Vetterli 2007).
    pub effective_rank: Option<f64>,
    /// (Σ sᵢ²)² / Σ sᵢ⁴.
    pub participation_ratio: Option<f64>,
    /// s₁ over the smallest value; null when that is zero to working precision.
    pub condition_number: Option<f64>,
    /// Share of Σ sᵢ² in the first k values, for k = 1, 2, 5, 10, 20, 50, …
    pub energy: Vec<EnergyShare>,
    /// All singular values, descending; null when left out by request.
    pub singular_values: Option<Vec<f64>>,
    /// How they were computed and how accurate they are.
    pub method: Method,
    /// Against the Marchenko-Pastur law with the variance of the entries.
    pub marchenko_pastur: Option<LawComparison>,
    /// Against the law with a variance fitted to the bulk, robust to spikes.
    pub fitted_bulk: Option<LawComparison>,
    /// What hard thresholding and optimal shrinkage would keep.
    pub denoising: Option<Denoising>,
    /// Against random matrices of the same shape (the same blocks) and variance.
    pub random_baseline: Option<RandomBaseline>,
    /// Power-law tail of the eigenvalues; null where none can be fitted.
    pub power_law: Option<PowerLaw>,
    /// Present when the layer is block-diagonal or a stack of matrices.
    pub blocks: Option<Blocks>,
    /// What was set aside before the spectrum was judged, in all blocks together.
    pub cleaning: Cleaning,
    /// What the noise was taken to be.
    pub noise: NoiseModel,
    /// The finding in plain words.
    pub verdict: Verdict,
}

impl LayerSpectrum {
    /// Returns how many values lie above the random bulk, of all blocks together where there are blocks; `None` where no
    /// bulk was accepted.
    #[must_use]
    pub fn spikes(&self) -> Option<usize> {
        let of_blocks = || {
            let each = self.blocks.as_ref()?.each.iter();
            each.filter_map(|block| block.spikes).reduce(|a, b| a + b)
        };
        let bulk = self.fitted_bulk.as_ref().map(|bulk| bulk.spikes);
        bulk.or_else(of_blocks)
    }
}

/// Share of the squared Frobenius norm in the first `k` singular values.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct EnergyShare {
    /// How many values.
    pub k: usize,
    /// Their share, 0 to 1.
    pub share: f64,
}

/// How singular values were computed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Method {
    /// `one-stage` (dense to bidiagonal) or `two-stage` (through a band).
    pub name: String,
    /// Bound on the absolute error of a value.
    pub tolerance: f64,
}

/// A spectrum beside a Marchenko-Pastur law.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LawComparison {
    /// Rows of the noise matrix whose law it is: of a block, without zero and repeated rows.
    pub rows: usize,
    /// The columns.
    pub columns: usize,
    /// σ² of the law.
    pub variance: f64,
    /// y = m/n of that matrix.
    pub aspect_ratio: f64,
    /// Lower edge, an eigenvalue: the smallest one of such noise is below it with a small part of the
    /// chance `significance`; where m and n are too near each other for a test, σ²(1-√y)².
    pub lower_edge: f64,
    /// Upper edge, an eigenvalue: the largest one of such noise exceeds it with the chance
    /// `significance`.
    pub upper_edge: f64,
    /// Lower edge as a singular value.
    pub lower_singular_value: f64,
    /// Upper edge as a singular value.
    pub upper_singular_value: f64,
    /// Two-sided Kolmogorov-Smirnov distance.
    pub ks_distance: f64,
    /// The p-value among the random draws, each treated alike.
    pub ks_p_value: Option<f64>,
    /// Share of the values outside the edges.
    pub fraction_outside: f64,
    /// Share of Σ s² in those values.
    pub energy_outside: f64,
    /// Values above the upper edge.
    pub spikes: usize,
    /// Those values.
    pub spike_list: Vec<Spike>,
    /// Values below the lower edge.
    pub below: usize,
    /// Upper edge over largest eigenvalue, at most 1: 1 is all bulk, 0 all signal.
    pub soft_rank: Option<f64>,
}

/// A singular value above the bulk.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spike {
    /// The value as observed.
    pub singular_value: f64,
    /// Chance of one as large in pure noise (Johnstone 2001).
    pub p_value: f64,
    /// The planted singular value that would show up here (Benaych-Georges, Nadakuditi 2012).
    pub signal: Option<f64>,
}

/// Gavish and Donoho's thresholds with the fitted bulk's variance.
#[derive(Debug, Clone, Serialize)]
pub struct Denoising {
    /// Optimal hard threshold, as a singular value (2014).
    pub threshold: f64,
    /// Values above it.
    pub rank: usize,
    /// Values that optimal Frobenius shrinkage (2017) leaves above zero.
    pub shrunk_rank: usize,
    /// Share of Σ s² that it leaves.
    pub energy_left: f64,
}

/// A spectrum beside those of random matrices, order by order.
#[derive(Debug, Clone, Serialize)]
pub struct RandomBaseline {
    /// `gaussian` or `shuffle`.
    pub kind: BaselineKind,
    /// Matrices drawn.
    pub draws: usize,
    /// Level of the band, pointwise: 0.95.
    pub level: f64,
    /// Mean over orders of |1 - ratio|.
    pub mean_distance: f64,
    /// The same mean for a fresh draw: what pure chance gives.
    pub expected_distance: f64,
    /// s₁ over its mean in R.
    pub largest_ratio: f64,
    /// The smallest value over its mean in R.
    pub smallest_ratio: Option<f64>,
    /// Whether s₁ leaves the band.
    pub largest_leaves_band: bool,
    /// Whether the smallest value leaves the band.
    pub smallest_leaves_band: bool,
    /// Share of all orders that leave the band.
    pub fraction_outside_band: f64,
    /// sᵢ over its mean in R, in order.
    pub ratios: Vec<f64>,
    /// Mean of order i in R.
    pub mean: Vec<f64>,
    /// Lower end of the band of order i.
    pub lower: Vec<f64>,
    /// Upper end of the band of order i.
    pub upper: Vec<f64>,
}

/// Clauset, Shalizi and Newman's (2009) fit of p(λ) ∝ λ^-α for λ ≥ x_min.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PowerLaw {
    /// Exponent α of the density of eigenvalues.
    pub alpha: f64,
    /// The standard error (α-1)/√tail.
    pub alpha_error: f64,
    /// Where the tail begins, an eigenvalue s²/n.
    pub x_min: f64,
    /// The largest eigenvalue.
    pub x_max: f64,
    /// Values in the tail.
    pub tail_size: usize,
    /// Kolmogorov-Smirnov distance over the tail.
    pub ks_distance: f64,
    /// Goodness of fit: share of samples of the fitted law, refitted, whose distance is as large
    /// (Clauset, Shalizi, Newman 2009, section 4). They rule the power law out at 0.1 or less.
    pub p_value: Option<f64>,
    /// Chance of an exponent as small among the random matrices of the baseline.
    pub noise_p_value: Option<f64>,
    /// Hill's exponent of the larger half of the values, as the pruning literature takes it.
    pub alpha_hill: Option<f64>,
    /// The longest tail that a power law fits, and how it compares with other laws there.
    pub rivals: Option<TailRivals>,
}

/// A power law beside an exponential and a lognormal on the longest tail that it fits.
#[derive(Debug, Clone, Serialize)]
pub struct TailRivals {
    /// Values of that tail.
    pub tail_size: usize,
    /// Exponent of the power law there.
    pub alpha: f64,
    /// Vuong's statistic against the exponential: positive where the power law is preferred,
    /// standard normal where neither is.
    pub exponential: f64,
    /// Twice the log-likelihood ratio of the lognormal to the power law, which is its limit: above
    /// 2.71 the lognormal is preferred at 5 %.
    pub lognormal: Option<f64>,
    /// The law that the values prefer.
    pub preferred: TailLaw,
}

/// The law of a tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TailLaw {
    /// No heavy tail: an exponential tail does as well.
    Light,
    /// A power law.
    PowerLaw,
    /// A lognormal law.
    Lognormal,
    /// A power law or a lognormal: the values cannot tell.
    PowerLawOrLognormal,
}

/// The blocks of a block-diagonal layer or a stack of matrices.
#[derive(Debug, Clone, Serialize)]
pub struct Blocks {
    /// How many, b.
    pub count: usize,
    /// Rows of a block.
    pub rows: usize,
    /// Columns of a block.
    pub columns: usize,
    /// Where they come from.
    pub source: BlockSource,
    /// Share of Σ w² inside the blocks.
    pub share: f64,
    /// Each block on its own.
    pub each: Vec<BlockSpectrum>,
    /// Against R of the full shape with the variance of the entries inside the blocks.
    pub full_shape_baseline: Option<RandomBaseline>,
}

/// One block.
#[derive(Debug, Clone, Serialize)]
pub struct BlockSpectrum {
    /// Variance of its entries about their mean.
    pub variance: f64,
    /// The singular values, descending; null when left out by request.
    pub singular_values: Option<Vec<f64>>,
    /// The largest value.
    pub spectral_norm: f64,
    /// Its KS distance to the law of its shape and variance.
    pub ks_distance: Option<f64>,
    /// The p-value of that among random blocks.
    pub ks_p_value: Option<f64>,
    /// What the block looks like on its own.
    pub kind: VerdictKind,
    /// Variance of its noise; null without a random bulk.
    pub bulk_variance: Option<f64>,
    /// The edge that its values were tested against, a singular value; null without a random bulk.
    pub edge: Option<f64>,
    /// Values above that edge; null without a random bulk.
    pub spikes: Option<usize>,
}
