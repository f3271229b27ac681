//! Settings of a comparison of families, each named and echoed in the output.

use super::FamilyKind;
use crate::family::projection::ProjectionOptions;
use crate::fit::Thresholds;
use serde::Serialize;

/// What is fitted, and what is called a finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilySettings {
    /// Seed of the shuffles, the rotation, the searches, the hash and the sketches.
    pub seed: u64,
    /// Parameters allowed, as shares of the entries of a matrix, ascending, each in (0, 1].
    pub budgets: Vec<f64>,
    /// The families.
    pub families: Vec<FamilyKind>,
    /// Height and width of the images that rows are, for the cosine transform.
    pub image: Option<[usize; 2]>,
    /// Most shuffles of the entries to which a family is fitted.
    pub shuffles: usize,
    /// Most operations of one fit; a family whose fit takes more is left out. `None` leaves none out.
    pub operations: Option<f64>,
    /// What is called a gain, and what is called kept.
    #[serde(flatten)]
    pub thresholds: Thresholds,
}

impl Default for FamilySettings {
    fn default() -> Self {
        FamilySettings {
            seed: 0,
            budgets: [64.0, 32.0, 16.0, 8.0, 4.0, 2.0].map(|x| 1.0 / x).to_vec(),
            families: FamilyKind::all().to_vec(),
            image: None,
            shuffles: 20,
            operations: Some(5e10),
            thresholds: Thresholds::default(),
        }
    }
}

impl FamilySettings {
    /// Returns what projections may use beside a matrix.
    pub(super) fn projection_options(&self) -> ProjectionOptions {
        ProjectionOptions {
            seed: self.seed,
            image: self.image,
        }
    }

    /// Parameters allowed for a matrix of so many entries, one number a budget.
    pub fn parameters(&self, entries: usize) -> Vec<usize> {
        let allowed = |share: &f64| (share * entries as f64 * (1.0 + 1e-12)).floor() as usize;
        self.budgets.iter().map(allowed).collect()
    }
}
