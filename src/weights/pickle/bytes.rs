//! The bytes of a pickle, taken from the left: numbers, strings, lines.

use super::{Span, Value};
use crate::weights::error::Fault;

/// Fewer than 2^32 bytes and how many of them have been taken.
pub(super) struct Bytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Fault> {
        match u32::try_from(bytes.len()) {
            Ok(_) => Ok(Bytes { bytes, at: 0 }),
            Err(_) => Err(Fault::malformed("the pickle has more than 2^32 bytes")),
        }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// A number, a boolean or None.
    pub(super) fn number(&mut self, opcode: u8) -> Result<Value, Fault> {
        Ok(match opcode {
            b'N' => Value::None,
            0x88 | 0x89 => Value::Bool(opcode == 0x88),
            b'J' => Value::Int(i32::from_le_bytes(self.array()?).into()),
            b'K' => Value::Int(self.length::<1>()? as i64),
            b'M' => Value::Int(self.length::<2>()? as i64),
            b'I' | b'L' => {
                let line = self.line()?;
                let text = String::from_utf8_lossy(self.slice(line));
                // Booleans are written as I00 and I01.
                match (opcode, &*text) {
                    (b'I', "00" | "01") => Value::Bool(text == "01"),
                    _ => text
                        .trim_end_matches('L')
                        .parse()
                        .map_or(Value::Opaque, Value::Int),
                }
            }
            b'F' => {
                self.line()?;
                Value::Opaque
            }
            b'G' => {
                self.array::<8>()?;
                Value::Opaque
            }
            _ => {
                let length = match opcode {
                    0x8a => self.length::<1>()?,
                    _ => self.length::<4>()?,
                };
                let span = self.take(length)?;
                let bytes = self.slice(span);
                let sign = if bytes.last().is_some_and(|&b| b >= 0x80) {
                    0xff
                } else {
                    0
                };
                let mut wide = [sign; 8];
                match bytes.len() {
                    0..=8 => {
                        wide[..bytes.len()].copy_from_slice(bytes);
                        Value::Int(i64::from_le_bytes(wide))
                    }
                    _ => Value::Opaque,
                }
            }
        })
    }

    pub(super) fn string(&mut self, opcode: u8) -> Result<Value, Fault> {
        let length = match opcode {
            b'V' => return self.line().map(Value::Text),
            b'S' => {
                let mut line = self.line()?;
                let bytes = self.slice(line);
                if let [b'\'' | b'"', .., b'\'' | b'"'] = bytes {
                    line.start += 1;
                    line.length -= 2;
                }
                return Ok(Value::Text(line));
            }
            b'U' | b'C' | 0x8c => self.length::<1>()?,
            b'T' | b'X' | b'B' => self.length::<4>()?,
            _ => self.length::<8>()?,
        };
        let span = self.take(length)?;
        Ok(match opcode {
            b'B' | b'C' | 0x8e | 0x96 => Value::Bytes(span),
            _ => Value::Text(span),
        })
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let rest = &self.bytes[self.at..];
        let chunk = rest.first_chunk().copied();
        self.at += N.min(rest.len());
        chunk.ok_or_else(|| {
            Fault::malformed("the pickle ends without its STOP instruction; it is cut short")
        })
    }

    /// An unsigned little-endian integer of `N` bytes.
    pub(super) fn length<const N: usize>(&mut self) -> Result<usize, Fault> {
        let bytes: [u8; N] = self.array()?;
        let value = bytes
            .iter()
            .rev()
            .fold(0, |n, &byte| n << 8 | u64::from(byte));
        usize::try_from(value).map_err(|_| Fault::malformed("a length beyond this machine"))
    }

    pub(super) fn take(&mut self, length: usize) -> Result<Span, Fault> {
        self.check(length)?;
        let span = self.span(self.at, length);
        self.at += length;
        Ok(span)
    }

    /// Whether `length` more bytes are there.
    pub(super) fn check(&self, length: usize) -> Result<(), Fault> {
        let left = self.bytes.len() - self.at;
        if length <= left {
            Ok(())
        } else {
            Err(Fault::malformed(format!(
                "declares a piece of {length} bytes, but {left} are left in the pickle"
            )))
        }
    }

    /// The bytes up to the next line feed, without it.
    pub(super) fn line(&mut self) -> Result<Span, Fault> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\n');
        let length = length.ok_or_else(|| Fault::malformed("a line that does not end"))?;
        let span = self.span(self.at, length);
        self.at += length + 1;
        Ok(span)
    }

    /// `interpret` has checked that offsets fit.
    fn span(&self, start: usize, length: usize) -> Span {
        Span {
            start: start as u32,
            length: length as u32,
        }
    }

    pub(super) fn slice(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        &self.bytes[start..start + span.length as usize]
    }
}
