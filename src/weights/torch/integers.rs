//! Tuples of integers: sizes and strides.

use crate::weights::error::Fault;
use crate::weights::pickle::{Graph, Node, Value};

/// PyTorch's own limit.
const MOST_DIMENSIONS: usize = 64;

/// Returns a tuple of integers that are not negative, or the `torch.Size` of one.
pub(super) fn integers(graph: &Graph<'_>, value: Value, what: &str) -> Result<Vec<u64>, Fault> {
    let value = match graph.node(value) {
        Some(Node::Call(call)) if graph.global(call.callable) == Some((b"torch", b"Size")) => {
            match graph.sequence(call.arguments) {
                Some(&[inner]) => inner,
                _ => value,
            }
        }
        _ => value,
    };
    let bad = |found: &str| Fault::malformed(format!("{what} of it is {found}"));
    let values = graph
        .sequence(value)
        .ok_or_else(|| bad("not a tuple of integers"))?;
    if values.len() > MOST_DIMENSIONS {
        return Err(bad(&format!(
            "a tuple of {} integers; at most {MOST_DIMENSIONS} are read",
            values.len()
        )));
    }
    let whole = |value: &Value| match *value {
        Value::Int(number) => {
            u64::try_from(number).map_err(|_| bad(&format!("negative: {number}")))
        }
        _ => Err(bad("not an integer of 64 bits")),
    };
    values.iter().map(whole).collect()
}
