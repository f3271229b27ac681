//! What a recipe says of a weight.

use super::draws::Draws;
use super::{
    BlockDiagonalSettings, CirculantSettings, DenseSettings, DiagonalSettings, LowRankSettings,
    ProductOfSumsSettings, Slot, Weight, WeightError,
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
    /// One parameter an output.
    Diagonal(DiagonalSettings),
    /// Constant along wrapped diagonals.
    Circulant(CirculantSettings),
    /// A product of weighted sums of fixed matrices.
    ProductOfSums(ProductOfSumsSettings),
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
            WeightSettings::Diagonal(settings) => settings.build(slot, draws),
            WeightSettings::Circulant(settings) => settings.build(slot, draws),
            WeightSettings::ProductOfSums(settings) => settings.build(slot, draws),
        }
    }
}
