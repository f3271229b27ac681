//! Networks whose layers' weights are structured matrices.

pub mod weight;
