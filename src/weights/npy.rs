//! `.npy`: magic, version, length, a Python dictionary, the elements. Format:
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::io::Read;

use super::dtype::Dtype;
use super::error::Fault;
use super::format::NPY_MAGIC;
use super::hash::Fnv;
use super::input::{Input, read_bytes};
use super::kind::Kind;
use super::npy_dictionary::{Fields, read_dictionary};
use super::npy_types::{is_words, parse_descr, unreadable};
use super::parsed::Parsed;
use super::tensor::{Layout, Locator, TensorInfo, byte_length, to_shape};

/// Bytes of the longest dictionary read.
const LONGEST_HEADER: u64 = 64 * 1024;
/// Arrays of one file.
const MOST_ARRAYS: usize = 100_000;

/// The header of an array: all before its elements.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    pub(super) big_endian: bool,
    pub(super) shape: Vec<usize>,
    pub(super) fortran: bool,
    /// Offset of the first element.
    pub(super) data_start: u64,
    /// Bytes of the elements; `None` for a type that is not read.
    pub(super) data_length: Option<u64>,
    pub(super) hash: u64,
}

impl Header {
    /// Returns the bytes of the elements, also of types that are not read; `None` for objects and records.
    fn stored_length(&self) -> Option<u64> {
        let Dtype::Other(descr) = &self.dtype else {
            return self.data_length;
        };
        let kind = descr.trim_start_matches(['<', '>', '=', '|']);
        let size: u64 = kind.get(1..)?.split('[').next()?.parse().ok()?;
        let size = match kind.as_bytes().first()? {
            b'U' => size.checked_mul(4)?,
            b'S' | b'a' | b'V' | b'c' | b'f' => size,
            b'M' | b'm' => 8,
            _ => return None,
        };
        let shape: Vec<u64> = self.shape.iter().map(|&d| d as u64).collect();
        byte_length(&shape, size)
    }

    pub(super) fn into_info(self, name: String, locator: Locator) -> TensorInfo {
        let reason = unreadable(&self.dtype);
        let mut info = TensorInfo::new(name, self.dtype, self.shape, locator);
        info.big_endian = self.big_endian;
        info.unreadable = reason;
        if is_words(&info.dtype) {
            info.kind = Kind::Words;
        }
        if self.fortran && info.unreadable.is_none() {
            info.layout = Layout::column_major(&info.shape);
        }
        info
    }
}

/// Opens the array in `input`, called `name`, or the arrays one after another (as `numpy.save` on an open file and
/// Equinox write them), called `name.0`, `name.1`, ….
pub(super) fn open(input: &Input, name: String, strict: bool) -> Result<Parsed, Fault> {
    let mut parsed = Parsed::default();
    let mut hash = Fnv::new();
    let mut start = 0;
    loop {
        let part = input.window(start, input.length() - start)?;
        let header =
            read_header(&mut part.at(0), part.length()).map_err(|fault| in_file(fault, start))?;
        let next = header
            .stored_length()
            .map(|length| header.data_start.saturating_add(length));
        let next = next.filter(|&next| next < part.length());
        let follows = match next {
            Some(next) => begins_with_magic(&part.at(next))?,
            None => false,
        };
        let rest = part.length() - header.data_start.min(part.length());
        if header.stored_length().is_none() && rest > 0 {
            parsed.warnings.push(format!(
                "what follows array {} is not read: the bytes of its type are not known",
                parsed.tensors.len()
            ));
        }
        if !follows {
            let warning = check_length(&header, part.length(), strict);
            parsed
                .warnings
                .extend(warning.map_err(|fault| in_file(fault, start))?);
        }
        if parsed.tensors.len() == MOST_ARRAYS {
            return Err(Fault::malformed(format!(
                "more than {MOST_ARRAYS} arrays one after another"
            )));
        }
        hash.write(&header.hash.to_le_bytes());
        let offset = start + header.data_start;
        let named = format!("{name}.{}", parsed.tensors.len());
        let info = header.into_info(named, Locator::Bytes { offset });
        parsed.tensors.push(info);
        match next.filter(|_| follows) {
            Some(next) => start += next,
            None => break,
        }
    }
    if let [only] = parsed.tensors.as_mut_slice() {
        only.name = name;
    }
    parsed.header_hash = hash.finish();
    Ok(parsed)
}

