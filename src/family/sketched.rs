//! Sketched layers: SK-FC and SK-CONV.

use super::Family;
use super::weight::MOST_FACTORS;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use crate::operator::{Dense, Fixed, LinearOperator, Product, Sum};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<SketchedSettings>()),
    ..Family::NONE
};

/// `family = "sketched"`: `1/(2l) Σ_{i=1…l} (U₁ᵢᵀ S₁ᵢ + S₂ᵢ U₂ᵢ)`, S₁ᵢ (k × n) and S₂ᵢ (m × k′) trained, U₁ᵢ (k × m)
/// of signs over √k and U₂ᵢ (k′ × n) of signs over √k′ fixed (Kasiviswanathan, Narodytska, Jin 2018).
///
/// A fully connected layer (SK-FC) has k′ = k, l k (m + n) parameters; a convolution with kernels of h × w
/// (SK-CONV) has k′ = k h w, l k h w (c + m). In memory the l parts lie together: S₁ as one l k × n matrix, then S₂
/// as one m × l k′ matrix, each column by column. The kernel is never formed: two products of thin matrices,
/// `2 l (k + k′) (m + n)` operations a sample.
///
/// Entries of S of variance 2 l/n make those of the matrix 1/n.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SketchedSettings {
    /// k, rows of a sketch.
    pub k: usize,
    /// l, pairs that are averaged.
    pub l: usize,
    /// The initial law of the entries of the matrix, or of S₁ and S₂.
    #[serde(default)]
    pub initial: Initial,
}

impl TrainedFamily for SketchedSettings {
    const NAME: &'static str = "sketched";

    const EXAMPLES: &'static [&'static str] = &["k = 2, l = 3"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        for (name, found, most) in [
            ("k", self.k, rows.max(columns)),
            ("l", self.l, MOST_FACTORS),
        ] {
            if found == 0 || found > most {
                return Err(WeightError::Count {
                    name,
                    found,
                    most,
                    rows,
                    columns,
                });
            }
        }
        let area = slot.area();
        let [first, second] = [self.k, self.k * area].map(|width| self.l * width);
        // U₁ᵀ, m × l k, and U₂, l k′ × n
        let outputs = self.signs(draws, 0, rows * self.k, self.k);
        let inputs = self.signs(draws, 1, self.k * area * columns, self.k * area);
        let outputs = Fixed::new(Box::new(Dense::new(rows, first)), outputs);
        let stacked = Fixed::new(
            Box::new(Dense::new(second, columns)),
            interleaved(&inputs, self.l, columns),
        );
        let modes: Vec<Box<dyn LinearOperator>> = vec![
            Box::new(Product::in_sequence(vec![
                Box::new(outputs),
                Box::new(Dense::new(first, columns)),
            ])),
            Box::new(Product::in_sequence(vec![
                Box::new(Dense::new(rows, second)),
                Box::new(stacked),
            ])),
        ];
        let variance = |v: f64| 2.0 * self.l as f64 * v;
        let draw = |part: u64, count: usize| {
            let stream = draws.initial(part);
            self.initial.draw(slot.fans(), variance, count, stream)
        };
        let initial = [draw(0, first * columns), draw(1, rows * second)].concat();
        Ok(Weight::new(Sum::new(modes), initial))
    }
}

impl SketchedSettings {
    /// The signs of all l sketches of one side, `count` each, over `2 l √width`.
    fn signs(&self, draws: Draws, side: u64, count: usize, width: usize) -> Vec<f64> {
        let scale = 1.0 / (2.0 * self.l as f64 * (width as f64).sqrt());
        let mut all = vec![0.0; self.l * count];
        for (pair, signs) in all.chunks_exact_mut(count).enumerate() {
            draws.entries(side, pair).signs(0, signs);
        }
        all.iter_mut().for_each(|sign| *sign *= scale);
        all
    }
}

/// Matrices of `columns` columns, one after the other, as one below the other.
fn interleaved(matrices: &[f64], count: usize, columns: usize) -> Vec<f64> {
    let size = matrices.len() / count;
    let rows = size / columns;
    let column = |j: usize| {
        let of = move |matrix: &[f64]| matrix[j * rows..(j + 1) * rows].to_vec();
        matrices.chunks_exact(size).flat_map(of)
    };
    (0..columns).flat_map(column).collect()
}
