//! Files of PyTorch before version 1.6: a magic number, a protocol, the byte order, the objects and the keys of
//! their storages, each a pickle, then the storages one after another, each its number of elements and its bytes.

use std::collections::HashMap;

use crate::weights::dtype::Dtype;
use crate::weights::error::Fault;
use crate::weights::escape::escape;
use crate::weights::hash::Fnv;
use crate::weights::input::{Input, read_bytes};
use crate::weights::parsed::Parsed;
use crate::weights::pickle::{Graph, Node, Value, interpret};

use super::list::list;
use super::storage::{Id, Place, Storages};

/// Bytes of the longest pickle read.
const LONGEST_PICKLE: u64 = 256 << 20;
/// Bytes that are tried first; a pickle that has not ended there is read again with eight times as many.
const FIRST_TRIED: u64 = 1 << 16;
/// The version of the format, the only one there is.
const PROTOCOL: i64 = 1001;

/// Lists the tensors of `input`.
///
/// # Errors
///
/// A file that is cut short or that PyTorch does not write.
pub fn open(input: &Input) -> Result<Parsed, Fault> {
    let mut hash = Fnv::new();
    // The magic number is what the file was recognised by.
    let (_, protocol) = pickle(input, 0, &mut hash, |_| Ok(()))?;
    let is_known = |graph: &Graph<'_>| match graph.root {
        Value::Int(PROTOCOL) => Ok(()),
        _ => Err(Fault::malformed(format!(
            "a protocol other than {PROTOCOL}"
        ))),
    };
    let ((), system) = pickle(input, protocol, &mut hash, is_known)?;
    let (big_endian, objects) = pickle(input, system, &mut hash, |graph| Ok(is_big(graph)))?;
    let bytes = whole_pickle(input, objects)?;
    hash.write(&bytes);
    let graph = interpret(&bytes).map_err(|fault| in_file(fault, objects))?;
    let after = objects + bytes.len() as u64;
    let (keys, data) = pickle(input, after, &mut hash, storage_keys)?;
    let stream = Stream {
        places: places(input, &graph, &keys, data, big_endian)?,
        length: input.length(),
        big_endian,
    };
    let mut parsed = list(&graph, &stream)?;
    parsed.header_hash = hash.finish();
    Ok(parsed)
}

/// Storages of the stream by their keys.
struct Stream {
    places: HashMap<String, (u64, u64)>,
    length: u64,
    big_endian: bool,
}

