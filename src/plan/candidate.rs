//! A tensor that is in the budget.

use super::PlanSettings;
use super::cost::{Rate, dense};
use crate::compress::Sizes;
use crate::spectrum::Role;

/// A tensor in the budget.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The name as stored.
    pub name: String,
    /// Outputs and inputs; of a table the length of its rows and their number.
    pub m: usize,
    pub n: usize,
    pub blocks: usize,
    /// Channels, height and width where inputs are patches or images.
    pub grid: Option<[usize; 3]>,
    pub is_table: bool,
    pub role: Role,
    pub weight_type: String,
    /// Whether it stays as it is by request.
    pub is_kept: bool,
    /// Whether the uniform plan leaves it as it is: a head, a convolution on images.
    pub is_end: bool,
    /// The key of its tie: layers of equal keys get one size.
    pub tie: Option<String>,
    /// The index of the layer in each file of moments.
    pub moments: Option<usize>,
    pub held_out: Option<usize>,
    pub alpha: Option<f64>,
    pub rate: Rate,
}

impl Candidate {
    /// Returns its sizes.
    pub fn sizes(&self) -> Sizes {
        Sizes {
            m: self.m,
            n: self.n,
            grid: self.grid,
        }
    }

    /// Returns what it costs as it is.
    pub fn dense(&self) -> u64 {
        self.rate.of(dense(self.m, self.n))
    }

    /// Returns the least that it can cost.
    pub fn least(&self, settings: &PlanSettings) -> u64 {
        let (dense, rank) = (self.dense(), settings.multiple_of);
        if self.is_kept || rank > self.m.min(self.n) {
            return dense;
        }
        dense.min(self.rate.of(settings.storage.of_rank(self.m, self.n, rank)))
    }
}

/// Returns the most that layers may cost at a share of what they cost as they are.
pub(super) fn limit(share: f64, dense: u64) -> u64 {
    // A share as 0.4 is no binary fraction: what is missing to the next whole number is rounding.
    ((share * dense as f64 * (1.0 + 4.0 * f64::EPSILON)).floor() as u64).min(dense)
}
