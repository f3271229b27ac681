//! GGUF files, which are not read yet: what their key-value pairs say they hold.

use super::error::Fault;
use super::input::{Input, read_bytes};

pub(super) const MAGIC: &[u8] = b"GGUF";

/// Pairs that are looked at: those of the file as a whole come first.
const MOST_PAIRS: u64 = 64;
/// Bytes of the longest key or text.
const LONGEST_TEXT: u64 = 1 << 16;

/// Says which numbers the file holds, by its `general.file_type`.
pub(super) fn describe(input: &Input) -> String {
    match file_type(input) {
        Ok(Some(kind)) => match name(kind) {
            Some(name) => format!("a GGUF file of {name} weights"),
            None => format!("a GGUF file (of file type {kind})"),
        },
        _ => "a GGUF file".into(),
    }
}

/// The enumeration `llama_ftype` of llama.cpp.
fn name(file_type: u32) -> Option<&'static str> {
    Some(match file_type {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 | 21 => "Q2_K",
        11..=13 => "Q3_K",
        14 | 15 => "Q4_K",
        16 | 17 => "Q5_K",
        18 => "Q6_K",
        19 | 20 | 22..=31 => "IQ",
        32 => "BF16",
        36 | 37 => "ternary",
        38 => "MXFP4",
        _ => return None,
    })
}

fn file_type(input: &Input) -> Result<Option<u32>, Fault> {
    let mut reader = input.at(0);
    // Magic, version, number of tensors, number of pairs.
    let head = read_bytes(&mut reader, 24)?;
    let pairs = number(&head[16..]);
    for _ in 0..pairs.min(MOST_PAIRS) {
        let key = text(&mut reader)?;
        let kind = number(&read_bytes(&mut reader, 4)?);
        let width = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => {
                text(&mut reader)?;
                continue;
            }
            // An array: those of whole vocabularies are not gone through.
            _ => return Ok(None),
        };
        let value = number(&read_bytes(&mut reader, width)?);
        if key == b"general.file_type" {
            return Ok(u32::try_from(value).ok());
        }
    }
    Ok(None)
}

fn text(reader: &mut Input) -> Result<Vec<u8>, Fault> {
    let length = number(&read_bytes(reader, 8)?);
    if length <= LONGEST_TEXT {
        read_bytes(reader, length)
    } else {
        Err(Fault::malformed(format!("a text of {length} bytes")))
    }
}

/// An unsigned little-endian number.
fn number(bytes: &[u8]) -> u64 {
    (bytes.iter().take(8).rev()).fold(0, |n, &byte| n << 8 | u64::from(byte))
}
