//! Settings of a run, each named and echoed in the output.

use super::Ensemble;
use serde::Serialize;

/// What is drawn and what is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SketchSettings {
    /// Law of the sketches.
    pub ensemble: Ensemble,
    /// Rows of a sketch.
    pub k: usize,
    /// Pairs that are averaged.
    pub l: usize,
    /// Trials of the measurement; 0 for none.
    pub trials: usize,
    /// Seed of every draw.
    pub seed: u64,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// Relative error whose probability of being exceeded is asked; twice the root-mean-square error of the
    /// averaged estimate without one.
    pub deviation: Option<f64>,
    /// Relative root-mean-square error for which the rows are sought.
    pub target: Option<f64>,
    /// Numbers of pairs for which they are.
    pub target_pairs: Vec<usize>,
    /// Rows for which variances are measured too; powers of two, not measured, without one.
    pub sweep: Vec<usize>,
    /// Height and width of the images that a convolution meets.
    pub image: Option<[usize; 2]>,
    /// Step of convolutions.
    pub stride: usize,
    /// Zeros around images.
    pub padding: usize,
}

impl Default for SketchSettings {
    fn default() -> Self {
        SketchSettings {
            ensemble: Ensemble::SIGN,
            k: 64,
            l: 2,
            trials: 200,
            seed: 0,
            confidence: 0.95,
            deviation: None,
            target: None,
            target_pairs: vec![1, 2, 4, 8, 16],
            sweep: Vec::new(),
            image: None,
            stride: 1,
            padding: 0,
        }
    }
}

impl SketchSettings {
    /// Returns what is drawn of a layer.
    #[must_use]
    pub fn draws(&self) -> Draws {
        Draws {
            ensemble: self.ensemble,
            rows: self.k,
            pairs: self.l,
            trials: self.trials,
            seed: self.seed,
        }
    }
}

/// Sketches to be drawn of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    /// Their law.
    pub ensemble: Ensemble,
    /// Rows of a sketch.
    pub rows: usize,
    /// Pairs that are averaged.
    pub pairs: usize,
    /// How often all pairs are drawn.
    pub trials: usize,
    /// Seed of every draw.
    pub seed: u64,
}

impl Draws {
    /// # Panics
    ///
    /// When sketches have no rows or there are no pairs.
    pub(super) fn check(&self) {
        let (k, l) = (self.rows, self.pairs);
        assert!(k > 0 && l > 0, "sketches of {k} rows in {l} pairs");
    }
}

/// Rows that the curves over k are drawn at without a sweep: 1, 2, 4, … up to the first that is no less
/// than `d`.
pub(super) fn powers_of_two(d: usize) -> Vec<usize> {
    let last = d.max(1).next_power_of_two().ilog2();
    (0..=last).map(|power| 1 << power).collect()
}
