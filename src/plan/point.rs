//! A size of a layer, with what it costs and loses.

use crate::compress::Size;
use serde::Serialize;

/// A size of a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The form.
    pub form: Size,
    /// The cost.
    pub cost: u64,
    /// The error.
    pub error: Error,
}

/// The error of a layer, relative to its outputs, or in units of the loss where gradients are known and alpha is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Error {
    /// On the inputs of the fit.
    pub calibration: f64,
    /// On others.
    pub held_out: Option<f64>,
}

impl Error {
    /// Returns that of the matrix itself.
    pub(super) fn none(is_held_out: bool) -> Error {
        Error {
            calibration: 0.0,
            held_out: is_held_out.then_some(0.0),
        }
    }

    /// Returns the held-out error where there is one.
    #[must_use]
    pub fn known(&self) -> f64 {
        self.held_out.unwrap_or(self.calibration)
    }
}
