//! The numbers of a tensor, from wherever they are stored.

use super::{Source, Store};
use crate::weights::decode::decode;
use crate::weights::error::{Fault, WeightsError};
use crate::weights::tensor::{Locator, Tensor};

impl Source {
    /// Reads tensor `index` of [`tensors`](Self::tensors), and no other byte of the data.
    ///
    /// # Errors
    /// A tensor marked unreadable; data that are damaged, missing, or beyond memory.
    ///
    /// # Panics
    /// When there is no tensor `index`.
    pub fn read(&self, index: usize) -> Result<Tensor, WeightsError> {
        let tensor = self.read_joined(index);
        self.release();
        tensor
    }

    /// Reads tensor `index` and, where several tensors make a weight, the others.
    fn read_joined(&self, index: usize) -> Result<Tensor, WeightsError> {
        let info = &self.parsed.tensors[index];
        match &info.composed {
            Some((_, composed)) => composed.compute(&|index| self.read_stored(index)),
            None => self.read_stored(index),
        }
    }

    /// Reads tensor `index` as it is stored.
    fn read_stored(&self, index: usize) -> Result<Tensor, WeightsError> {
        let info = &self.parsed.tensors[index];
        let located = |fault: Fault| fault.tensor(&info.name).with_path(&self.path, self.format);
        if let Some(reason) = &info.unreadable {
            return Err(located(Fault::unsupported(reason)));
        }
        let data = match (&self.store, info.locator) {
            (Store::Shards(shards), Locator::Shard { shard, index }) => {
                return shards[shard].read_stored(index);
            }
            (_, Locator::Held { index }) => decode(&mut self.parsed.held[index].as_slice(), info),
            (Store::File(input), Locator::Bytes { offset }) => decode(&mut input.at(offset), info),
            (Store::Memory(reader), Locator::Memory { index }) => reader
                .elements(index)
                .map_err(Fault::from)
                .and_then(|mut elements| decode(&mut elements, info)),
            (Store::Distributed(checkpoint), Locator::Chunks { index }) => {
                checkpoint.read(index, info)
            }
            (Store::Archive(archive), Locator::Member { index, skip }) => {
                archive.decode(index, skip, info)
            }
            _ => unreachable!("a locator belongs to the store of its source"),
        };
        Ok(Tensor {
            shape: info.shape.clone(),
            data: data.map_err(located)?,
        })
    }
}
