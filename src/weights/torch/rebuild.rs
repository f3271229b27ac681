//! The calls by which PyTorch's pickles rebuild tensors.

use super::integers::integers;
use super::numpy::{self, Array};
use super::special::Special;
use super::storage::{self, Place, Storages, scalar_type};
use crate::weights::error::Fault;
use crate::weights::pickle::{Graph, Node, Value};
use crate::weights::tensor::{Layout, TensorInfo, byte_length, to_shape};

/// Calls around calls: a parameter of a subclass of a tensor.
const DEEPEST: usize = 8;

/// A call that stands for a tensor.
pub(super) enum Rebuilt {
    /// Numbers in a storage.
    Tensor(TensorCall),
    /// An array of NumPy.
    Array(Array),
    /// A tensor of a kind that is not read.
    Special(Special),
    /// A tensor that is described wrongly, and how.
    Broken(String),
}

/// The arguments that place a tensor in a storage.
pub(super) struct TensorCall {
    storage: Value,
    offset: Value,
    size: Value,
    stride: Value,
    /// Given where the storage has none.
    dtype: Option<Value>,
    /// Whether the numbers are those of the storage with the other sign.
    negated: bool,
}

/// Globals that are understood, or harmless and ignored.
pub(super) fn is_known(module: &[u8], name: &[u8]) -> bool {
    match module {
        b"collections" => matches!(name, b"OrderedDict" | b"defaultdict"),
        b"torch" => {
            name.ends_with(b"Storage")
                || name.starts_with(b"per_")
                || matches!(name, b"Size" | b"device" | b"Tensor")
                || scalar_type(name).is_some()
        }
        b"torch.storage" => matches!(
            name,
            b"UntypedStorage" | b"TypedStorage" | b"_LegacyStorage"
        ),
        // A tensor that is not read has a row that says so.
        b"torch._utils" => name.starts_with(b"_rebuild_"),
        b"torch._tensor" => name == b"_rebuild_from_type_v2",
        b"torch.serialization" => name == b"_get_layout",
        b"torch.nn.parameter" => matches!(
            name,
            b"Parameter" | b"Buffer" | b"UninitializedParameter" | b"UninitializedBuffer"
        ),
        b"torch.distributed.tensor" | b"torch.distributed._tensor.api" => name == b"DTensor",
        b"numpy.core.multiarray" | b"numpy._core.multiarray" => {
            matches!(name, b"_reconstruct" | b"scalar")
        }
        b"numpy.core.numeric" | b"numpy._core.numeric" => name == b"_frombuffer",
        b"numpy" => matches!(name, b"dtype" | b"ndarray"),
        b"_codecs" => name == b"encode",
        b"builtins" | b"__builtin__" => matches!(
            name,
            b"set"
                | b"frozenset"
                | b"dict"
                | b"list"
                | b"tuple"
                | b"int"
                | b"float"
                | b"bool"
                | b"str"
                | b"bytes"
                | b"bytearray"
                | b"complex"
                | b"slice"
                | b"range"
        ),
        _ => false,
    }
}

/// Recognises a call that rebuilds a tensor; `None` where `value` is none.
pub(super) fn recognise(graph: &Graph<'_>, value: Value) -> Option<Rebuilt> {
    let Some(Node::Call(call)) = graph.node(value) else {
        return None;
    };
    let (mut callable, mut arguments) = (call.callable, call.arguments);
    for _ in 0..DEEPEST {
        let (module, name) = graph.global(callable)?;
        let list = graph.sequence(arguments).unwrap_or_default();
        match (module, name, list) {
            (b"torch._utils", b"_rebuild_parameter" | b"_rebuild_parameter_with_state", list) => {
                let inner = list.first().and_then(|&inner| graph.node(inner));
                let Some(Node::Call(inner)) = inner else {
                    return Some(Rebuilt::Broken("a parameter without a tensor".into()));
                };
                (callable, arguments) = (inner.callable, inner.arguments);
            }
            (
                b"torch._tensor" | b"torch.tensor",
                b"_rebuild_from_type_v2" | b"_rebuild_from_type",
                &[function, _, inner, ..],
            ) => {
                (callable, arguments) = (function, inner);
            }
            (
                b"torch._utils",
                b"_rebuild_tensor" | b"_rebuild_tensor_v2" | b"_rebuild_tensor_v3",
                &[storage, offset, size, stride, ref rest @ ..],
            ) => {
                let is_third = name == b"_rebuild_tensor_v3";
                let flags = rest.get(if is_third { 3 } else { 2 });
                return Some(Rebuilt::Tensor(TensorCall {
                    storage,
                    offset,
                    size,
                    stride,
                    dtype: rest.get(2).copied().filter(|_| is_third),
                    negated: flags.is_some_and(|&flags| flag(graph, flags, b"neg")),
                }));
            }
            (b"torch._utils", name, list) if name.starts_with(b"_rebuild_") => {
                return Some(Rebuilt::Special(Special::of(graph, name, list)));
            }
            (b"torch._tensor", b"_rebuild_from_type_v2", _) => {
                let reason = "a tensor's subclass without its arguments";
                return Some(Rebuilt::Broken(reason.into()));
            }
            (b"torch.nn.parameter", b"UninitializedParameter" | b"UninitializedBuffer", _) => {
                let reason =
                    "a parameter that has no shape yet: run the model once before saving it";
                return Some(Rebuilt::Broken(reason.into()));
            }
            _ => {
                return match numpy::array(graph, value)? {
                    Ok(array) => Some(Rebuilt::Array(array)),
                    Err(reason) => Some(Rebuilt::Broken(reason)),
                };
            }
        }
    }
    Some(Rebuilt::Broken(format!("a tensor inside {DEEPEST} calls")))
}