/// Offsets in faults count from the beginning of the file.
fn in_file(fault: Fault, start: u64) -> Fault {
    Fault {
        byte: fault.byte.map(|byte| byte + start),
        ..fault
    }
}

fn begins_with_magic(reader: &Input) -> Result<bool, Fault> {
    let mut magic = Vec::new();
    reader
        .clone()
        .take(NPY_MAGIC.len() as u64)
        .read_to_end(&mut magic)?;
    Ok(magic == NPY_MAGIC)
}

/// Compares what the header declares with the bytes there are; a warning when there are more.
pub(super) fn check_length(
    header: &Header,
    length: u64,
    strict: bool,
) -> Result<Option<String>, Fault> {
    let Some(declared) = header.data_length else {
        return Ok(None);
    };
    let held = length.saturating_sub(header.data_start);
    if held < declared {
        return Err(Fault::malformed(format!(
            "the header declares {} of {}, {declared} bytes, but {held} bytes follow it; the file \
             is cut short or its header is wrong",
            list(&header.shape),
            header.dtype,
        ))
        .at(header.data_start));
    }
    let extra = held - declared;
    let text = format!("{extra} bytes follow the array");
    match extra {
        0 => Ok(None),
        _ if strict => Err(
            Fault::malformed(format!("{text}, and a strict reading allows none"))
                .at(header.data_start + declared),
        ),
        _ => Ok(Some(format!("{text} and are ignored"))),
    }
}

fn list(shape: &[usize]) -> String {
    format!("shape {shape:?}")
}

/// Reads up to the first element. `length` is that of the file or member.
pub(super) fn read_header(reader: &mut impl Read, length: u64) -> Result<Header, Fault> {
    let mut hash = Fnv::new();
    if length < 10 {
        return Err(Fault::malformed(format!(
            "{length} bytes are no npy file, whose shortest header has 10"
        )));
    }
    let start = read_bytes(reader, 8)?;
    hash.write(&start);
    if !start.starts_with(NPY_MAGIC) {
        return Err(Fault::malformed(format!(
            "begins with {:02x?}, not with npy's magic {NPY_MAGIC:02x?}",
            &start[..6]
        ))
        .at(0));
    }
    let (major, minor) = (start[6], start[7]);
    let width = match major {
        1 => 2,
        2 | 3 => 4,
        _ => {
            return Err(Fault::malformed(format!(
                "npy version {major}.{minor} is unknown; versions 1, 2 and 3 are read"
            ))
            .at(6));
        }
    };
    if length < 8 + width {
        return Err(Fault::malformed(format!("the header is cut short: {length} bytes")).at(8));
    }
    let field = read_bytes(reader, width)?;
    hash.write(&field);
    let header_length = field
        .iter()
        .rev()
        .fold(0, |value, &byte| value << 8 | u64::from(byte));
    let held = length - 8 - width;
    if header_length > held {
        return Err(Fault::malformed(format!(
            "declares a header of {header_length} bytes, but {held} follow"
        ))
        .at(8));
    }
    if header_length > LONGEST_HEADER {
        return Err(Fault::malformed(format!(
            "declares a header of {header_length} bytes; at most {LONGEST_HEADER} are read"
        ))
        .at(8));
    }
    let text = read_bytes(reader, header_length)?;
    hash.write(&text);
    let base = 8 + width;
    let fields = read_dictionary(&text).map_err(|fault| Fault {
        byte: fault.byte.map(|byte| byte + base),
        ..fault
    })?;
    finish(fields, base + header_length, hash.finish())
}

fn finish(fields: Fields, data_start: u64, hash: u64) -> Result<Header, Fault> {
    let (dtype, big_endian) = parse_descr(&fields.descr);
    let too_large = || {
        Fault::malformed(format!(
            "the header declares shape {:?} of {dtype}, more than 2^64 bytes",
            fields.shape
        ))
    };
    let data_length = match dtype.size() {
        Some(size) => Some(byte_length(&fields.shape, size as u64).ok_or_else(too_large)?),
        None => None,
    };
    let shape = to_shape(&fields.shape).ok_or_else(too_large)?;
    Ok(Header {
        dtype,
        big_endian,
        shape,
        fortran: fields.fortran,
        data_start,
        data_length,
        hash,
    })
}
