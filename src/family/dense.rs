//! All entries free.

use super::Family;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use crate::operator::Dense;
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<DenseSettings>()),
    ..Family::NONE
};

/// `family = "dense"`: every entry a parameter, m n of them, column by column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct DenseSettings {
    /// The initial law of the entries.
    pub initial: Initial,
}

impl TrainedFamily for DenseSettings {
    const NAME: &'static str = "dense";

    const EXAMPLES: &'static [&'static str] = &["", "initial = 'he'"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let fans = slot.fans();
        let initial = self
            .initial
            .draw(fans, |v| v, rows * columns, draws.initial(0));
        Ok(Weight::new(Dense::new(rows, columns), initial))
    }
}
