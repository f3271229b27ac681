//! Keys of random terms.

use super::BASIS;
use crate::random::Entries;

/// Key of a basis's random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Seed of all.
    pub seed: u64,
    /// Which layer.
    pub layer: u64,
    /// Which factor of the product.
    pub factor: u64,
}

impl Place {
    /// The path of term `term`.
    #[must_use]
    pub fn path(self, term: usize) -> [u64; 4] {
        [BASIS, self.layer, self.factor, term as u64]
    }

    /// The numbers of term `term`.
    #[must_use]
    pub fn entries(self, term: usize) -> Entries {
        Entries::new(self.seed, &self.path(term))
    }
}
