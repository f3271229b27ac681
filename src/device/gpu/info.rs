//! Properties of adapters.

use serde::Serialize;
use std::fmt;

/// The kind of an adapter, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdapterKind {
    /// A card with memory of its own.
    Discrete,
    /// Part of the CPU's chip.
    Integrated,
    /// A share of a card, in a virtual computer.
    Virtual,
    /// Unknown.
    Other,
    /// A program that acts as one, on the CPU.
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

/// Properties that an adapter reports. Sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdapterInfo {
    /// The name.
    pub name: String,
    /// The interface through which it is reached: vulkan, metal or dx12.
    pub backend: String,
    /// The driver and that one's version.
    pub driver: String,
    /// The kind.
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

impl AdapterInfo {
    /// Names a capability that kernels need and the adapter lacks.
    pub(super) fn missing_capability(&self) -> Option<String> {
        let needs = [
            (self.workgroup_threads, 256, "threads a workgroup"),
            (
                self.workgroup_memory,
                16_384,
                "bytes that a workgroup shares",
            ),
            (self.storage_bindings, 5, "storage bindings a kernel"),
        ];
        let lacks = needs.into_iter().find(|(has, needed, _)| has < needed);
        lacks.map(|(has, needed, what)| format!("it has {has} {what} and {needed} are needed"))
    }
}
