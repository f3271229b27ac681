//! What an adapter reports about itself.

use serde::Serialize;
use std::fmt;

/// What an adapter is made of, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdapterKind {
    /// A card with memory of its own.
    Discrete,
    /// Part of the processor's chip.
    Integrated,
    /// A share of a card, in a virtual computer.
    Virtual,
    /// Unknown.
    Other,
    /// A program that acts as one, on the processor.
    Software,
}

impl fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AdapterKind::Discrete => "discrete",
            AdapterKind::Integrated => "integrated",
            AdapterKind::Virtual => "virtual",
            AdapterKind::Other => "other",
            AdapterKind::Software => "software",
        })
    }
}

/// What an adapter says of itself. Sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdapterInfo {
    /// Its name.
    pub name: String,
    /// The interface through which it is reached: vulkan, metal or dx12.
    pub backend: String,
    /// Its driver and that one's version.
    pub driver: String,
    /// What it is made of.
    pub kind: AdapterKind,
    /// Largest buffer.
    pub largest_buffer: u64,
    /// Largest part of a buffer that a kernel sees.
    pub largest_binding: u64,
    /// Memory that a workgroup shares.
    pub workgroup_memory: u32,
    /// Threads of a workgroup at most.
    pub workgroup_threads: u32,
    /// Parts of buffers that a kernel sees at most.
    pub storage_bindings: u32,
    /// Fewest and most threads of a subgroup, if kernels may speak of them.
    pub subgroups: Option<(u32, u32)>,
    /// Whether it computes in half precision.
    pub f16: bool,
    /// Whether it multiplies small matrices in hardware.
    pub cooperative_matrices: bool,
}