/// Returns what was set on the tensor that `value` rebuilds, a dictionary, if anything was.
pub(super) fn attributes(graph: &Graph<'_>, value: Value) -> Option<Value> {
    let Some(Node::Call(call)) = graph.node(value) else {
        return None;
    };
    let has_state = matches!(
        graph.global(call.callable)?.1,
        b"_rebuild_from_type_v2" | b"_rebuild_parameter_with_state"
    );
    let state = graph.sequence(call.arguments)?.get(3).copied();
    // Containers alone: a tensor whose state is a tensor would go on without end.
    state.filter(|&state| {
        let is_container = matches!(graph.node(state), Some(Node::Dict(_) | Node::Tuple(_)));
        has_state && is_container
    })
}

/// Returns whether the dictionary `flags` says that the bit `name` is set.
fn flag(graph: &Graph<'_>, flags: Value, name: &[u8]) -> bool {
    let Some(Node::Dict(pairs)) = graph.node(flags) else {
        return false;
    };
    pairs.iter().any(|&(key, value)| match (key, value) {
        (Value::Text(key), Value::Bool(set)) => set && graph.slice(key) == name,
        _ => false,
    })
}

/// Describes the tensor `name` that `call` rebuilds, and where the storage begins in which it lies.
///
/// # Errors
///
/// Why this tensor cannot be read.
pub(super) fn describe(
    graph: &Graph<'_>,
    storages: &dyn Storages,
    name: &str,
    call: &TensorCall,
) -> Result<(TensorInfo, Option<Place>), Fault> {
    let dimensions = integers(graph, call.size, "a size")?;
    let strides = integers(graph, call.stride, "a stride")?;
    let offset = match call.offset {
        Value::Int(offset) => u64::try_from(offset).ok(),
        _ => None,
    };
    let offset = offset.ok_or_else(|| Fault::malformed("its storage offset is not 0 or more"))?;
    if dimensions.len() != strides.len() {
        return Err(Fault::malformed(format!(
            "has {} dimensions and {} strides",
            dimensions.len(),
            strides.len()
        )));
    }
    let Some(Node::Persistent(id)) = graph.node(call.storage) else {
        let reason = "its storage is not a member of the file; save it again with torch.save";
        let info = TensorInfo::unreadable(name.to_owned(), reason.into());
        return Ok((info, None));
    };
    let storage = storage::find(graph, storages, *id, call.dtype)?;
    let shape = to_shape(&dimensions).ok_or_else(|| too_large(&dimensions))?;
    let Some(size) = storage.dtype.size() else {
        let kind = storage.dtype.to_string();
        let reason =
            format!("type {kind} is not read; real floats of 8 to 64 bits, integers and bool are");
        let mut info = TensorInfo::unreadable(name.to_owned(), reason);
        info.dtype = storage.dtype;
        info.shape = shape;
        return Ok((info, None));
    };
    let size = size as u64;
    let length = byte_length(&dimensions, size).ok_or_else(|| too_large(&dimensions))?;
    let outside = || {
        Fault::malformed(format!(
            "shape {dimensions:?} with strides {strides:?} from element {offset} reaches outside \
             its storage of {} bytes",
            storage.bytes
        ))
    };
    let extent = match length {
        0 => Some(0),
        _ => dimensions
            .iter()
            .zip(&strides)
            .try_fold(1_u64, |sum, (d, s)| {
                sum.checked_add((d - 1).checked_mul(*s)?)
            }),
    };
    let skip = offset
        .checked_add(storage.skipped)
        .and_then(|offset| offset.checked_mul(size))
        .ok_or_else(outside)?;
    let end = extent
        .and_then(|extent| extent.checked_mul(size)?.checked_add(skip))
        .ok_or_else(outside)?;
    if end > storage.bytes {
        return Err(outside());
    }
    let locator = storage.place.locator(skip);
    let mut info = TensorInfo::new(name.to_owned(), storage.dtype, shape, locator);
    info.big_endian = storages.big_endian();
    info.negated = call.negated;
    if let (false, Some(strides), Some(extent)) = (
        info.is_empty(),
        to_shape(&strides),
        extent.and_then(|extent| usize::try_from(extent).ok()),
    ) {
        info.layout = Layout::strided(&info.shape, strides, extent);
    }
    Ok((info, Some(storage.place)))
}

fn too_large(dimensions: &[u64]) -> Fault {
    Fault::malformed(format!("shape {dimensions:?} takes more than 2^64 bytes"))
}

/// Dimensions longer than 1 with their steps, by which equal views are known. A matrix and its
/// transpose have the same.
pub(super) fn steps(info: &TensorInfo) -> Vec<(usize, usize)> {
    let mut step = 1;
    let mut row_major = vec![0; info.shape.len()];
    for (stride, dimension) in row_major.iter_mut().zip(&info.shape).rev() {
        *stride = step;
        step *= dimension;
    }
    let strides = match &info.layout {
        Layout::RowMajor => &row_major,
        Layout::Strided { strides, .. } => strides,
    };
    let mut steps: Vec<(usize, usize)> = strides
        .iter()
        .copied()
        .zip(info.shape.iter().copied())
        .collect();
    if steps.len() == 2 {
        steps.sort_unstable();
    }
    steps
}
