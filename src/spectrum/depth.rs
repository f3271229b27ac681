//! At which depth of its network a tensor stands, read from its name.

use serde::Serialize;

/// A place in a stack of layers: the first number in a tensor's name, and what stands before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Depth {
    /// The stack's name: `encoder.layer`, `h`; empty where the name begins with the number.
    pub stack: String,
    /// The layer's number in it.
    pub layer: usize,
}

/// Largest number that counts layers.
const DEEPEST: usize = 9999;

impl Depth {
    /// The first layer number in `name`; `None` where no part of the name is one. Parts are divided by dots or
    /// slashes.
    pub fn of(name: &str) -> Option<Depth> {
        let mut start = 0;
        for part in name.split(['.', '/']) {
            if let Some((word, layer)) = index(part) {
                let end = start + word.len();
                let stack = name[..end].trim_end_matches(['.', '/', '_']);
                return Some(Depth {
                    stack: stack.to_owned(),
                    layer,
                });
            }
            start += part.len() + 1;
        }
        None
    }
}

/// The number that a part of a name counts layers with, and the word before it: `11`, `layer_11`, `encoder_layer_11`;
/// not `conv1` or `fc_2`, which number the parts of one layer.
pub(super) fn index(part: &str) -> Option<(&str, usize)> {
    let digits = part.len() - part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (word, number) = part.split_at(part.len() - digits);
    let word_counts = match word.strip_suffix('_') {
        Some(word) => {
            let word = word.to_lowercase();
            matches!(word.as_str(), "h" | "layers")
                || word.ends_with("layer")
                || word.ends_with("block")
        }
        None => word.is_empty(),
    };
    let number = number.parse().ok().filter(|&number| number <= DEEPEST)?;
    word_counts.then_some((word, number))
}

#[cfg(test)]
mod tests {
    use super::Depth;

    /// Would catch a later number (a part of the layer, an expert) taken for the depth, and two stacks that become
    /// one.
    #[test]
    fn the_first_number_is_the_depth() {
        for (name, stack, layer) in [
            ("h.3.attn.c_attn.weight", "h", 3),
            (
                "model.layers.11.self_attn.q_proj.weight",
                "model.layers",
                11,
            ),
            (
                "encoder.layer.0.attention.self.query.weight",
                "encoder.layer",
                0,
            ),
            ("blocks.7.mlp.2.weight", "blocks", 7),
            (
                "decoder.block.5.layer.1.EncDecAttention.q.weight",
                "decoder.block",
                5,
            ),
            (
                "model.layers.1.block_sparse_moe.experts.7.w2.weight",
                "model.layers",
                1,
            ),
            (
                "encoder.layers.encoder_layer_7.mlp.0.weight",
                "encoder.layers.encoder_layer",
                7,
            ),
            (
                "Transformer/encoderblock_4/MlpBlock_0/Dense_0/kernel",
                "Transformer/encoderblock",
                4,
            ),
            (
                "bert/encoder/layer_3/output/dense/kernel",
                "bert/encoder/layer",
                3,
            ),
            ("layer1.0.conv1.weight", "layer1", 0),
            ("0.weight", "", 0),
        ] {
            let expected = Depth {
                stack: stack.into(),
                layer,
            };
            assert_eq!(Depth::of(name), Some(expected), "{name}");
        }
    }

    /// Would catch numbers of single layers, and numbers that no layer has, taken for a depth.
    #[test]
    fn names_without_a_stack_have_no_depth() {
        for name in [
            "conv1.weight",
            "ip1.weight",
            "fc_2.bias",
            "wte.weight",
            "",
            "x.99999999999999999999.w",
            "é.w",
        ] {
            assert_eq!(Depth::of(name), None, "{name}");
        }
    }
}
