//! A whole analysis in a few numbers and names.

use super::VerdictKind;
use crate::spectrum::Role;
use serde::Serialize;

/// What the rows of an analysis come to. Rows that were skipped or failed count as tensors only: no statistic is taken
/// over them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Rows.
    pub tensors: usize,
    /// Rows with a spectrum.
    pub matrices: usize,
    /// Elements of all tensors; those of an alias count once.
    pub parameters: u64,
    /// Entries of the matrices analysed.
    pub matrix_parameters: u64,
    /// Skipped rows by reason, in the order of [`SkipKind`].
    pub skipped: Vec<Skipped>,
    /// Matrices by verdict, in the order of [`VerdictKind`]; kinds without any are left out.
    pub verdicts: Vec<VerdictCount>,
    /// Matrices with a random bulk that chance alone is expected to give spikes: the level times their
    /// number, or with Benjamini and Hochberg's correction times that of those said to have spikes.
    pub expected_by_chance: f64,
    /// Matrices by role, in the order of the network.
    pub roles: Vec<RoleSummary>,
    /// Matrices by depth, stack by stack in the order of the file.
    pub depths: Vec<DepthSummary>,
    /// Matrices that look untrained: like noise.
    pub like_noise: Vec<Mention>,
    /// Matrices of which less than the half of the numbers holds 90 % of Σs², those of least effective rank first.
    pub compressible: Vec<Compressible>,
    /// Matrices with something to look at, in file order.
    pub suspicious: Vec<Suspicious>,
}

/// Rows that were skipped for one kind of reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The kind.
    pub kind: SkipKind,
    /// Rows.
    pub tensors: usize,
}

/// Why a row was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipKind {
    /// One dimension.
    Vector,
    /// No dimension.
    Scalar,
    /// The same numbers as another tensor.
    Alias,
    /// A matrix with too few rows or columns.
    Small,
    /// A dimension of 0.
    Empty,
    /// No weight: the state of an optimiser, a running statistic, a mask.
    NotWeight,
    /// Anything else; the row says what.
    Other,
}

/// Matrices of one verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictCount {
    /// The verdict.
    pub kind: VerdictKind,
    /// Matrices.
    pub matrices: usize,
    /// Their entries.
    pub parameters: u64,
}

/// What some matrices come to together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Group {
    /// Matrices.
    pub matrices: usize,
    /// Their entries.
    pub parameters: u64,
    /// The matrices by verdict.
    pub verdicts: Vec<VerdictCount>,
    /// Median over the matrices of the effective rank over the number of singular values.
    pub effective_rank_share: Option<f64>,
    /// Median of the power law's α over those with a heavy tail; null where there are none.
    pub heavy_alpha: Option<f64>,
}

/// Matrices of one role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoleSummary {
    /// The role.
    pub role: Role,
    /// What they come to.
    #[serde(flatten)]
    pub group: Group,
}

/// Matrices of one layer of a stack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DepthSummary {
    /// The file, as given.
    pub file: String,
    /// The stack's name.
    pub stack: String,
    /// The layer's number in it.
    pub layer: usize,
    /// What they come to.
    #[serde(flatten)]
    pub group: Group,
}

/// A row by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// Place among the rows, from 1.
    pub row: usize,
    /// The tensor's name.
    pub name: String,
    /// The file, as given.
    pub file: String,
}

/// A matrix that fewer numbers nearly hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compressible {
    /// The row.
    #[serde(flatten)]
    pub layer: Mention,
    /// Effective rank over the number of singular values.
    pub effective_rank_share: f64,
    /// Fewest singular values with 90 % of Σs².
    pub energy_rank: usize,
    /// Numbers of a matrix of that rank as two factors over those of the matrix.
    pub parameter_share: f64,
}

/// A matrix with something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspicious {
    /// The row.
    #[serde(flatten)]
    pub layer: Mention,
    /// What there is to look at: `3 outlying entries; 12 zero rows`.
    pub reason: String,
}
