//! Tests against independent computations.

mod gradients;
mod reference;
