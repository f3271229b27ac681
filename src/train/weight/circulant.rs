//! Circulants.

use super::draws::Draws;
use super::{Initial, Slot, Weight, WeightError};
use crate::operator::{Circulant, Diagonal, Fixed, LinearOperator, Product};
use serde::{Deserialize, Serialize};

/// `family = "circulant"`: the first rows and columns of a circulant of order `N = max(m, n)`, N parameters;
/// with `signs`, after a fixed random diagonal of signs (Cheng et al. 2015).
///
/// Every entry is a parameter: variance 1/n.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct CirculantSettings {
    /// Whether the inputs get random signs first.
    pub signs: bool,
    /// The initial law of the entries.
    pub initial: Initial,
}

impl CirculantSettings {
    pub(super) fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let circulant = Circulant::new(rows, columns);
        let stream = draws.initial(0);
        let initial = self
            .initial
            .draw(slot.fans(), |v| v, circulant.parameters(), stream);
        if !self.signs {
            return Ok(Weight::new(circulant, initial));
        }
        let mut signs = vec![0.0; columns];
        draws.entries(0, 0).signs(0, &mut signs);
        let signs = Fixed::new(Box::new(Diagonal::new(columns, columns)), signs);
        let product = Product::new(vec![Box::new(circulant), Box::new(signs)]);
        Ok(Weight::new(product, initial))
    }
}
