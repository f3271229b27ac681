//! Folders of `torch.distributed.checkpoint`: `.metadata`, a pickle that says which chunks tile each tensor, and
//! `.distcp` files, each one zip archive after another, one a chunk, at offsets that the metadata give.

mod chunk;
mod files;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::weights::archive::Archive;
use crate::weights::decode::decode;
use crate::weights::error::{Fault, WeightsError};
use crate::weights::hash::Fnv;
use crate::weights::input::{Input, read_bytes};
use crate::weights::parsed::Parsed;
use crate::weights::pickle::{Call, Graph, Node, Value, interpret};
use crate::weights::tensor::{Locator, TensorInfo, byte_length, to_shape};

use super::integers::integers;
use super::package;
use super::storage::scalar_type;
use chunk::{Chunk, check_tiling};
use files::Files;

/// Bytes of the longest metadata read.
const LONGEST_METADATA: u64 = 256 << 20;
/// Chunks of one tensor: each is held against each other one.
const MOST_CHUNKS: usize = 4096;
/// Module of the classes in the metadata.
pub const MODULE: &[u8] = b"torch.distributed.checkpoint.metadata";

/// The chunks of every tensor.
#[derive(Debug)]
pub struct Checkpoint {
    files: Vec<PathBuf>,
    tensors: Vec<Vec<Chunk>>,
    /// Bytes of the files with chunks.
    pub bytes: u64,
}

/// Reads the metadata in `input`, the file `.metadata` at `path`.
///
/// # Errors
///
/// Metadata that PyTorch does not write. A tensor whose chunks do not tile it, or lie nowhere, is a row that says so.
pub fn open(path: &Path, input: &Input) -> Result<(Parsed, Checkpoint), Fault> {
    if input.length() > LONGEST_METADATA {
        return Err(Fault::malformed(format!(
            "metadata of {} bytes; at most {LONGEST_METADATA} are read",
            input.length()
        )));
    }
    let bytes = read_bytes(&mut input.at(0), input.length())?;
    let graph = interpret(&bytes)?;
    let missing = |what: &str| Fault::malformed(format!("the metadata have no {what}"));
    let root = fields(&graph, graph.root).ok_or_else(|| missing("fields"))?;
    let tensors = field(&graph, root, b"state_dict_metadata")
        .and_then(|value| pairs(&graph, value))
        .ok_or_else(|| missing("state_dict_metadata"))?;
    let stored = field(&graph, root, b"storage_data")
        .and_then(|value| pairs(&graph, value))
        .ok_or_else(|| missing("storage_data"))?;
    let mut files = Files::new(path);
    let places = places(&graph, stored, &mut files)?;
    let mut parsed = Parsed {
        header_hash: Fnv::of(&bytes),
        ..Parsed::default()
    };
    let mut chunks = Vec::new();
    let mut others = 0;
    for &(key, value) in tensors {
        let Value::Text(name) = key else {
            return Err(Fault::malformed("a tensor whose name is not text"));
        };
        let name = graph.text(name).into_owned();
        let Some(storage) = fields(&graph, value) else {
            others += 1;
            continue;
        };
        if field(&graph, storage, b"chunks").is_none() {
            others += 1;
            continue;
        }
        match tensor(&graph, &name, storage, &places, &files) {
            Ok((mut info, found)) => {
                info.locator = Locator::Chunks {
                    index: chunks.len(),
                };
                chunks.push(found);
                parsed.tensors.push(info);
            }
            Err(fault) => {
                let info = TensorInfo::unreadable(name, fault.reason()?);
                parsed.tensors.push(info);
            }
        }
    }
    if others > 0 {
        let warning = format!(
            "{others} entries are objects of Python and not read: numbers, text, arrays of NumPy"
        );
        parsed.warnings.push(warning);
    }
    let checkpoint = Checkpoint {
        bytes: files.bytes(),
        files: files.paths,
        tensors: chunks,
    };
    Ok((parsed, checkpoint))
}

/// Describes a tensor, and the chunks that tile it.
fn tensor(
    graph: &Graph<'_>,
    name: &str,
    storage: &[(Value, Value)],
    places: &Places,
    files: &Files,
) -> Result<(TensorInfo, Vec<Chunk>), Fault> {
    let lacks = |what: &str| Fault::malformed(format!("the metadata do not say its {what}"));
    let size = field(graph, storage, b"size").ok_or_else(|| lacks("size"))?;
    let size = integers(graph, size, "the size")?;
    let shape = to_shape(&size).filter(|_| byte_length(&size, 8).is_some());
    let shape = shape
        .ok_or_else(|| Fault::malformed(format!("shape {size:?} takes more than 2^64 bytes")))?;
    let dtype = field(graph, storage, b"properties")
        .and_then(|value| match graph.node(value)? {
            Node::Call(call) => graph.sequence(call.state)?.first().copied(),
            _ => None,
        })
        .and_then(|value| graph.global(value))
        .and_then(|(_, name)| scalar_type(name))
        .ok_or_else(|| lacks("type"))?;
    let listed = field(graph, storage, b"chunks").and_then(|value| graph.sequence(value));
    let listed = listed.unwrap_or_default();
    if listed.len() > MOST_CHUNKS {
        return Err(Fault::malformed(format!(
            "{} chunks; at most {MOST_CHUNKS} are read",
            listed.len()
        )));
    }
    let mut chunks = Vec::new();
    for &chunk in listed {
        let parts = fields(graph, chunk).ok_or_else(|| lacks("chunks"))?;
        let numbers = |key: &[u8]| {
            let value = field(graph, parts, key).ok_or_else(|| lacks("chunks"))?;
            let numbers = to_shape(&integers(graph, value, "a chunk")?);
            numbers.ok_or_else(|| lacks("chunks"))
        };
        let (corner, sizes) = (numbers(b"offsets")?, numbers(b"sizes")?);
        if sizes.contains(&0) && !shape.contains(&0) {
            continue;
        }
        let place = places.get(&(name.to_owned(), corner.clone()));
        let &(file, offset, length) = place.ok_or_else(|| {
            Fault::malformed(format!(
                "the metadata do not say where its chunk at {corner:?} lies"
            ))
        })?;
        files.check(file, offset, length)?;
        chunks.push(Chunk {
            corner,
            sizes,
            file,
            offset,
            length,
        });
    }
    check_tiling(&shape, &chunks)?;
    let nowhere = Locator::Bytes { offset: 0 };
    let mut info = TensorInfo::new(name.to_owned(), dtype, shape, nowhere);
    if info.dtype.size().is_none() {
        info.unreadable = Some(format!("type {} is not read", info.dtype));
    }
    if chunks.len() > 1 {
        info.notes.push(format!("in {} chunks", chunks.len()));
    }
    Ok((info, chunks))
}

