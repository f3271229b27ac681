//! Entries that share parameters by a hash.

use super::draws::Draws;
use super::{Initial, Slot, Weight, WeightError};
use crate::operator::{Hashed, recipes};
use serde::{Deserialize, Serialize};

/// `family = "hashed"`: `W[i, j] = ξ(i, j) p[h(i, j)]` with a random bucket h and, with `signs`, a random sign ξ
/// (HashedNets: Chen et al. 2015); as many parameters as the recipe says.
///
/// The hash is drawn, not computed, so buckets are even. Every entry is a parameter: variance 1/n.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HashedSettings {
    /// Buckets.
    pub parameters: usize,
    /// Whether half of the entries are negated.
    #[serde(default = "signs")]
    pub signs: bool,
    /// The initial law of the entries.
    #[serde(default)]
    pub initial: Initial,
}

fn signs() -> bool {
    true
}

impl HashedSettings {
    pub(super) fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let count = self.parameters;
        check_parameters(count, 1, slot)?;
        let fans = slot.fans();
        let initial = self.initial.draw(fans, |v| v, count, draws.initial(0));
        let stream = draws.stream(0, 0);
        Ok(if self.signs {
            let hashed = recipes::signed_hash(rows, columns, count, stream);
            Weight::new(hashed, initial)
        } else {
            Weight::new(Hashed::new(rows, columns, count, stream), initial)
        })
    }
}

/// Refuses fewer parameters than `least` or more than entries.
pub(super) fn check_parameters(found: usize, least: usize, slot: &Slot) -> Result<(), WeightError> {
    let &Slot { rows, columns, .. } = slot;
    let most = rows * columns;
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(WeightError::Parameters {
            found,
            least,
            most,
            rows,
            columns,
        })
    }
}
