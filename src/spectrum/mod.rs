//! A spectrum against random-matrix theory: laws, bulk, spikes, tails, baselines, sisters.

mod result;
mod settings;

pub use result::*;
pub use settings::{BaselineKind, KsSide, Settings};
