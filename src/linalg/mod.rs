//! Dense algebra that every floor above shares: singular values, least squares, products, Hadamard transforms.

pub(crate) mod algebra;
mod band;
mod bidiagonal;
mod bisection;
mod chase;
mod direct;
pub(crate) mod hadamard;
mod kernels;
mod lanes;
mod least_squares;
mod load;
pub(crate) mod lsqr;
mod panel;
mod product;
mod real;
mod scale;
mod singular_values;
mod sturm;
mod triangular;

pub use bidiagonal::bidiagonal_singular_values;
pub use least_squares::{LeastSquares, Triangle};
pub use real::Real;
pub use singular_values::{NotConverged, error_bound, method, singular_values};
