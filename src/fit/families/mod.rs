//! Every family of structured matrices that a practitioner would set beside another, each by its best
//! projection known, at the same numbers of parameters.
//!
//! The families and their projections are those of [`crate::family`]. [`compare_families`] sets all of them side by side,
//! on a matrix, on some twenty shuffles of its entries, and on the matrix rotated at the same spectrum.

mod comparison;
mod controls;
mod model;
mod result;
mod row;
mod settings;

pub use crate::family::projection::{FamilyKind, Member, Search, best};
pub use comparison::{Compared, compare_families};
pub use model::compare_family_sources;
pub use result::{
    FamilyComparison, FamilyFindings, FamilyFit, FamilyLayer, Finding, LeftOut, SCHEMA_VERSION,
};
pub use settings::FamilySettings;
