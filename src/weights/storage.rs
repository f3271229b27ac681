//! The storages of a PyTorch file, in which its tensors lie.

use super::dtype::Dtype;
use super::error::Fault;
use super::escape::escape;
use super::pickle::{Graph, Value};
use super::torch::Package;

/// Characters of the longest key; PyTorch counts 0, 1, 2, …
const LONGEST_KEY: usize = 256;

/// What a storage is, by its persistent id `('storage', type, key, location, length)`.
pub(super) struct Storage {
    pub(super) dtype: Dtype,
    pub(super) member: usize,
    pub(super) bytes: u64,
}

/// The storage with this id, its length compared with what the archive holds.
pub(super) fn find(
    graph: &Graph<'_>,
    package: &Package<'_>,
    id: Value,
    dtype: Option<Value>,
) -> Result<Storage, Fault> {
    let Some(
        &[
            Value::Text(tag),
            kind,
            Value::Text(key),
            _,
            Value::Int(length),
            ..,
        ],
    ) = graph.sequence(id)
    else {
        return Err(Fault::malformed("its storage has an id of an unknown form"));
    };
    let key = graph.slice(key);
    let key = match std::str::from_utf8(key) {
        Ok(key) if key.len() <= LONGEST_KEY && graph.slice(tag) == b"storage" => key,
        _ => return Err(Fault::malformed("its storage has an id of an unknown form")),
    };
    let kind = graph.global(kind).map_or(&b"unknown"[..], |(_, name)| name);
    let in_bytes = kind == b"UntypedStorage";
    let dtype = match dtype {
        Some(dtype) => graph.global(dtype).map_or(other(b"unknown"), |(_, name)| {
            scalar_type(name).unwrap_or(other(name))
        }),
        None if in_bytes => Dtype::U8,
        None => storage_type(kind),
    };
    let Some(member) = package.member(&format!("data/{key}")) else {
        return Err(Fault::malformed(format!(
            "its storage data/{} is not in the archive",
            escape(key)
        )));
    };
    let held = package.archive.members()[member].size;
    let unit = match in_bytes {
        true => 1,
        false => dtype.size().unwrap_or(0) as u64,
    };
    let declared = u64::try_from(length)
        .ok()
        .and_then(|length| length.checked_mul(unit))
        .ok_or_else(|| Fault::malformed(format!("its storage declares {length} elements")))?;
    if declared > held {
        return Err(Fault::malformed(format!(
            "its storage data/{} declares {declared} bytes, but holds {held}",
            escape(key)
        )));
    }
    Ok(Storage {
        dtype,
        member,
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
        _ if name.starts_with(b"float8_") || name.starts_with(b"complex") => other(name),
        _ => return None,
    })
}

fn other(name: &[u8]) -> Dtype {
    Dtype::Other(String::from_utf8_lossy(&name[..name.len().min(60)]).into_owned())
}
