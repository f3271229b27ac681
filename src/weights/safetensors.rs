//! `.safetensors`: the length of a JSON header, the header, the data.
//!
//! Format: <https://github.com/huggingface/safetensors#format>. The data must be covered by the
//! tensors exactly: no overlap, no hole, nothing behind the last.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::dtype::Dtype;
use super::error::Fault;
use super::escape::escape;
use super::hash::Fnv;
use super::input::{Input, read_bytes};
use super::json::{Unique, parse, repeated};
use super::parsed::Parsed;
use super::tensor::{Locator, TensorInfo, byte_length, to_shape};

/// Bytes of the longest header read.
const LONGEST_HEADER: u64 = 100_000_000;
/// Tensors of the largest header read.
const MOST_TENSORS: usize = 300_000;
/// As many as PyTorch allows.
const MOST_DIMENSIONS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// The header's entries in the order of the text; `__metadata__` is checked and dropped.
struct Header(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut entries = Vec::new();
        let mut metadata = None;
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                // The format's own library takes null for no metadata.
                if metadata
                    .replace(map.next_value::<Option<Unique<String>>>()?)
                    .is_some()
                {
                    return Err(A::Error::custom("__metadata__ stands twice"));
                }
                continue;
            }
            if entries.len() == MOST_TENSORS {
                return Err(A::Error::custom(format!(
                    "more than {MOST_TENSORS} tensors"
                )));
            }
            entries.push((name, map.next_value::<Entry>()?));
        }
        match repeated(&entries) {
            Some(name) => Err(A::Error::custom(format!(
                "tensor '{}' is declared twice",
                escape(name)
            ))),
            None => Ok(Header(entries)),
        }
    }
}

pub(super) fn open(input: &Input) -> Result<Parsed, Fault> {
    let file_length = input.length();
    if file_length < 8 {
        return Err(Fault::malformed(format!(
            "{file_length} bytes are no safetensors file, which begins with 8 bytes of length"
        )));
    }
    let mut reader = input.at(0);
    let prefix = read_bytes(&mut reader, 8)?;
    let length = prefix
        .iter()
        .rev()
        .fold(0, |n, &byte| n << 8 | u64::from(byte));
    let held = file_length - 8;
    if length == 0 {
        return Err(Fault::malformed("declares a header of 0 bytes").at(0));
    }
    if length > held {
        return Err(Fault::malformed(format!(
            "declares a header of {length} bytes, but {held} follow; the file is cut short or no \
             safetensors file"
        ))
        .at(0));
    }
    if length > LONGEST_HEADER {
        return Err(Fault::malformed(format!(
            "declares a header of {length} bytes; at most {LONGEST_HEADER} are read"
        ))
        .at(0));
    }
    let text = read_bytes(&mut reader, length)?;
    if text[0] != b'{' {
        return Err(Fault::malformed(format!(
            "the header begins with byte {:02x}, not with {{",
            text[0]
        ))
        .at(8));
    }
    let mut hash = Fnv::new();
    hash.write(&prefix);
    hash.write(&text);
    let Header(entries) = parse(&text, 8)?;
    drop(text);
    check_cover(&entries, 8 + length, held - length)?;
    let mut tensors = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        tensors.push(describe(name, entry, 8 + length)?);
    }
    Ok(Parsed {
        tensors,
        header_hash: hash.finish(),
        ..Parsed::default()
    })
}

/// Checks that the tensors cover the `data_length` bytes after `data_start` exactly.
fn check_cover(
    entries: &[(String, Entry)],
    data_start: u64,
    data_length: u64,
) -> Result<(), Fault> {
    let mut order: Vec<&(String, Entry)> = entries.iter().collect();
    for (name, entry) in entries {
        let (begin, end) = entry.data_offsets;
        if begin > end {
            let problem = format!("its data begin at offset {begin} and end before, at {end}");
            return Err(Fault::malformed(problem).tensor(name));
        }
        if end > data_length {
            return Err(Fault::malformed(format!(
                "its data end at offset {end}, but the file holds {data_length} bytes of data; the \
                 file is cut short or its header is wrong"
            ))
            .tensor(name)
            .at(data_start.saturating_add(begin)));
        }
    }
    order.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut covered = 0;
    let mut previous = None;
    for (name, entry) in order {
        let (begin, end) = entry.data_offsets;
        if begin != covered {
            let what = if begin < covered {
                "overlap"
            } else {
                "leave a hole after"
            };
            let other = previous.map_or("the header".to_owned(), |name: &String| {
                format!("tensor '{}'", escape(name))
            });
            return Err(Fault::malformed(format!(
                "its data begin at offset {begin} and {what} {other}, which ends at {covered}"
            ))
            .tensor(name)
            .at(data_start + begin));
        }
        covered = end;
        previous = Some(name);
    }
    if covered != data_length {
        let last = previous.map_or(String::new(), |name| {
            format!(", tensor '{}',", escape(name))
        });
        return Err(Fault::malformed(format!(
            "{} bytes follow the last tensor{last} and belong to none",
            data_length - covered
        ))
        .at(data_start + covered));
    }
    Ok(())
}

fn describe(name: String, entry: Entry, data_start: u64) -> Result<TensorInfo, Fault> {
    let dtype = parse_dtype(&entry.dtype);
    if entry.shape.len() > MOST_DIMENSIONS {
        let problem = format!(
            "{} dimensions; at most {MOST_DIMENSIONS} are read",
            entry.shape.len()
        );
        return Err(Fault::malformed(problem).tensor(name));
    }
    let (begin, end) = entry.data_offsets;
    let locator = Locator::Bytes {
        offset: data_start + begin,
    };
    let held = end - begin;
    if let Some(size) = dtype.size() {
        let declared = byte_length(&entry.shape, size as u64);
        if declared != Some(held) {
            let declared = declared.map_or("more than 2^64".into(), |n| n.to_string());
            return Err(Fault::malformed(format!(
                "shape {:?} of {dtype} takes {declared} bytes, but its data have {held}",
                entry.shape
            ))
            .tensor(name)
            .at(data_start + begin));
        }
    }
    let Some(shape) = to_shape(&entry.shape) else {
        return Err(Fault::malformed("its shape does not fit this machine").tensor(name));
    };
    let unreadable = match &dtype {
        Dtype::Other(kind) => Some(format!(
            "type {} is not read: {}",
            escape(kind),
            if kind.starts_with('F') {
                "it needs scales, which are other tensors; dequantise the model"
            } else {
                "floats of 8 to 64 bits, integers and BOOL are read"
            }
        )),
        _ => None,
    };
    let mut info = TensorInfo::new(name, dtype, shape, locator);
    info.unreadable = unreadable;
    Ok(info)
}

fn parse_dtype(name: &str) -> Dtype {
    match name {
        "F8_E4M3" => Dtype::F8E4M3,
        "F8_E5M2" => Dtype::F8E5M2,
        "F64" => Dtype::F64,
        "F32" => Dtype::F32,
        "F16" => Dtype::F16,
        "BF16" => Dtype::BF16,
        "I64" => Dtype::I64,
        "I32" => Dtype::I32,
        "I16" => Dtype::I16,
        "I8" => Dtype::I8,
        "U64" => Dtype::U64,
        "U32" => Dtype::U32,
        "U16" => Dtype::U16,
        "U8" => Dtype::U8,
        "BOOL" => Dtype::Bool,
        other => Dtype::Other(other.to_owned()),
    }
}
