//! The solution of a single sum.

use serde::Serialize;

/// How a fit was solved: a single sum by the first five, a product by the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Orthonormal terms: correlations.
    Transform,
    /// A Gram matrix in closed form.
    Gram,
    /// Each row of W on the features.
    RowWise,
    /// Reflections of all terms.
    Qr,
    /// Iterations preconditioned by the triangle of a sketch.
    Preconditioned,
    /// Levenberg-Marquardt.
    Levenberg,
    /// Alternating least squares.
    Alternating,
}

/// The best coefficients of a single sum.
#[derive(Debug, Clone)]
pub struct Linear {
    pub coefficients: Vec<f64>,
    /// Largest singular value of the terms, as columns, over the smallest.
    pub condition: f64,
    pub method: Method,
    /// Iterations, where there are any.
    pub iterations: usize,
    /// Whether the solution is exact to rounding.
    pub converged: bool,
}
