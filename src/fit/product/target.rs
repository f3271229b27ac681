//! What is fitted, and in which norm.

use crate::linalg::algebra::product;
use faer::{Mat, MatRef};

/// A matrix W to be fitted in the norm `‖(W - Ŵ) Z‖` of inputs Z; without inputs in that of Frobenius.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub w: MatRef<'a, f64>,
    /// Z, n × s.
    pub inputs: Option<&'a Mat<f64>>,
}

impl<'a> Target<'a> {
    pub fn new(w: MatRef<'a, f64>, inputs: Option<&'a Mat<f64>>) -> Target<'a> {
        Target { w, inputs }
    }

    /// Returns how many columns `X Z` has.
    pub fn columns(&self) -> usize {
        self.inputs.map_or(self.w.ncols(), Mat::ncols)
    }

    /// Returns `X Z`.
    pub fn times_inputs(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        match self.inputs {
            Some(z) => product(x, z.as_ref()),
            None => x.to_owned(),
        }
    }

    /// Returns `R Zᵀ`.
    pub fn carried_back(&self, r: MatRef<'_, f64>) -> Mat<f64> {
        match self.inputs {
            Some(z) => product(r, z.transpose()),
            None => r.to_owned(),
        }
    }
}
