//! Two consecutive low-rank kernels.

use super::Family;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use crate::operator::{Dense, LinearOperator, Product, Repeated, Selection};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<SeparableSettings>()),
    ..Family::NONE
};

/// `family = "separable"`: an upright h × 1 kernel to r channels, then a level 1 × w kernel:
/// `W[o, (c, y, x)] = Σ_q H[o, q, x] V[q, c, y]`; r (c h + m w) parameters (Tai et al. 2016).
///
/// H as an m × r w matrix (x fastest), then V as an r × c h matrix (y fastest), each column by column. A fully connected
/// layer has the images of its inputs as kernels, or one row of pixels. V is initialised as a dense layer of
/// c h inputs, H as one of r w.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeparableSettings {
    /// r.
    pub rank: usize,
    /// The initial law of the entries of the matrix, or of H and V.
    #[serde(default)]
    pub initial: Initial,
}

impl TrainedFamily for SeparableSettings {
    const NAME: &'static str = "separable";

    const EXAMPLES: &'static [&'static str] = &["rank = 3"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let planes = slot.planes();
        let (rank, width) = (self.rank, planes.width);
        let upright = planes.channels * planes.height;
        let most = (rows * width).min(upright);
        if rank == 0 || rank > most {
            return Err(WeightError::Rank {
                rank,
                most,
                rows,
                columns,
            });
        }
        // each x its own column of the kernel: (x, c, y), y fastest
        let input = |i: usize| {
            let (x, channel, y) = (i / upright, i % upright / planes.height, i % planes.height);
            planes.column(channel, y * width + x)
        };
        let inputs = Selection::new((0..columns).map(input).collect(), columns);
        // from (x, q), q fastest, to (q, x), x fastest
        let middle = |i: usize| i % width * rank + i / width;
        let turned = Selection::new((0..rank * width).map(middle).collect(), rank * width);
        let factors: Vec<Box<dyn LinearOperator>> = vec![
            Box::new(Dense::new(rows, rank * width)),
            Box::new(turned),
            Box::new(Repeated::new(width, Box::new(Dense::new(rank, upright)))),
            Box::new(inputs),
        ];
        let fans = slot.fans();
        let level = |v: f64| v * columns as f64 / (rank * width) as f64;
        let level = self
            .initial
            .draw(fans, level, rows * rank * width, draws.initial(0));
        let upright_variance = |_| 1.0 / upright as f64;
        let upright = self
            .initial
            .draw(fans, upright_variance, rank * upright, draws.initial(1));
        Ok(Weight::new(
            Product::new(factors),
            [level, upright].concat(),
        ))
    }
}
