//! What is said of one spectrum, and what was taken for granted.

use serde::{Deserialize, Serialize};

/// The finding in plain words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verdict {
    /// For machines and colours.
    pub kind: VerdictKind,
    /// For people: `7 spikes above a random bulk`.
    pub text: String,
    /// Chance of a largest value as large in noise: of the first spike where there are spikes. Null
    /// where no random bulk was found.
    pub p_value: Option<f64>,
}

/// What was set aside before a matrix was judged, and what was left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cleaning {
    /// Rows of zeros.
    pub zero_rows: usize,
    /// Columns of zeros.
    pub zero_columns: usize,
    /// Rows that repeat another row.
    pub repeated_rows: usize,
    /// Columns that repeat another column.
    pub repeated_columns: usize,
    /// Entries far outside all others, taken as zero.
    pub outlying_entries: usize,
    /// The first of them, as row and column counted from 0.
    pub outlying_at: Vec<(usize, usize)>,
}

/// What the noise of a layer was taken to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NoiseModel {
    /// The law of the entries.
    pub entries: EntryLaw,
    /// Shuffles that gave the edge; 0 with Gaussian entries.
    pub shuffles: usize,
    /// Which lines were divided by their own scale before the matrix was found to be noise.
    pub unequal: Option<UnequalLines>,
}

/// The law of the entries that noise is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryLaw {
    /// Light-tailed entries: the laws of Gaussian matrices hold.
    #[default]
    Gaussian,
    /// Heavy-tailed entries: the laws come from the layer's own entries in random order.
    Shuffled,
}

/// Which lines of a matrix differ in scale by more than chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnequalLines {
    /// The rows.
    Rows,
    /// The columns.
    Columns,
    /// Both.
    Both,
}

/// What a spectrum looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// Consistent with independent entries.
    Noise,
    /// A random bulk that fits, and values outside its edges.
    Spikes,
    /// No random bulk: the largest eigenvalues fall off as a power.
    HeavyTail,
    /// No random bulk, and no heavy tail either.
    NoBulk,
    /// At most half of the singular values are above rounding.
    LowRank,
    /// Too little to judge: zero, constant, too small, a few entries, or all singular values equal.
    #[default]
    Degenerate,
}
