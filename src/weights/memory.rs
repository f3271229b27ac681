//! Tensors that a program holds in memory.

use std::fmt::Debug;
use std::io::{self, Read};

use super::dtype::Dtype;
use super::hash::Fnv;
use super::parsed::Parsed;
use super::tensor::{Locator, TensorInfo, number_repeated};

/// Reads tensors that a program holds in memory, one when its turn comes.
pub trait MemoryReader: Debug + Send + Sync {
    /// Opens the elements of tensor `index` in row-major order and little-endian, whatever their order in memory.
    ///
    /// # Errors
    ///
    /// When they cannot be had.
    fn elements(&self, index: usize) -> io::Result<Box<dyn Read + '_>>;
}

/// The declaration of a tensor in memory.
#[derive(Debug, Clone)]
pub struct MemoryTensor {
    /// The name.
    pub name: String,
    /// The type of its elements.
    pub dtype: Dtype,
    /// The dimensions, outermost first.
    pub shape: Vec<usize>,
    /// The earlier tensor of the list whose very elements these are.
    pub same_as: Option<usize>,
    /// The reason why it cannot be read, when it cannot.
    pub unreadable: Option<String>,
}

/// Describes tensors as those of a file.
pub(super) fn describe(tensors: Vec<MemoryTensor>) -> Parsed {
    let mut hash = Fnv::new();
    let mut described: Vec<TensorInfo> = Vec::with_capacity(tensors.len());
    for (index, tensor) in tensors.into_iter().enumerate() {
        let declared = format!("{}:{}:{:?};", tensor.name, tensor.dtype, tensor.shape);
        hash.write(declared.as_bytes());
        let alias_of = tensor.same_as.map(|first| described[first].name.clone());
        let locator = Locator::Memory { index };
        described.push(TensorInfo {
            alias_of,
            unreadable: tensor.unreadable,
            ..TensorInfo::new(tensor.name, tensor.dtype, tensor.shape, locator)
        });
    }
    number_repeated(&mut described);
    Parsed {
        tensors: described,
        header_hash: hash.finish(),
        ..Parsed::default()
    }
}
