//! The laws that sketches are drawn from.

mod count;
mod gaussian;
mod hadamard;
mod sign;

pub(super) use count::CountSketch;
pub(super) use gaussian::GaussianSketch;
pub(super) use hadamard::HadamardSketch;
#[cfg(test)]
pub(super) use sign::SignBits;
pub(super) use sign::SignSketch;

use serde::{Deserialize, Serialize};

/// The law of a random sketch `U`, k × d, with `E[UᵀU] = I`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ensemble {
    /// Independent signs over √k.
    Sign,
    /// Independent normal entries of variance 1/k.
    Gaussian,
    /// Subsampled randomised Hadamard transform: k different rows of `H D / √k`, H the matrix of ±1 of
    /// the order N, the power of two from d on, D random signs; the first d columns. At most N rows.
    Hadamard,
    /// Count sketch: one random sign in each column, in a random row.
    Count,
}

/// Second moments of `G = UᵀU`, whose mean is the identity and whose different entries on and above the
/// diagonal are uncorrelated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Variance of an entry outside the diagonal.
    pub off_diagonal: f64,
    /// Variance of an entry on the diagonal.
    pub diagonal: f64,
}

impl Ensemble {
    /// All of them.
    pub const ALL: [Ensemble; 4] = [
        Ensemble::Sign,
        Ensemble::Gaussian,
        Ensemble::Hadamard,
        Ensemble::Count,
    ];

    /// Its name on the command line and in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Ensemble::Sign => "sign",
            Ensemble::Gaussian => "gaussian",
            Ensemble::Hadamard => "hadamard",
            Ensemble::Count => "count",
        }
    }

    /// Whether trials can run on another device than the processor: those of independent entries, which one product
    /// multiplies.
    #[must_use]
    pub fn has_plan(self) -> bool {
        matches!(self, Ensemble::Sign | Ensemble::Gaussian)
    }

    /// Most rows that a sketch of `d` coordinates can have.
    #[must_use]
    pub fn most_rows(self, d: usize) -> usize {
        match self {
            Ensemble::Hadamard => d.next_power_of_two(),
            Ensemble::Sign | Ensemble::Gaussian | Ensemble::Count => usize::MAX,
        }
    }

    /// The moments for `k` rows and `d` columns.
    ///
    /// A sum of k products of independent signs over k has variance 1/k; signs square to 1, so the
    /// diagonal is fixed, and normal squares have variance 2. Two columns of a count sketch meet with
    /// probability 1/k. k rows out of N, drawn without replacement, add up ±1 that are balanced over all
    /// N: variance (N - k) / (N - 1) that of k independent ones.
    ///
    /// # Panics
    ///
    /// When `k` is 0 or more than [`most_rows`](Ensemble::most_rows).
    #[must_use]
    pub fn moments(self, k: usize, d: usize) -> Moments {
        assert!(
            (1..=self.most_rows(d)).contains(&k),
            "{k} rows of a {} sketch of {d}",
            self.name()
        );
        let independent = 1.0 / k as f64;
        let (off_diagonal, diagonal) = match self {
            Ensemble::Sign | Ensemble::Count => (independent, 0.0),
            Ensemble::Gaussian => (independent, 2.0 * independent),
            Ensemble::Hadamard => {
                let order = self.most_rows(d);
                let left = (order - k) as f64 / (order - 1).max(1) as f64;
                (independent * left, 0.0)
            }
        };
        Moments {
            off_diagonal,
            diagonal,
        }
    }
}
