//! What an analysis finds, as plain serialisable data. These structs are the JSON contract:
//! a field's name here is its key there, `None` is `null`, and a change that removes or renames
//! a field raises [`SCHEMA_VERSION`].

mod comparison;
mod layer;
mod summary;
mod verdict;

use super::Settings;
use crate::survey::{Extra, Run};
use crate::weights::{FileIdentity, Status};
pub use comparison::{Comparison, Pair, Sisters};
pub use layer::*;
use serde::Serialize;
use serde::ser::SerializeMap;
pub use summary::*;
pub use verdict::*;

/// Version of the JSON written by `analyze` and `compare`.
pub const SCHEMA_VERSION: u32 = 2;

/// One run of `analyze` over one or more files, one row a tensor.
pub type Analysis = Run<Settings, Layer, Whole>;

/// What an analysis says beside its rows.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    /// What the rows come to.
    pub summary: Summary,
}

impl Extra for Whole {
    fn after<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "complete" => map.serialize_entry("summary", &self.summary),
            _ => Ok(()),
        }
    }
}

/// What `inspect` lists: tensors as their files' headers declare them.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The files.
    pub files: Vec<FileIdentity>,
    /// Remarks that concern a file as a whole.
    pub warnings: Vec<String>,
    /// The tensors, in file order.
    pub tensors: Vec<Listed>,
}

/// One tensor's declaration.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// The tensor's name.
    pub name: String,
    /// The file, as given.
    pub file: String,
    /// Storage type.
    pub dtype: String,
    /// The stored shape.
    pub shape: Vec<usize>,
    /// Number of elements.
    pub elements: u64,
    /// How it would be read as a matrix.
    pub view: Option<String>,
    /// What would become of it: `analyzed` where nothing is known against it.
    pub status: Status,
    /// Why it would be skipped, or cannot be read.
    pub reason: Option<String>,
}

impl Analysis {
    /// Takes the singular values out, layer by layer and block by block.
    pub fn leave_out_values(&mut self) {
        let spectra = self.rows.iter_mut();
        for spectrum in spectra.filter_map(|row| row.finding.spectrum.as_mut()) {
            spectrum.singular_values = None;
            for block in spectrum.blocks.iter_mut().flat_map(|b| &mut b.each) {
                block.singular_values = None;
            }
        }
    }
}
