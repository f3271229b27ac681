//! Machines that run plans.
//!
//! Each implements [`crate::program::Exec`], which is all that the rest of the crate sees.

mod cpu;

pub use cpu::{Cpu, Real};
