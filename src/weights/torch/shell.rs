//! Tensors without numbers, which DeepSpeed's ZeRO stage 3 leaves in the files of a model.

use crate::weights::pickle::{Graph, Node, Value};
use crate::weights::tensor::TensorInfo;

/// Keys that DeepSpeed writes beside the model.
const KEYS: [&[u8]; 3] = [b"ds_version", b"ds_config", b"param_shapes"];

/// Says of empty tensors in a file of DeepSpeed where their numbers are.
pub(super) fn mark(graph: &Graph<'_>, tensors: &mut [TensorInfo]) {
    let Some(Node::Dict(pairs)) = graph.node(graph.root) else {
        return;
    };
    let is_deepspeed = pairs.iter().any(|(key, _)| match key {
        Value::Text(key) => KEYS.contains(&graph.slice(*key)),
        _ => false,
    });
    for info in tensors
        .iter_mut()
        .filter(|info| is_deepspeed && info.is_empty())
    {
        info.unreadable.get_or_insert_with(|| {
            "an empty shell of ZeRO stage 3, whose numbers are in the files of the optimizer states; run \
             zero_to_fp32.py, which DeepSpeed wrote beside them, to join them"
                .into()
        });
    }
}
