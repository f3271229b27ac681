//! Plans on the CPU's cores, in `f32` or `f64`.
//!
//! Work is cut by its size alone; every number of a result is computed by one task, or is the sum of parts
//! added in their order. So results are the same bits for any number of threads.

mod blocks;
mod column_transform;
mod cross_entropy;
mod descent;
mod elementwise;
mod exec;
mod gather;
mod gemm;
mod generated;
mod hadamard;
mod lanes;
mod maximum;
mod operand;
mod patches;
mod prepared;
mod real;
mod reduce;
mod row_order;
mod runs;
mod step;
mod trigonometric;

pub use exec::Cpu;
pub use real::Real;
