//! The families that a layer can be stored in.

use serde::{Deserialize, Serialize};

/// A form of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The matrix as it is.
    Dense,
    /// A product of two factors; its size is the rank.
    LowRank,
}

impl Family {
    /// Returns the largest size of a matrix m × n.
    #[must_use]
    pub fn most(self, m: usize, n: usize) -> usize {
        match self {
            Family::Dense => 0,
            Family::LowRank => m.min(n),
        }
    }

    /// Returns the name, as in JSON: `low-rank`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Family::Dense => "dense",
            Family::LowRank => "low-rank",
        }
    }
}
