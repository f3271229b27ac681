//! A matrix as a product of sums of fixed matrices, `W ≈ Πⱼ Σₖ g(aⱼₖ) Mⱼₖ`, by least squares, in
//! stages (Wu 2018, equations 2 to 4, sections IV, V and VII).

mod alternating;
mod chain;
mod derivatives;
mod describe;
mod device;
mod error;
mod files;
mod inputs;
mod iterative;
mod levenberg;
mod linear;
mod moves;
mod plan;
mod progress;
mod rebuild;
mod result;
mod run;
mod settings;
mod solve;
mod solver;
mod sources;
mod start;
mod sum_step;

pub use crate::operator::Link;
pub use chain::Coefficients;
pub use error::FitError;
pub use files::{given_bases, input_matrix};
pub use inputs::Inputs;
pub use linear::Method;
pub use plan::ProductPlan;
pub use progress::FitProgress;
pub use rebuild::{FitHeader, FitShape};
pub use result::*;
pub use settings::{ProductSettings, Solver, Stage};
pub use solve::SolverConstants;
pub use solver::Stopped;
pub use sources::{FitRequest, PlannedFits, fit_sources};

#[cfg(test)]
mod tests;
