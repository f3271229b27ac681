//! Every family of structured matrices that a practitioner would set beside another, each by its best
//! projection known, at the same numbers of parameters.
//!
//! A family's `members` are its nearest matrices of the sizes worth trying within some budgets, its
//! `approximation` is one of them as a matrix. [`compare_families`] sets all of them side by side,
//! on a matrix, on some twenty shuffles of its entries, and on the matrix rotated at the same spectrum.

mod assignment;
pub mod block_circulant;
pub mod block_diagonal;
pub mod block_toeplitz;
pub mod butterfly;
mod candidate;
#[cfg(test)]
mod check;
mod comparison;
mod controls;
mod cosine;
pub mod dct;
mod diagonals;
mod grid;
pub mod hashed;
mod kind;
pub mod kronecker;
pub mod low_rank;
mod member;
mod model;
pub mod monarch;
pub mod permuted_blocks;
pub mod random_subspace;
mod result;
mod row;
mod settings;
pub mod sketch;
mod spectral;
mod tied;

pub use comparison::{Compared, compare_families};
pub use kind::{FamilyKind, Search};
use member::entries;
pub use member::{Member, best};
pub use model::compare_family_sources;
pub use result::{
    FamilyComparison, FamilyFindings, FamilyFit, FamilyLayer, Finding, LeftOut, SCHEMA_VERSION,
};
pub use settings::FamilySettings;
