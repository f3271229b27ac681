//! What a comparison of families finds, as plain serialisable data: a field's name here is its key in
//! the JSON, `None` is `null`, and a change that removes or renames one raises [`SCHEMA_VERSION`].

use super::{FamilyKind, FamilySettings, Search};
use crate::fit::Verdict;
use crate::survey::{self, Row, Run};
use serde::Serialize;

/// Version of the JSON written by `families`.
pub const SCHEMA_VERSION: u32 = 2;

/// One run over one or more files, one row a matrix.
pub type FamilyComparison = Run<FamilySettings, FamilyLayer>;

/// One matrix, or the reason why a tensor has none.
pub type FamilyLayer = Row<FamilyFindings>;

/// What the families make of a matrix.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FamilyFindings {
    /// Rows of the matrix.
    pub rows: Option<usize>,
    /// The columns.
    pub columns: Option<usize>,
    /// One row a family and budget, family by family, budgets ascending.
    pub families: Vec<FamilyFit>,
    /// What each family has found, at the budget where it gains most.
    pub findings: Vec<Finding>,
    /// Families that were not fitted, and why.
    pub left_out: Vec<LeftOut>,
}

impl survey::Finding for FamilyFindings {
    const ROWS: &'static str = "layers";
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
