//! Two thin factors.

use super::draws::Draws;
use super::{Initial, Slot, Weight, WeightError};
use crate::operator::recipes;
use serde::{Deserialize, Serialize};

/// `family = "low-rank"`: `U V` of rank r, both factors trained, r (m + n) parameters: U, then V.
///
/// V is initialised as a dense layer of n inputs, U as one of r: variances `1/n` and `1/r`, so that `U V` has
/// entries of variance 1/n.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LowRankSettings {
    /// r.
    pub rank: usize,
    /// The initial law of the product's entries, or of both factors'.
    #[serde(default)]
    pub initial: Initial,
}

impl LowRankSettings {
    pub(super) fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let rank = self.rank;
        let most = rows.min(columns);
        if rank == 0 || rank > most {
            return Err(WeightError::Rank {
                rank,
                most,
                rows,
                columns,
            });
        }
        let fans = slot.fans();
        let n = columns as f64;
        let left = |v: f64| v * n / rank as f64;
        let right = |_| 1.0 / n;
        let u = self.initial.draw(fans, left, rows * rank, draws.initial(0));
        let v = self
            .initial
            .draw(fans, right, rank * columns, draws.initial(1));
        Ok(Weight::new(
            recipes::low_rank(rows, columns, rank),
            [u, v].concat(),
        ))
    }
}
