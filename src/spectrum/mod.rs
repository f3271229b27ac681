//! A spectrum against random-matrix theory: laws, bulk, spikes, tails, baselines, sisters.

mod airy;
mod baseline;
mod blocks;
mod depth;
mod draws;
mod edge_angle;
mod finding;
mod goodness;
mod ks;
mod law_comparison;
mod layer;
mod marchenko_pastur;
mod model;
mod moments;
mod noise_edge;
mod norms;
mod power_law;
mod quadrature;
mod result;
mod role;
#[cfg(test)]
mod sample;
mod settings;
mod shrinkage;
mod singular_law;
mod sisters;
mod skipped;
mod summary;
mod tensor;
mod tracy_widom;
mod units;
mod verdict;

pub use blocks::{BlockSource, LayerMatrix};
pub use depth::Depth;
pub use finding::Precision;
pub use ks::ks_distance;
pub use layer::{Analyzer, Decomposition};
pub use marchenko_pastur::{LawError, MarchenkoPastur};
pub use model::{Progress, analyze_sources, list_tensors};
pub use noise_edge::{spike_edge, spike_p_value};
pub use power_law::fit_power_law;
pub use result::*;
pub use role::{Role, Roles};
pub use settings::{BaselineKind, Initialisation, KsSide, Settings, SisterSettings};
pub use shrinkage::{hard_threshold, observed_value, planted_value, shrink, threshold_over_median};
pub use singular_law::SingularLaw;
pub use sisters::compare_sources;
pub use tracy_widom::TracyWidom;
pub use units::rescale;

