//! The cost of a form of a layer.

use crate::compress::Stored;
use serde::{Deserialize, Serialize};

/// The unit of costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CostModel {
    /// Numbers stored, an index counted as one.
    Parameters,
    /// Bytes stored: numbers in the type of the file, indices of four bytes.
    Bytes,
    /// Multiplications for one sample: those of one input vector times the input vectors of a sample.
    Macs,
}

/// How low rank is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// Two factors: r (m + n) numbers.
    Factors,
    /// r of the rows and the multiples of them that the others are: r (m + n − r) numbers and r indices.
    Pivoted,
}

impl CostModel {
    /// Returns what is counted, in the plural.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            CostModel::Parameters => "parameters",
            CostModel::Bytes => "bytes",
            CostModel::Macs => "multiplications",
        }
    }
}

impl Storage {
    /// Returns the numbers and the indices of a matrix m × n of rank r.
    #[must_use]
    pub fn of_rank(self, m: usize, n: usize, r: usize) -> Stored {
        let (numbers, indices) = match self {
            Storage::Factors => (r * (m + n), 0),
            Storage::Pivoted => (r * (m + n - r), r),
        };
        Stored {
            numbers: numbers as u64,
            indices: indices as u64,
            macs: numbers as u64,
        }
    }
}

/// Returns what the matrix m × n itself consists of.
pub(super) fn dense(m: usize, n: usize) -> Stored {
    let numbers = (m * n) as u64;
    Stored {
        numbers,
        indices: 0,
        macs: numbers,
    }
}

/// Turns counts of a layer into its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rate {
    pub model: CostModel,
    /// Bytes of a number.
    pub bytes: u64,
    /// Input vectors of a sample.
    pub places: f64,
}

impl Rate {
    /// Returns the cost of what is stored.
    pub fn of(&self, stored: Stored) -> u64 {
        match self.model {
            CostModel::Parameters => stored.numbers + stored.indices,
            CostModel::Bytes => self.bytes * stored.numbers + 4 * stored.indices,
            CostModel::Macs => (stored.macs as f64 * self.places).round() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CostModel, Rate, Storage, dense};

    /// Catches an index that is free or counted as a number of the file, and pivoted rows that cost what factors do.
    #[test]
    fn a_rank_costs_what_is_stored() {
        let rate = |model| Rate {
            model,
            bytes: 2,
            places: 1.5,
        };
        let (factors, pivoted) = (
            Storage::Factors.of_rank(30, 50, 7),
            Storage::Pivoted.of_rank(30, 50, 7),
        );
        for (model, expected) in [
            (CostModel::Parameters, [560, 518, 1500]),
            (CostModel::Bytes, [1120, 1050, 3000]),
            (CostModel::Macs, [840, 767, 2250]),
        ] {
            let costs = [factors, pivoted, dense(30, 50)].map(|s| rate(model).of(s));
            assert_eq!(costs, expected, "{model:?}");
        }
        // at full rank pivoted rows are the matrix and its indices
        assert_eq!(Storage::Pivoted.of_rank(30, 50, 30).numbers, 1500);
    }
}
