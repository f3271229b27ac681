//! Tensors that are not plain numbers in a storage: what they are, and the way out.

use crate::weights::dtype::Dtype;
use crate::weights::escape::escape;
use crate::weights::pickle::{Graph, Value};
use crate::weights::tensor::{TensorInfo, to_shape};

use super::integers::integers;
use super::storage::scalar_type;

/// Characters of a class that are quoted.
const QUOTED: usize = 60;

/// A tensor whose numbers are not read, and why.
pub(super) struct Special {
    reason: String,
    shape: Option<Vec<usize>>,
    dtype: Option<Dtype>,
}

impl Special {
    /// Describes the call `torch._utils.NAME(arguments)`, which rebuilds a tensor.
    pub(super) fn of(graph: &Graph<'_>, name: &[u8], arguments: &[Value]) -> Special {
        let shape = |place: usize| {
            let size = integers(graph, *arguments.get(place)?, "a size").ok()?;
            to_shape(&size)
        };
        let dtype = |place: usize| {
            let (_, name) = graph.global(*arguments.get(place)?)?;
            scalar_type(name)
        };
        let special = |reason: &str, shape, dtype| Special {
            reason: reason.into(),
            shape,
            dtype,
        };
        match name {
            b"_rebuild_sparse_tensor" => {
                // (indices, values, size, …), or (rows, columns, values, size) where compressed.
                let parts = arguments.get(1).and_then(|&data| graph.sequence(data));
                let size = parts.unwrap_or_default().iter().find_map(|&part| {
                    let size = integers(graph, part, "a size").ok()?;
                    to_shape(&size)
                });
                let reason = "a sparse tensor: save it dense, as w.to_dense()";
                special(reason, size, None)
            }
            b"_rebuild_qtensor" => special(
                "a quantised tensor: save its numbers, as w.dequantize()",
                shape(2),
                None,
            ),
            b"_rebuild_nested_tensor" => special(
                "a nested tensor, of parts with different shapes: save them one by one, as w.unbind()",
                None,
                None,
            ),
            b"_rebuild_meta_tensor_no_storage" => special(
                "a meta tensor: it has a shape and no numbers; load the weights into the model before saving it",
                shape(1),
                dtype(0),
            ),
            b"_rebuild_wrapper_subclass" => Special {
                reason: wrapper(graph, arguments.first().copied()),
                shape: shape(2),
                dtype: dtype(1),
            },
            _ => Special {
                reason: format!(
                    "a special tensor, rebuilt by torch._utils.{}: save a plain copy of it, as w.detach().cpu().clone()",
                    quoted(name)
                ),
                shape: None,
                dtype: None,
            },
        }
    }

    /// The row of this tensor, called `name`.
    pub(super) fn into_info(self, name: String) -> TensorInfo {
        let mut info = TensorInfo::unreadable(name, self.reason);
        info.shape = self.shape.unwrap_or_default();
        if let Some(dtype) = self.dtype {
            info.dtype = dtype;
        }
        info
    }
}

/// Describes a subclass that wraps other tensors.
fn wrapper(graph: &Graph<'_>, class: Option<Value>) -> String {
    match class.and_then(|class| graph.global(class)) {
        Some((_, b"DTensor")) => {
            "one process' part of a distributed tensor (DTensor): save the whole, as w.full_tensor()".into()
        }
        Some((module, name)) => format!(
            "a tensor of class {}.{}, which wraps others: save its numbers, as w.dequantize() or w.to_dense()",
            quoted(module),
            quoted(name)
        ),
        None => "a tensor of an unknown class, which wraps others: save a plain copy of it".into(),
    }
}

fn quoted(name: &[u8]) -> String {
    escape(&String::from_utf8_lossy(&name[..name.len().min(QUOTED)]))
}
