//! Structured fits of a weight matrix, each beside what chance gives.

mod concentration;
pub mod families;
mod null;
pub mod product;
mod verdict;

pub use concentration::Concentration;
pub use null::{numbered_shuffle, rotated, shuffled};
pub use verdict::{Shares, Thresholds, Verdict, VerdictKind};
