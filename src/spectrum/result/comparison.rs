//! One run of `compare`.

use crate::spectrum::SisterSettings;
use crate::survey::{Entry, Run};
use crate::weights::Status;
use serde::Serialize;

/// One run of `compare`, whose files begin with ONE: every pair of tensors with one name, by file and then by name's place
/// in ONE.
pub type Comparison = Run<SisterSettings, Pair>;

/// A tensor of ONE and its namesake in OTHER.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// The tensors' name.
    pub name: String,
    /// The name in OTHER, where it is another one but for the prefixes of wrappers.
    pub other_name: Option<String>,
    /// Place of the tensor in ONE among those asked for, from 0; `None` for one that only OTHER has.
    #[serde(skip)]
    pub place: Option<usize>,
    /// The file of ONE.
    pub one: String,
    /// The file of OTHER.
    pub other: String,
    /// Place of OTHER among the files compared, from 1: the time on a tracked run.
    pub step: usize,
    /// What became of the pair.
    pub status: Status,
    /// Why it was skipped or failed.
    pub reason: Option<String>,
    /// Everything computed; in JSON its fields stand in the pair itself.
    #[serde(flatten)]
    pub sisters: Option<Sisters>,
}

/// Two sister layers.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sisters {
    /// Rows of the full shape.
    pub rows: usize,
    /// Columns of the full shape.
    pub columns: usize,
    /// Diagonal blocks of ONE.
    pub blocks_one: usize,
    /// Diagonal blocks of OTHER.
    pub blocks_other: usize,
    /// Variance v₁ of ONE's entries inside its blocks, about their mean.
    pub variance_one: f64,
    /// Variance of OTHER's entries inside its blocks.
    pub variance_other: f64,
    /// The second over the first.
    pub variance_ratio: Option<f64>,
    /// The value at initialisation: blocks of OTHER over blocks of ONE where the variance goes
    /// with 1/fan-in (Xavier), 1 where it is fixed.
    pub expected_ratio: f64,
    /// Level at which OTHER's values stand over R's when both are random:
    /// √(v_other blocks_one / (v_one blocks_other)).
    pub expected_level: Option<f64>,
    /// Mean over orders of |1 - ratio|.
    pub mean_distance: Option<f64>,
    /// Mean over orders of |1 - ratio / expected_level|.
    pub mean_distance_from_expected: Option<f64>,
    /// What chance gives: the mean distance to R of random blocks of OTHER's shape at level 1.
    pub chance_distance: Option<f64>,
    /// Mean over orders of |1 - ratio| to random blocks of OTHER's shape and variance.
    pub mean_distance_matched: Option<f64>,
    /// OTHER's largest value over R's.
    pub largest_ratio: Option<f64>,
    /// OTHER's smallest value over R's.
    pub smallest_ratio: Option<f64>,
    /// OTHER's values over the mean of R's, order by order. R has the full shape and ONE's variance
    /// v₁, divided by ONE's blocks where it has several, so that R stands for ONE without blocks.
    pub ratios: Vec<f64>,
    /// OTHER's singular values, aggregated and descending; null when left out by request.
    pub singular_values: Option<Vec<f64>>,
    /// Draws of R.
    pub draws: usize,
}

impl Entry for Pair {
    const KEY: &'static str = "pairs";

    fn status(&self) -> Status {
        self.status
    }

    /// The file is the one that failed.
    fn failure(&self) -> (&str, &str, Option<&str>) {
        let reason = self.reason.as_deref();
        let of_one = reason.and_then(|reason| reason.strip_prefix(self.one.as_str()));
        match of_one.and_then(|reason| reason.strip_prefix(": ")) {
            Some(reason) => (&self.one, &self.name, Some(reason)),
            None => (&self.other, &self.name, reason),
        }
    }
}

impl Comparison {
    /// Takes the singular values out of every pair.
    pub fn leave_out_values(&mut self) {
        for sisters in self.rows.iter_mut().filter_map(|p| p.sisters.as_mut()) {
            sisters.singular_values = None;
        }
    }
}
