//! A matrix as a product of sums of fixed matrices, `W ≈ Πⱼ Σₖ g(aⱼₖ) Mⱼₖ`, by least squares, in
//! stages (Wu 2018, equations 2 to 4, sections IV, V and VII).

mod carry;
mod chain;
mod constants;
mod describe;
mod error;
mod files;
mod fit;
mod inputs;
mod plan;
mod progress;
mod rebuild;
mod result;
mod search;
mod settings;
mod solvers;
mod sources;
mod stage;
mod sum;
mod target;

pub use crate::operator::Link;
pub use chain::Coefficients;
pub use constants::SolverConstants;
pub use error::FitError;
pub use files::{given_bases, input_matrix};
pub use inputs::Inputs;
pub use plan::ProductPlan;
pub use progress::FitProgress;
pub use rebuild::{FitHeader, FitShape};
pub use result::*;
pub use settings::{ProductSettings, Solver, Stage};
pub use solvers::Stopped;
pub use sources::{FitRequest, PlannedFits, fit_sources};
pub use sum::Method;
use target::Target;

#[cfg(test)]
mod tests;
