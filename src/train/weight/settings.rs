//! The settings of a weight in a recipe.

use super::draws::Draws;
use super::{
    AcdcSettings, BlockDiagonalSettings, CirculantSettings, DctSettings, DenseSettings,
    DiagonalSettings, FastfoodSettings, FrequencyHashedSettings, HashedSettings, LowRankSettings,
    ProductOfSumsSettings, ProjectedSettings, RandomDiagonalsSettings, RandomSettings,
    SeparableSettings, SketchedSettings, Slot, ToeplitzLikeSettings, Weight, WeightError,
};
use serde::{Deserialize, Serialize};

/// The family of a weight and its settings.
///
/// ```
/// use spectra::train::weight::{Slot, WeightSettings};
///
/// let said = r#"{ "family": "block-diagonal", "blocks": 10 }"#;
/// let settings: WeightSettings = serde_json::from_str(said).unwrap();
/// let weight = settings.build(&Slot::plain(500, 800), 1, 0).unwrap();
/// assert_eq!(weight.operator.parameters(), 500 * 800 / 10);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "kebab-case")]
pub enum WeightSettings {
    /// All entries free.
    Dense(DenseSettings),
    /// Blocks along the diagonal.
    BlockDiagonal(BlockDiagonalSettings),
    /// Two thin factors.
    LowRank(LowRankSettings),
    /// Two consecutive low-rank kernels.
    Separable(SeparableSettings),
    /// Trained coefficients of fixed features.
    Projected(ProjectedSettings),
    /// Entries that share parameters.
    Hashed(HashedSettings),
    /// Cosines of filters that share parameters.
    FrequencyHashed(FrequencyHashedSettings),
    /// A product of weighted sums of fixed matrices.
    ProductOfSums(ProductOfSumsSettings),
    /// Averaged sketches of both sides.
    Sketched(SketchedSettings),
    /// One parameter an output.
    Diagonal(DiagonalSettings),
    /// Sums of random diagonals.
    RandomDiagonals(RandomDiagonalsSettings),
    /// Hadamard transforms between diagonals.
    Fastfood(FastfoodSettings),
    /// Cosine transforms between diagonals.
    Acdc(AcdcSettings),
    /// Constant along wrapped diagonals.
    Circulant(CirculantSettings),
    /// Low displacement rank.
    ToeplitzLike(ToeplitzLikeSettings),
    /// Fixed cosines.
    Dct(DctSettings),
    /// A fixed random matrix.
    Random(RandomSettings),
}

impl Default for WeightSettings {
    fn default() -> WeightSettings {
        WeightSettings::Dense(DenseSettings::default())
    }
}

impl WeightSettings {
    /// The weight of layer `layer` of a network of `seed`; the same bits everywhere.
    ///
    /// # Errors
    ///
    /// [`WeightError`] when the family cannot be made for this slot.
    ///
    /// # Panics
    ///
    /// When the slot is empty or its columns are not its kernel's or image's.
    pub fn build(&self, slot: &Slot, seed: u64, layer: u64) -> Result<Weight, WeightError> {
        slot.check();
        let draws = Draws { seed, layer };
        match self {
            WeightSettings::Dense(settings) => settings.build(slot, draws),
            WeightSettings::BlockDiagonal(settings) => settings.build(slot, draws),
            WeightSettings::LowRank(settings) => settings.build(slot, draws),
            WeightSettings::Separable(settings) => settings.build(slot, draws),
            WeightSettings::Projected(settings) => settings.build(slot, draws),
            WeightSettings::Hashed(settings) => settings.build(slot, draws),
            WeightSettings::FrequencyHashed(settings) => settings.build(slot, draws),
            WeightSettings::ProductOfSums(settings) => settings.build(slot, draws),
            WeightSettings::Sketched(settings) => settings.build(slot, draws),
            WeightSettings::Diagonal(settings) => settings.build(slot, draws),
            WeightSettings::RandomDiagonals(settings) => settings.build(slot, draws),
            WeightSettings::Fastfood(settings) => settings.build(slot, draws),
            WeightSettings::Acdc(settings) => settings.build(slot, draws),
            WeightSettings::Circulant(settings) => settings.build(slot, draws),
            WeightSettings::ToeplitzLike(settings) => settings.build(slot, draws),
            WeightSettings::Dct(settings) => settings.build(slot),
            WeightSettings::Random(settings) => Ok(settings.build(slot, draws)),
        }
    }

    /// The family's name in recipes.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match self {
            WeightSettings::Dense(_) => "dense",
            WeightSettings::BlockDiagonal(_) => "block-diagonal",
            WeightSettings::LowRank(_) => "low-rank",
            WeightSettings::Separable(_) => "separable",
            WeightSettings::Projected(_) => "projected",
            WeightSettings::Hashed(_) => "hashed",
            WeightSettings::FrequencyHashed(_) => "frequency-hashed",
            WeightSettings::ProductOfSums(_) => "product-of-sums",
            WeightSettings::Sketched(_) => "sketched",
            WeightSettings::Diagonal(_) => "diagonal",
            WeightSettings::RandomDiagonals(_) => "random-diagonals",
            WeightSettings::Fastfood(_) => "fastfood",
            WeightSettings::Acdc(_) => "acdc",
            WeightSettings::Circulant(_) => "circulant",
            WeightSettings::ToeplitzLike(_) => "toeplitz-like",
            WeightSettings::Dct(_) => "dct",
            WeightSettings::Random(_) => "random",
        }
    }
}
