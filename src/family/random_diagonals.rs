//! Sums of random diagonals.

use super::Family;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use crate::operator::{Dense, Diagonal, Fixed, LinearOperator, Stacked, Tied};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<RandomDiagonalsSettings>()),
    ..Family::NONE
};

/// `family = "random-diagonals"`: a bank of ⌈m/n⌉ diagonals one below the other, the last cut, each the sum `Σₖ aₖ dₖ` of
/// K fixed standard normal diagonals; K ⌈m/n⌉ parameters (Wu 2018, section VI).
///
/// An output sees one input, so its fan-in is 1; a is normal of variance 1/K.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RandomDiagonalsSettings {
    /// K.
    pub terms: usize,
    /// The initial law of the numbers on the diagonals, or of a.
    #[serde(default)]
    pub initial: Initial,
}

impl TrainedFamily for RandomDiagonalsSettings {
    const NAME: &'static str = "random-diagonals";

    const EXAMPLES: &'static [&'static str] = &["terms = 4"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let (terms, most) = (self.terms, rows.min(columns));
        if terms == 0 || terms > most {
            return Err(WeightError::Count {
                name: "terms",
                found: terms,
                most,
                rows,
                columns,
            });
        }
        let diagonal = |(bank, start): (usize, usize)| -> Box<dyn LinearOperator> {
            let height = columns.min(rows - start);
            let mut values = vec![0.0; height * terms];
            for (term, values) in values.chunks_exact_mut(height).enumerate() {
                draws.entries(bank as u64, term).normals(0, values);
            }
            let diagonals = Fixed::new(Box::new(Dense::new(height, terms)), values);
            let diagonal = Diagonal::new(height, columns);
            Box::new(Tied::new(Box::new(diagonal), Box::new(diagonals)))
        };
        let starts = (0..rows).step_by(columns).enumerate();
        let bank = Stacked::new(starts.map(diagonal).collect());
        let variance = |v: f64| v * columns as f64 / terms as f64;
        let fans = slot.fans();
        let stream = draws.initial(0);
        let initial = self
            .initial
            .draw_normal(fans, variance, bank.parameters(), stream);
        Ok(Weight::new(bank, initial))
    }
}