impl Storages for Stream {
    fn held(&self, key: &str) -> Result<(Place, u64), Fault> {
        match self.places.get(key) {
            Some(&(offset, bytes)) => Ok((Place::Offset(offset), bytes)),
            None => Err(Fault::malformed(format!(
                "its storage {} is not in the file",
                escape(key)
            ))),
        }
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn big_endian(&self) -> bool {
        self.big_endian
    }
}

/// Interprets the pickle at `offset`; returns what `read` makes of it and where the next one begins.
fn pickle<T>(
    input: &Input,
    offset: u64,
    hash: &mut Fnv,
    read: impl FnOnce(&Graph<'_>) -> Result<T, Fault>,
) -> Result<(T, u64), Fault> {
    let bytes = whole_pickle(input, offset)?;
    hash.write(&bytes);
    let graph = interpret(&bytes).map_err(|fault| in_file(fault, offset))?;
    let result = read(&graph).map_err(|fault| in_file(fault, offset))?;
    Ok((result, offset + bytes.len() as u64))
}

/// Reads the pickle at `offset`, which says itself where it ends.
fn whole_pickle(input: &Input, offset: u64) -> Result<Vec<u8>, Fault> {
    let held = input.length().saturating_sub(offset);
    let most = held.min(LONGEST_PICKLE);
    let mut tried = FIRST_TRIED;
    loop {
        let length = tried.min(most);
        let mut bytes = read_bytes(&mut input.at(offset), length)?;
        match interpret(&bytes).map(|graph| graph.bytes.len()) {
            Ok(used) => {
                bytes.truncate(used);
                return Ok(bytes);
            }
            Err(fault) if length == most => return Err(in_file(fault, offset)),
            Err(_) => tried = tried.saturating_mul(8),
        }
    }
}

/// Offsets in faults count from the beginning of the file.
fn in_file(mut fault: Fault, offset: u64) -> Fault {
    fault.byte = fault.byte.map(|byte| byte.saturating_add(offset));
    fault
}

/// Returns whether the dictionary of the system that wrote the file says that it was big-endian.
fn is_big(graph: &Graph<'_>) -> bool {
    let Some(Node::Dict(pairs)) = graph.node(graph.root) else {
        return false;
    };
    pairs.iter().any(|&(key, value)| {
        let is_order = matches!(key, Value::Text(key) if graph.slice(key) == b"little_endian");
        is_order && matches!(value, Value::Bool(false))
    })
}

/// Returns the keys of the storages in the order in which they are stored.
fn storage_keys(graph: &Graph<'_>) -> Result<Vec<String>, Fault> {
    let keys = graph.sequence(graph.root);
    let keys = keys.ok_or_else(|| Fault::malformed("no list of storages after the objects"))?;
    let text = |key: &Value| match *key {
        Value::Text(key) => Ok(graph.text(key).into_owned()),
        _ => Err(Fault::malformed("a storage whose key is not text")),
    };
    keys.iter().map(text).collect()
}

/// Returns where the storages with these `keys` lie, which begin at `data`: their sizes are known from the types
/// that the objects name.
fn places(
    input: &Input,
    graph: &Graph<'_>,
    keys: &[String],
    data: u64,
    big_endian: bool,
) -> Result<HashMap<String, (u64, u64)>, Fault> {
    let mut sizes: HashMap<&str, u64> = HashMap::new();
    for node in &graph.nodes {
        if let Node::Persistent(id) = node
            && let Ok(id) = Id::read(graph, *id)
        {
            let unknown =
                || Fault::malformed(format!("storage {} of an unknown type", escape(id.key)));
            let size = id.dtype.as_ref().map_or(Some(1), element_size);
            sizes.insert(id.key, size.ok_or_else(unknown)?);
        }
    }
    let mut places = HashMap::with_capacity(keys.len());
    let mut at = data;
    for key in keys {
        let named = || format!("storage {}", escape(key));
        let size = sizes.get(key.as_str()).ok_or_else(|| {
            Fault::malformed(format!(
                "{}, which no tensor names, has an unknown size",
                named()
            ))
            .at(at)
        })?;
        let count: [u8; 8] = read_bytes(&mut input.at(at), 8)?
            .try_into()
            .unwrap_or_default();
        let count = if big_endian {
            u64::from_be_bytes(count)
        } else {
            u64::from_le_bytes(count)
        };
        let begin = at + 8;
        let held = input.length().saturating_sub(begin);
        let bytes = count.checked_mul(*size).filter(|&bytes| bytes <= held);
        let bytes = bytes.ok_or_else(|| {
            let problem = format!(
                "{} declares {count} elements of {size} bytes, but {held} bytes follow; the file is cut short",
                named()
            );
            Fault::malformed(problem).at(at)
        })?;
        places.insert(key.clone(), (begin, bytes));
        at = begin + bytes;
    }
    Ok(places)
}

/// Returns the bytes of an element, also of types that are not read.
fn element_size(dtype: &Dtype) -> Option<u64> {
    match dtype {
        Dtype::Other(name) => match name.as_str() {
            "ComplexDoubleStorage" => Some(16),
            "ComplexFloatStorage" => Some(8),
            "QInt32Storage" => Some(4),
            "QInt8Storage" | "QUInt8Storage" => Some(1),
            _ => None,
        },
        known => known.size().map(|size| size as u64),
    }
}
