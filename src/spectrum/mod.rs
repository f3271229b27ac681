//! A spectrum against random-matrix theory: laws, bulk, spikes, tails, baselines, sisters.

mod airy;
mod bulk;
mod edge_angle;
mod ks;
mod marchenko_pastur;
mod power_law;
mod quadrature;
mod result;
#[cfg(test)]
mod sample;
mod settings;
mod shrinkage;
mod singular_law;
mod tracy_widom;
mod wishart_edge;

pub use bulk::{BulkFit, fit_bulk_variance};
pub use ks::ks_distance;
pub use marchenko_pastur::{LawError, MarchenkoPastur};
pub use power_law::fit_power_law;
pub use result::*;
pub use settings::{BaselineKind, KsSide, Settings};
pub use shrinkage::{hard_threshold, observed_value, planted_value, shrink, threshold_over_median};
pub use singular_law::SingularLaw;
pub use tracy_widom::TracyWidom;
pub use wishart_edge::{count_spikes, spike_p_value};
