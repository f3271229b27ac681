//! Singular values.

mod bidiagonal;
mod real;
mod scale;
mod singular_values;
mod sturm;

pub use bidiagonal::bidiagonal_singular_values;
pub use real::Real;
pub use singular_values::{NotConverged, singular_values};
