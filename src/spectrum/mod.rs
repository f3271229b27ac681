//! A spectrum against random-matrix theory: laws, bulk, spikes, tails, baselines, sisters.

mod ks;
mod marchenko_pastur;
mod result;
mod settings;

pub use ks::ks_distance;
pub use marchenko_pastur::{LawError, MarchenkoPastur, SingularLaw};
pub use result::*;
pub use settings::{BaselineKind, KsSide, Settings};
