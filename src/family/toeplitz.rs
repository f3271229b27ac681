//! Block-Toeplitz matrices: square blocks, each constant along its diagonals.
//!
//! For a budget the nearest member is that of the best order: blocks of order b have about 2 m n / b parameters. One block is the plain Toeplitz matrix with m + n - 1. The best value
//! of a parameter is the mean over its diagonal.

use super::projection::grid::{self, Tie};
use super::projection::{Choice, FamilyKind, Projection, Search};
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::operator::{Circulant, LinearOperator, Product, Sum, recipes};
use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::BLOCK_TOEPLITZ),
    weight: Some(WeightFamily::of::<ToeplitzLikeSettings>()),
    ..Family::NONE
};

impl FamilyKind {
    /// Square Toeplitz blocks.
    pub const BLOCK_TOEPLITZ: FamilyKind = Entry(&Projection {
        tag: "block-toeplitz",
        name: "block Toeplitz",
        about: "Square Toeplitz blocks",
        members: |w, budgets, _| grid::members(w, budgets, Tie::Toeplitz),
        operations: |m, n, budgets| grid::operations(m, n, budgets),
        search: Search::Exact,
        choice: Choice::Fixed,
    });
}

/// Returns the nearest matrix to `w` in Toeplitz blocks of order `size`, those at the edges cut short.
///
/// # Panics
///
/// When `size` is 0.
pub fn approximation(w: MatRef<'_, f64>, size: usize) -> Mat<f64> {
    grid::approximation(w, size, Tie::Toeplitz)
}

/// `family = "toeplitz-like"`: `Σ_{i=1…r} Z₁(gᵢ) Z₋₁(hᵢ)`, the first rows of circulants times the first columns of
/// skew-circulants of order N = max(m, n) (Sindhwani, Sainath, Kumar 2015, without their factor ½).
///
/// With r = 2 all Toeplitz matrices and their inverses, with more their sums and products. `2 N r` parameters: g₁, h₁,
/// g₂, …. h has variance 1/n and g `1/(r N)`, so that entries have 1/n. Its factors go by fast transforms where
/// that pays, from an order of some hundred on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToeplitzLikeSettings {
    /// r.
    pub rank: usize,
    /// The initial law of the entries of the matrix, or of g and h.
    #[serde(default)]
    pub initial: Initial,
}

impl TrainedFamily for ToeplitzLikeSettings {
    const NAME: &'static str = "toeplitz-like";

    const EXAMPLES: &'static [&'static str] = &["rank = 2"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let (rank, order) = (self.rank, rows.max(columns));
        if rank == 0 || rank > order {
            return Err(WeightError::Rank {
                rank,
                most: order,
                rows,
                columns,
            });
        }
        let (n, fans) = (columns as f64, slot.fans());
        let mut terms: Vec<Box<dyn LinearOperator>> = Vec::new();
        let mut initial = Vec::new();
        for term in 0..rank {
            terms.push(Box::new(Product::new(vec![
                Box::new(Circulant::new(rows, order)),
                recipes::skew_circulant(order, columns),
            ])));
            let [g, h] = [0, 1].map(|part| draws.initial((2 * term + part) as u64));
            let left = |v: f64| v * n / (rank * order) as f64;
            initial.extend(self.initial.draw(fans, left, order, g));
            initial.extend(self.initial.draw(fans, |_| 1.0 / n, order, h));
        }
        Ok(Weight::new(Sum::new(terms), initial))
    }
}