/// File, offset and length of each chunk, by the tensor's name and the chunk's corner.
type Places = HashMap<(String, Vec<usize>), (usize, u64, u64)>;

fn places(
    graph: &Graph<'_>,
    stored: &[(Value, Value)],
    files: &mut Files,
) -> Result<Places, Fault> {
    let mut places = Places::new();
    for &(key, value) in stored {
        let (Some(key), Some(value)) = (fields(graph, key), fields(graph, value)) else {
            return Err(Fault::malformed("a place of a chunk of an unknown form"));
        };
        let Some(Value::Text(name)) = field(graph, key, b"fqn") else {
            return Err(Fault::malformed("a chunk without a name"));
        };
        // Objects that are no tensors have no corner.
        let corner = match field(graph, key, b"offset") {
            Some(corner @ Value::Node(_)) => to_shape(&integers(graph, corner, "a corner")?),
            _ => None,
        };
        let Some(corner) = corner else {
            continue;
        };
        let number = |key: &[u8]| match field(graph, value, key) {
            Some(Value::Int(number)) => u64::try_from(number).ok(),
            _ => None,
        };
        let path = match field(graph, value, b"relative_path") {
            Some(Value::Text(path)) => Some(graph.text(path)),
            _ => None,
        };
        let (Some(path), Some(offset), Some(length)) = (path, number(b"offset"), number(b"length"))
        else {
            return Err(Fault::malformed(
                "a chunk without its file, offset and length",
            ));
        };
        let file = files.number(&path)?;
        places.insert(
            (graph.text(name).into_owned(), corner),
            (file, offset, length),
        );
    }
    Ok(places)
}

impl Checkpoint {
    /// Returns the files with chunks.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Reads the numbers of tensor `index`, described by `info`.
    ///
    /// # Errors
    ///
    /// A chunk that is damaged or of another shape than the metadata say; memory.
    pub fn read(&self, index: usize, info: &TensorInfo) -> Result<Vec<f64>, Fault> {
        let count = info.len();
        let mut data: Vec<f64> = Vec::new();
        data.try_reserve_exact(count)
            .map_err(|_| Fault::memory((count as u64).saturating_mul(8)))?;
        data.resize(count, 0.0);
        for chunk in &self.tensors[index] {
            let part = self.chunk(chunk)?;
            chunk.copy(&part, &info.shape, &mut data);
        }
        Ok(data)
    }

    fn chunk(&self, chunk: &Chunk) -> Result<Vec<f64>, Fault> {
        let input = Input::open(&self.files[chunk.file]).map_err(|error| match error {
            WeightsError::Io { source, .. } => Fault::from(source),
            other => Fault::malformed(other.without_path()),
        })?;
        let mut archive = Archive::open(&input.window(chunk.offset, chunk.length)?)?;
        let parsed = package::open(&mut archive)?;
        let [info] = parsed.tensors.as_slice() else {
            return Err(Fault::malformed(format!(
                "its chunk at {:?} holds {} tensors",
                chunk.corner,
                parsed.tensors.len()
            )));
        };
        if let Some(reason) = &info.unreadable {
            return Err(Fault::malformed(format!(
                "its chunk at {:?}: {reason}",
                chunk.corner
            )));
        }
        if info.shape != chunk.sizes {
            return Err(Fault::malformed(format!(
                "its chunk at {:?} has shape {:?}, where the metadata say {:?}",
                chunk.corner, info.shape, chunk.sizes
            )));
        }
        match info.locator {
            Locator::Member { index, skip } => archive.decode(index, skip, info),
            Locator::Held { index } => decode(&mut parsed.held[index].as_slice(), info),
            _ => Err(Fault::malformed("a chunk without a storage")),
        }
    }
}

/// Returns the fields of an object of a dataclass.
fn fields<'a>(graph: &'a Graph<'_>, value: Value) -> Option<&'a [(Value, Value)]> {
    let Node::Call(call) = graph.node(value)? else {
        return None;
    };
    let Call { state, .. } = **call;
    match graph.sequence(state) {
        // With slots: the dictionary is the second of two.
        Some(&[_, slots]) => pairs(graph, slots),
        _ => pairs(graph, state),
    }
}

fn pairs<'a>(graph: &'a Graph<'_>, value: Value) -> Option<&'a [(Value, Value)]> {
    match graph.node(value)? {
        Node::Dict(pairs) => Some(pairs),
        _ => None,
    }
}

fn field(graph: &Graph<'_>, pairs: &[(Value, Value)], name: &[u8]) -> Option<Value> {
    let found = pairs.iter().find(|(key, _)| match key {
        Value::Text(key) => graph.slice(*key) == name,
        _ => false,
    });
    found.map(|&(_, value)| value)
}
