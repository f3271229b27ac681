//! A single sum of fixed matrices: linear least squares, outright or by iterations, on the CPU or with a device.

mod device;
mod linear;
mod preconditioned;
mod solution;
mod step;

pub(super) use device::solve_on;
pub(super) use linear::{Workspace, exceeds, linear};
pub(super) use solution::Linear;
pub use solution::Method;
