//! Structured fits of a weight matrix, each beside what chance gives.

mod algebra;
pub mod families;
mod null;
pub mod product;
mod verdict;

pub use null::{rotated, shuffled};
pub use verdict::{Shares, Thresholds, Verdict, VerdictKind};
