//! Tests against independent computations.

mod gradients;
mod twin;
