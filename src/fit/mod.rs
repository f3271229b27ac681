//! Structured fits of a weight matrix, each beside what chance gives.

mod algebra;
mod null;

pub use null::{rotated, shuffled};
