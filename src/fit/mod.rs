//! Structured fits of a weight matrix, each beside what chance gives.

pub mod families;
mod null;
pub mod product;
mod verdict;

use crate::linalg::algebra;
pub use null::{rotated, shuffled};
pub use verdict::{Shares, Thresholds, Verdict, VerdictKind};
