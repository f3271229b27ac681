//! What a matrix is asked.

use super::rounding::Precision;
use crate::spectrum::Settings;

/// What is needed beside the matrix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub settings: &'a Settings,
    pub precision: Precision,
    /// Chance of a false spike in this matrix.
    pub level: f64,
}
