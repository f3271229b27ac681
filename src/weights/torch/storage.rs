//! The storages of a PyTorch file, in which its tensors lie.

use crate::weights::dtype::Dtype;
use crate::weights::error::Fault;
use crate::weights::escape::escape;
use crate::weights::pickle::{Graph, Value};
use crate::weights::tensor::Locator;

/// Characters of the longest key; PyTorch counts 0, 1, 2, …
const LONGEST_KEY: usize = 256;

/// The locations of storages in a file.
pub(super) trait Storages {
    /// Returns where storage `key` begins and how many bytes it has, or why there is none.
    fn held(&self, key: &str) -> Result<(Place, u64), Fault>;

    /// Returns the length of the whole file in bytes.
    fn length(&self) -> u64;

    /// Returns whether numbers are stored with their most significant byte first.
    fn big_endian(&self) -> bool;
}

/// The beginning of a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// That of a member of a zip archive.
    Member(usize),
    /// At this byte of the file.
    Offset(u64),
}

impl Place {
    /// Returns where the data are that begin `skip` bytes later.
    pub(super) fn locator(self, skip: u64) -> Locator {
        match self {
            Place::Member(index) => Locator::Member { index, skip },
            Place::Offset(offset) => Locator::Bytes {
                offset: offset.saturating_add(skip),
            },
        }
    }
}

/// A storage, or the view of one that files before PyTorch 0.4 name in its place.
pub(super) struct Storage {
    pub(super) dtype: Dtype,
    pub(super) place: Place,
    /// Elements before the view.
    pub(super) skipped: u64,
    pub(super) bytes: u64,
}

/// The parts of a persistent id `('storage', type, key, location, length)`.
pub(super) struct Id<'a> {
    /// The key under which the file holds the storage.
    pub(super) key: &'a str,
    /// The type of its elements; `None` for a storage of bytes.
    pub(super) dtype: Option<Dtype>,
    /// Elements, bytes where there is no type.
    pub(super) elements: i64,
    /// Elements before the view, where the id names one.
    skipped: u64,
}

impl Id<'_> {
    /// Reads the persistent id `id`.
    pub(super) fn read<'a>(graph: &Graph<'a>, id: Value) -> Result<Id<'a>, Fault> {
        let unknown = || Fault::malformed("its storage has an id of an unknown form");
        let Some(
            &[
                Value::Text(tag),
                kind,
                Value::Text(key),
                _,
                Value::Int(elements),
                ref rest @ ..,
            ],
        ) = graph.sequence(id)
        else {
            return Err(unknown());
        };
        let key = std::str::from_utf8(graph.slice(key)).map_err(|_| unknown())?;
        if key.len() > LONGEST_KEY || graph.slice(tag) != b"storage" {
            return Err(unknown());
        }
        // Before PyTorch 0.4 a storage may be a view (key, offset, size) of another one.
        let view = rest.first().and_then(|&view| graph.sequence(view));
        let skipped = match view {
            Some(&[_, Value::Int(offset), _]) => u64::try_from(offset).map_err(|_| unknown())?,
            _ => 0,
        };
        let kind = graph.global(kind).map_or(&b"unknown"[..], |(_, name)| name);
        let dtype = (kind != b"UntypedStorage").then(|| storage_type(kind));
        Ok(Id {
            key,
            dtype,
            elements,
            skipped,
        })
    }

    /// Returns the bytes that this many elements take.
    pub(super) fn bytes(&self) -> Result<u64, Fault> {
        let unit = match &self.dtype {
            None => 1,
            Some(dtype) => dtype.size().unwrap_or(0) as u64,
        };
        u64::try_from(self.elements)
            .ok()
            .and_then(|elements| elements.checked_mul(unit))
            .ok_or_else(|| {
                Fault::malformed(format!("its storage declares {} elements", self.elements))
            })
    }
}

/// The storage with this id, its length compared with what the file holds.
pub(super) fn find(
    graph: &Graph<'_>,
    storages: &dyn Storages,
    id: Value,
    dtype: Option<Value>,
) -> Result<Storage, Fault> {
    let id = Id::read(graph, id)?;
    let declared = id.bytes()?;
    let (place, held) = storages.held(id.key)?;
    if declared > held {
        return Err(Fault::malformed(format!(
            "its storage {} declares {declared} bytes, but holds {held}",
            escape(id.key)
        )));
    }
    let dtype = match dtype {
        Some(dtype) => graph.global(dtype).map_or(other(b"unknown"), |(_, name)| {
            scalar_type(name).unwrap_or(other(name))
        }),
        None => id.dtype.unwrap_or(Dtype::U8),
    };
    Ok(Storage {
        dtype,
        place,
        skipped: id.skipped,
        bytes: declared,
    })
}

fn storage_type(name: &[u8]) -> Dtype {
    match name {
        b"DoubleStorage" => Dtype::F64,
        b"FloatStorage" => Dtype::F32,
        b"HalfStorage" => Dtype::F16,
        b"BFloat16Storage" => Dtype::BF16,
        b"LongStorage" => Dtype::I64,
        b"IntStorage" => Dtype::I32,
        b"ShortStorage" => Dtype::I16,
        b"CharStorage" => Dtype::I8,
        b"ByteStorage" => Dtype::U8,
        b"BoolStorage" => Dtype::Bool,
        _ => other(name),
    }
}

/// The type that `torch.NAME` is.
pub(super) fn scalar_type(name: &[u8]) -> Option<Dtype> {
    Some(match name {
        b"float64" | b"double" => Dtype::F64,
        b"float32" | b"float" => Dtype::F32,
        b"float16" | b"half" => Dtype::F16,
        b"bfloat16" => Dtype::BF16,
        b"int64" | b"long" => Dtype::I64,
        b"int32" | b"int" => Dtype::I32,
        b"int16" | b"short" => Dtype::I16,
        b"int8" => Dtype::I8,
        b"uint64" => Dtype::U64,
        b"uint32" => Dtype::U32,
        b"uint16" => Dtype::U16,
        b"uint8" => Dtype::U8,
        b"bool" => Dtype::Bool,
        b"float8_e4m3fn" => Dtype::F8E4M3,
        b"float8_e5m2" => Dtype::F8E5M2,
        _ if name.starts_with(b"float8_") || name.starts_with(b"complex") => other(name),
        _ => return None,
    })
}

fn other(name: &[u8]) -> Dtype {
    Dtype::Other(String::from_utf8_lossy(&name[..name.len().min(60)]).into_owned())
}
