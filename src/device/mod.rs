//! Machines that run plans.
//!
//! Each implements [`crate::program::Exec`], which is all that the rest of the crate sees.

mod chosen;
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
mod rate;

pub use chosen::{Device, Precision, failure};
pub use cpu::{Cpu, Real};
#[doc(hidden)]
#[cfg(feature = "gpu")]
pub use gpu::kernels;
#[cfg(feature = "gpu")]
pub use gpu::{Adapter, AdapterInfo, AdapterKind, Gpu, Machine, adapters};
pub use rate::gemm_rate;
