//! The formats that are read.

use std::fmt;

/// The first bytes of an array of NumPy.
pub(super) const NPY_MAGIC: &[u8] = b"\x93NUMPY";

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array of NumPy.
    Npy,
    /// A zip archive of arrays of NumPy.
    Npz,
    /// Tensors behind a JSON header.
    Safetensors,
    /// The index of a model in several files (`*.index.json`).
    Index,
    /// Files of `torch.save`, and TorchScript programs.
    Torch,
    /// A folder of `torch.distributed.checkpoint`.
    Distributed,
    /// Tensors that a program holds.
    Memory,
    /// A file that cannot be opened.
    Unreadable,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Npy => "npy",
            Format::Npz => "npz",
            Format::Safetensors => "safetensors",
            Format::Index => "index",
            Format::Torch => "torch",
            Format::Distributed => "distcp",
            Format::Memory => "memory",
            Format::Unreadable => "unreadable",
        })
    }
}
