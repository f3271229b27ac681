//! Singular values.

mod singular_values;

pub use singular_values::{NotConverged, singular_values};

