//! The texts of kernels, for checks that need no adapter.

use super::builder::Limits;
use super::lower::lower;
use crate::program::Plan;

/// Limits that every adapter has (the defaults of WebGPU), in numbers of four bytes.
const LEAST: Limits = Limits {
    binding: (128 << 20) / 4,
    alignment: 256 / 4,
    bindings: 8,
    subgroups: false,
};

/// Names and texts (WGSL) of the kernels that `plan` comes down to on an adapter that has no more than it must, each
/// text once, in order. With them those that fill what is stored later, as a [poisoned](super::Gpu::poisoned) machine
/// does. Needs no adapter.
///
/// # Panics
///
/// If a part of the plan fits into no binding of 128 MiB.
pub fn kernels(plan: &Plan) -> Vec<(&'static str, String)> {
    let mut kernels: Vec<(&'static str, String)> = Vec::new();
    for poisoned in [false, true] {
        let lowered = lower(plan, LEAST, poisoned)
            .unwrap_or_else(|instruction| panic!("kernels: {instruction} fits into no binding"));
        for dispatch in lowered.dispatches {
            let kernel = dispatch.kernel;
            if kernels.iter().all(|(_, text)| *text != kernel.text) {
                kernels.push((kernel.name, kernel.text));
            }
        }
    }
    kernels
}
