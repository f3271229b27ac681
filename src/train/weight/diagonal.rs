//! One parameter an output.

use super::draws::Draws;
use super::{Initial, Slot, Weight, WeightError};
use crate::operator::recipes;
use serde::{Deserialize, Serialize};

/// `family = "diagonal"`: `y = c ∘ x`, to more outputs by ⌈m/n⌉ diagonals stacked, the last cut, to fewer by
/// leaving the last inputs out; m parameters.
///
/// An output sees one input, so its fan-in is 1: uniform of variance 1.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct DiagonalSettings {
    /// The initial law of the numbers on the diagonals.
    pub initial: Initial,
}

impl DiagonalSettings {
    pub(super) fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let variance = |v: f64| v * columns as f64;
        let initial = self
            .initial
            .draw(slot.fans(), variance, rows, draws.initial(0));
        Ok(Weight::new(
            recipes::stacked_diagonals(rows, columns),
            initial,
        ))
    }
}
