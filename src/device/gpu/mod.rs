//! Plans on a GPU, in `f32`, through wgpu: Vulkan, Metal, DX12.
//!
//! A plan is lowered once to [dispatches](dispatch::Dispatch) of kernels, whose pipelines, bind groups and buffers are
//! made in `prepare`; a run is one submission. Nothing is read back but what is asked for. Every number of a result
//! is computed by one thread or summed in an order that no other work changes, without atomics: the same device gives the same bits.

mod adapter;
mod builder;
mod compile;
mod cross_entropy;
mod dispatch;
mod epilogue;
mod exec;
mod followed;
mod fused_group;
mod gather;
mod gemm;
mod generated;
mod hadamard;
mod info;
mod kernels;
mod lower;
mod machine;
mod maximum;
mod prepared;
mod reduce;
mod split;
mod trigonometric;
mod waits;

pub use adapter::{Adapter, adapters};
pub use exec::Gpu;
pub use info::{AdapterInfo, AdapterKind};
pub use kernels::kernels;
pub use machine::Machine;
