//! Arrays of NumPy inside a pickle, their numbers among its bytes.

use crate::weights::dtype::Dtype;
use crate::weights::kind::Kind;
use crate::weights::npy_types::{is_words, parse_descr};
use crate::weights::pickle::{Graph, Node, Value};
use crate::weights::tensor::{Layout, Locator, TensorInfo, byte_length, to_shape};

use super::integers::integers;

/// An array and its bytes.
pub(super) struct Array {
    dtype: Dtype,
    big_endian: bool,
    shape: Vec<usize>,
    fortran: bool,
    pub(super) bytes: Vec<u8>,
}

/// Returns the array that `value` makes; `None` where it makes none, or one of objects.
///
/// # Errors
///
/// Why an array of numbers cannot be read.
pub(super) fn array(graph: &Graph<'_>, value: Value) -> Option<Result<Array, String>> {
    let Some(Node::Call(call)) = graph.node(value) else {
        return None;
    };
    let arguments = graph.sequence(call.arguments)?;
    let state = graph.sequence(call.state);
    let (shape, dtype, fortran, data) = match graph.global(call.callable)? {
        (b"numpy.core.multiarray" | b"numpy._core.multiarray", b"_reconstruct") => match *state? {
            [_, shape, dtype, Value::Bool(fortran), data] => (shape, dtype, fortran, data),
            _ => {
                return Some(Err(
                    "an array of NumPy with a state of an unknown form".into()
                ));
            }
        },
        (b"numpy.core.numeric" | b"numpy._core.numeric", b"_frombuffer") => match *arguments {
            [data, dtype, shape, Value::Text(order)] => {
                (shape, dtype, graph.slice(order) == b"F", data)
            }
            _ => {
                return Some(Err(
                    "an array of NumPy with a buffer of an unknown form".into()
                ));
            }
        },
        (b"numpy.ma.core" | b"numpy.ma", b"_mareconstruct") => {
            let reason = "a masked array of NumPy: save its numbers, as array.filled()";
            return Some(Err(reason.into()));
        }
        _ => return None,
    };
    let descr = descr(graph, dtype)?;
    let kind = descr
        .trim_start_matches(['<', '>', '=', '|'])
        .bytes()
        .next();
    // What an array of objects holds is walked like a list.
    if kind == Some(b'O') {
        return None;
    }
    let (dtype, big_endian) = parse_descr(&descr);
    Some(read(graph, shape, data).and_then(|(shape, bytes)| {
        let declared = dtype.size().and_then(|size| {
            let shape: Vec<u64> = shape.iter().map(|&d| d as u64).collect();
            byte_length(&shape, size as u64)
        });
        if dtype.size().is_none() || declared == Some(bytes.len() as u64) {
            Ok(Array {
                dtype,
                big_endian,
                shape,
                fortran,
                bytes,
            })
        } else {
            Err(format!(
                "an array of NumPy of shape {shape:?} and type {dtype} in {} bytes",
                bytes.len()
            ))
        }
    }))
}

impl Array {
    /// Describes the array as a tensor whose bytes are kept under `index`.
    pub(super) fn info(&self, name: String, index: usize) -> TensorInfo {
        if self.dtype.size().is_none() {
            let reason = format!(
                "an array of NumPy of type {}, which is not read",
                self.dtype
            );
            let mut info = TensorInfo::unreadable(name, reason);
            info.shape = self.shape.clone();
            info.dtype = self.dtype.clone();
            if is_words(&info.dtype) {
                info.kind = Kind::Words;
            }
            return info;
        }
        let locator = Locator::Held { index };
        let mut info = TensorInfo::new(name, self.dtype.clone(), self.shape.clone(), locator);
        info.big_endian = self.big_endian;
        if self.fortran {
            info.layout = Layout::column_major(&info.shape);
        }
        info
    }
}

/// The type as NumPy writes it, with its byte order.
fn descr(graph: &Graph<'_>, dtype: Value) -> Option<String> {
    let Some(Node::Call(call)) = graph.node(dtype) else {
        return None;
    };
    let (b"numpy", b"dtype") = graph.global(call.callable)? else {
        return None;
    };
    let Value::Text(kind) = *graph.sequence(call.arguments)?.first()? else {
        return None;
    };
    let order = match graph.sequence(call.state).and_then(|state| state.get(1)) {
        Some(&Value::Text(order)) => graph.text(order).into_owned(),
        _ => "|".into(),
    };
    Some(order + &graph.text(kind))
}

fn read(graph: &Graph<'_>, shape: Value, data: Value) -> Result<(Vec<usize>, Vec<u8>), String> {
    let shape = integers(graph, shape, "a shape").ok();
    let shape = shape.and_then(|shape| to_shape(&shape));
    let bytes = bytes(graph, data);
    shape
        .zip(bytes)
        .ok_or_else(|| "an array of NumPy whose shape or bytes are of an unknown form".into())
}

/// Bytes, or what stands for them in pickles before protocol 3: text whose characters are the bytes.
fn bytes(graph: &Graph<'_>, value: Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(span) | Value::Text(span) => Some(graph.slice(span).to_vec()),
        _ => {
            let Node::Call(call) = graph.node(value)? else {
                return None;
            };
            let arguments = graph.sequence(call.arguments)?;
            match (graph.global(call.callable)?, arguments) {
                ((b"_codecs", b"encode"), &[Value::Text(text), Value::Text(_)]) => {
                    let text = std::str::from_utf8(graph.slice(text)).ok()?;
                    text.chars().map(|c| u8::try_from(c).ok()).collect()
                }
                ((b"builtins" | b"__builtin__", b"bytes" | b"bytearray"), []) => Some(Vec::new()),
                _ => None,
            }
        }
    }
}
