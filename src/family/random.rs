//! Fixed random matrices.

use super::Family;
use super::weight::{Draws, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use crate::operator::{Dense, Fixed};
use crate::random::Distribution;
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<RandomSettings>()),
    ..Family::NONE
};

/// `family = "random"`: a fixed random matrix, no parameters; entries of variance 1/n.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct RandomSettings {
    /// The law of the entries.
    pub law: Distribution,
}

impl TrainedFamily for RandomSettings {
    const NAME: &'static str = "random";

    const EXAMPLES: &'static [&'static str] = &["", "law = 'sign'"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        let &Slot { rows, columns, .. } = slot;
        let mut values = vec![0.0; rows * columns];
        let entries = draws.entries(0, 0);
        self.law.fill(&entries, 0, &mut values);
        let scale = 1.0 / (columns as f64).sqrt();
        values.iter_mut().for_each(|x| *x *= scale);
        Ok(Weight::fixed(Fixed::new(
            Box::new(Dense::new(rows, columns)),
            values,
        )))
    }
}
