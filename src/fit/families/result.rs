//! What a comparison of families finds, as plain serialisable data: a field's name here is its key in
//! the JSON, `None` is `null`, and a change that removes or renames one raises [`SCHEMA_VERSION`].

use super::{FamilyKind, FamilySettings, Search};
use crate::fit::Verdict;
use crate::weights::{FileIdentity, Selection, Status};
use serde::Serialize;

/// Version of the JSON written by `families`.
pub const SCHEMA_VERSION: u32 = 2;

/// One run over one or more files.
#[derive(Debug, Clone, Serialize)]
pub struct FamilyComparison {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Program and version that wrote this.
    pub program: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Settings as resolved.
    pub settings: FamilySettings,
    /// Which tensors were asked for, and how they were taken as matrices.
    pub selection: Selection,
    /// The files read.
    pub files: Vec<FileIdentity>,
    /// Remarks that concern a file as a whole.
    pub warnings: Vec<String>,
    /// Whether every tensor has its row; not so when the run was interrupted.
    pub complete: bool,
    /// One row a matrix, in file order: a stack of matrices has one for each.
    pub layers: Vec<FamilyLayer>,
}

/// One matrix, or the reason why a tensor has none.
#[derive(Debug, Clone, Serialize)]
pub struct FamilyLayer {
    /// The tensor's name; of a stack with the place in it, as in `experts[3]`.
    pub name: String,
    /// The file, as given.
    pub file: String,
    /// Whether it was fitted.
    pub status: Status,
    /// Why not.
    pub reason: Option<String>,
    /// Storage type.
    pub dtype: String,
    /// The stored shape.
    pub shape: Vec<usize>,
    /// How it was taken as a matrix.
    pub view: Option<String>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Rows of the matrix.
    pub rows: Option<usize>,
    /// Its columns.
    pub columns: Option<usize>,
    /// One row a family and budget, family by family, budgets ascending.
    pub families: Vec<FamilyFit>,
    /// What each family has found, at the budget where it gains most.
    pub findings: Vec<Finding>,
    /// Families that were not fitted, and why.
    pub left_out: Vec<LeftOut>,
}

/// A family that was not fitted to a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The family.
    pub family: FamilyKind,
    /// Why not.
    pub reason: String,
}

/// The nearest member of a family within a budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyFit {
    /// The family.
    pub family: FamilyKind,
    /// Parameters allowed, as a share of the entries.
    pub budget: f64,
    /// Numbers stored; indices and seeds are not counted.
    pub parameters: Option<usize>,
    /// Dimension of the set of matrices that they reach.
    pub degrees_of_freedom: Option<usize>,
    /// `parameters` over the entries.
    pub compression_rate: Option<f64>,
    /// ‖W - Ŵ‖ / ‖W‖.
    pub relative_residual: Option<f64>,
    /// The same expected of as many random terms: √(1 - K/mn).
    pub null_residual: Option<f64>,
    /// The same fit to the entries in random order: the root of the mean square over the shuffles.
    pub shuffled_residual: Option<f64>,
    /// Shuffles fitted.
    pub shuffles: usize,
    /// The share of ‖W‖² that a fit must explain beyond chance to be a finding.
    pub least_gain: Option<f64>,
    /// The same fit to `Q₁ W Q₂ᵀ` with random rotations.
    pub rotated_residual: Option<f64>,
    /// What that says.
    pub verdict: Verdict,
    /// Whether a nearer member may exist.
    pub search: Search,
    /// The member in words: rank, blocks, factor shapes.
    pub detail: Option<String>,
}

/// What a family has found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The family.
    pub family: FamilyKind,
    /// The budget at which it gains most.
    pub budget: f64,
    /// The verdict there.
    pub verdict: Verdict,
}
