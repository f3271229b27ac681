//! A spectrum against random-matrix theory: laws, bulk, spikes, tails, baselines, sisters.

mod baseline;
mod blocks;
mod draws;
mod ks;
mod law_comparison;
mod layer;
mod marchenko_pastur;
mod model;
mod moments;
mod norms;
mod result;
mod selection;
mod settings;
mod units;
mod verdict;

pub use blocks::{BlockSource, LayerMatrix};
pub use ks::ks_distance;
pub use layer::{Analyzer, Decomposition};
pub use marchenko_pastur::{LawError, MarchenkoPastur, SingularLaw};
pub use model::{Progress, analyze_sources};
pub use result::*;
pub use selection::Selection;
pub use settings::{BaselineKind, KsSide, Settings};
pub use units::{normalise, rescale};
