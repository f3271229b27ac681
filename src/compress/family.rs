//! The families that a layer can be stored in, and their sizes.

use serde::{Deserialize, Serialize};

/// A form of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The matrix as it is.
    Dense,
    /// A product of two factors; its size is the rank.
    LowRank,
    /// Some of its inputs alone, with weights regressed on them; its size is their number.
    Columns,
    /// A sum of Kronecker products; its size is the number of terms.
    Kronecker,
    /// The lowest frequencies of its rows; its size is their number.
    Dct,
}

impl Family {
    /// All but the matrix as it is.
    pub const ALL: [Family; 4] = [
        Family::LowRank,
        Family::Columns,
        Family::Kronecker,
        Family::Dct,
    ];

    /// Returns the name, as in JSON: `low-rank`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Family::Dense => "dense",
            Family::LowRank => "low-rank",
            Family::Columns => "columns",
            Family::Kronecker => "kronecker",
            Family::Dct => "dct",
        }
    }
}

/// A member of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    /// The family.
    pub family: Family,
    /// A rank, a number of columns, terms or frequencies.
    pub size: usize,
    /// Rows and columns of the left factors of Kronecker products; `None` of other families.
    pub blocks: Option<[usize; 2]>,
}

impl Size {
    /// Returns a size without blocks.
    #[must_use]
    pub fn new(family: Family, size: usize) -> Size {
        Size {
            family,
            size,
            blocks: None,
        }
    }

    /// Returns whether a matrix of these sizes has such a member.
    #[must_use]
    pub fn suits(self, sizes: &Sizes) -> bool {
        let Sizes { m, n, grid } = *sizes;
        let most = match (self.family, self.blocks) {
            (Family::Dense, _) => 0,
            (Family::LowRank, None) => m.min(n),
            (Family::Columns, None) => n,
            (Family::Dct, None) => grid.map_or(0, |[c, h, w]| {
                let count = c.checked_mul(h).and_then(|count| count.checked_mul(w));
                if count == Some(n) { n } else { 0 }
            }),
            (Family::Kronecker, Some([m1, n1])) => {
                let divides = m1 > 0 && n1 > 0 && m.is_multiple_of(m1) && n.is_multiple_of(n1);
                // both factors are smaller than the matrix, so that this stays within 64 bits
                if divides && m1 <= m && n1 <= n {
                    (m1 * n1).min((m / m1) * (n / n1))
                } else {
                    0
                }
            }
            _ => 0,
        };
        (1..=most).contains(&self.size)
    }
}

/// The sizes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Outputs.
    pub m: usize,
    /// Inputs.
    pub n: usize,
    /// Channels, height and width where inputs are patches or images.
    pub grid: Option<[usize; 3]>,
}

/// Counts of the numbers that a form of a layer consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Numbers.
    pub numbers: u64,
    /// Indices.
    pub indices: u64,
    /// Multiplications for one input vector.
    pub macs: u64,
}
