//! Diagonals between cosine transforms.

use super::Family;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::weight::{number_of_factors, positive};
use crate::operator::{Adjoint, Dct, Diagonal, LinearOperator, Product, Selection};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<AcdcSettings>()),
    ..Family::NONE
};

/// `family = "acdc"`: a product of `depth` matrices `C⁻¹ D C A`, A and D diagonals that are trained, C the
/// orthonormal DCT of N = max(m, n) numbers; with `shuffle` a fixed permutation between two of them
/// (Moczulski et al. 2015, who multiply rows from the right).
///
/// `2 N depth - (N - n)` parameters: D and A of each matrix from the left, the last A being N × n. The diagonals start
/// at `(1 + s z)/√(1 + s²)`, z normal and s the `spread`: near the identity, at variance 1/n of the entries (times
/// √(m/n) where m > n).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AcdcSettings {
    /// How many matrices.
    pub depth: usize,
    /// Whether numbers are permuted between two.
    #[serde(default = "shuffle")]
    pub shuffle: bool,
    /// s.
    #[serde(default = "spread")]
    pub spread: f64,
    /// The initial law of the entries of the matrix, or of all diagonals.
    #[serde(default)]
    pub initial: Initial,
}

fn shuffle() -> bool {
    true
}

fn spread() -> f64 {
    0.1
}

impl TrainedFamily for AcdcSettings {
    const NAME: &'static str = "acdc";

    const EXAMPLES: &'static [&'static str] =
        &["depth = 3", "depth = 1, shuffle = false, spread = 0.3"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        positive("spread", self.spread)?;
        let &Slot { rows, columns, .. } = slot;
        number_of_factors("depth", self.depth)?;
        let order = rows.max(columns);
        let cosines = Dct::new(order);
        let mut factors: Vec<Box<dyn LinearOperator>> = Vec::new();
        if rows < order {
            factors.push(Box::new(Selection::new((0..rows).collect(), order)));
        }
        for layer in 0..self.depth {
            if layer > 0 && self.shuffle {
                let mut permutation: Vec<usize> = (0..order).collect();
                permutation.shuffle(&mut draws.stream(0, layer));
                factors.push(Box::new(Selection::new(permutation, order)));
            }
            let width = if layer + 1 == self.depth {
                columns
            } else {
                order
            };
            factors.push(Box::new(Adjoint::new(Box::new(cosines.clone()))));
            factors.push(Box::new(Diagonal::new(order, order)));
            factors.push(Box::new(cosines.clone()));
            factors.push(Box::new(Diagonal::new(order, width)));
        }
        let product = Product::new(factors);
        let initial = self.start(slot, draws, product.parameters());
        Ok(Weight::new(product, initial))
    }
}

impl AcdcSettings {
    fn start(&self, slot: &Slot, draws: Draws, count: usize) -> Vec<f64> {
        let &Slot { rows, columns, .. } = slot;
        let fans = slot.fans();
        let mut stream = draws.initial(0);
        if !self.initial.is_derived() {
            return self.initial.draw(fans, |v| v, count, stream);
        }
        let size = 1.0 / (1.0 + self.spread * self.spread).sqrt();
        let mut near_one = || size * (1.0 + self.spread * stream.normal());
        let mut values: Vec<f64> = (0..count).map(|_| near_one()).collect();
        // the diagonal nearest to the outputs carries the scale
        let growth = rows as f64 / rows.min(columns) as f64;
        let gain = (growth * self.initial.gain(fans)).sqrt();
        let first = &mut values[..rows.max(columns)];
        first.iter_mut().for_each(|d| *d *= gain);
        values
    }
}
