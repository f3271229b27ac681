//! How a tensor is stored, guessed from its name and its sizes.

use super::tensor::TensorInfo;
use super::view::{Heads, ViewRules};

/// Largest side of a kernel that sizes alone give away.
const KERNEL_SIDE: usize = 15;
/// Largest even side of a kernel.
const EVEN_SIDE: usize = 4;
/// Largest length of a one-dimensional kernel that sizes alone give away.
const SHORT: usize = 7;

/// The parts of [`ViewRules`] that are guessed; the others are taken as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guesses {
    /// Whether three dimensions are blocks or a convolution.
    pub view: bool,
    /// Whether inputs or outputs are stored first.
    pub layout: bool,
}

impl Guesses {
    /// Returns `rules` with what is guessed for the tensor `info` among `tensors`, those of its file, and by what it was
    /// guessed, where that is not the usual reading.
    pub(super) fn apply(
        self,
        rules: ViewRules,
        info: &TensorInfo,
        tensors: &[TensorInfo],
    ) -> (ViewRules, Option<&'static str>) {
        let mut parts = info.name.rsplit(['.', '/']);
        let last = parts.next().unwrap_or_default();
        let last = last.strip_suffix(":0").unwrap_or(last);
        let parent = parts.next().unwrap_or_default();
        let is_kernel = last == "kernel" || last.ends_with("_kernel");
        let mut found = rules;
        let mut by = None;
        let mut set = |flag: &mut bool, is: Option<&'static str>| {
            *flag = is.is_some();
            by = by.or(is);
        };
        if self.layout {
            let (in_out, depthwise) =
                stored_first(&info.shape, is_kernel, last == "depthwise_kernel");
            let in_out = in_out
                .or_else(|| of_gpt(&info.shape, last, parent))
                .or_else(|| beside_gpt(info, tensors));
            set(&mut found.in_out, in_out);
            set(&mut found.depthwise, depthwise);
            found.heads = heads(&info.shape, parent).filter(|_| is_kernel);
        }
        if self.view && found.heads.is_none() {
            let in_out = found.in_out;
            set(
                &mut found.conv1d,
                one_dimensional(&info.shape, &info.name, in_out),
            );
        }
        (found, by)
    }
}

/// Returns why inputs are stored first, as Keras, TensorFlow and Flax do, and why a kernel is one of a depthwise
/// convolution of theirs.
fn stored_first(
    shape: &[usize],
    is_kernel: bool,
    is_depthwise: bool,
) -> (Option<&'static str>, Option<&'static str>) {
    const NAME: &str = "by its name";
    const SIZES: &str = "by its sizes";
    let by_name = is_kernel.then_some(NAME);
    match *shape {
        [_, _, _, _] if is_depthwise => (Some(NAME), Some(NAME)),
        [_, _] | [_, _, _] | [_, _, _, _] | [_, _, _, _, _] if is_kernel => (by_name, None),
        [d, h, w, c, n] if d == h && is_side(h, w) && !is_side(c, n) && c.max(n) > h => {
            (Some(SIZES), None)
        }
        // A square in front, and no kernel behind it: (h, w, in, out).
        [h, w, c, n] if is_side(h, w) && !is_side(c, n) && c.max(n) > h => {
            let depthwise = n == 1 && c > KERNEL_SIDE && h * w > 1;
            (Some(SIZES), depthwise.then_some(SIZES))
        }
        _ => (None, None),
    }
}

/// Returns why inputs are stored first in a dense layer of GPT-2's `Conv1D`: its names, and sizes that a layer stored
/// outputs first has the other way round.
fn of_gpt(shape: &[usize], last: &str, parent: &str) -> Option<&'static str> {
    let &[rows, columns] = shape else {
        return None;
    };
    let is_conv1d = match parent {
        "c_attn" => columns == 3 * rows,
        "c_fc" => columns == 4 * rows,
        "c_proj" => rows == 4 * columns,
        _ => false,
    };
    (is_conv1d && last == "weight").then_some("by its name and sizes")
}

/// Returns why inputs are stored first in a square `c_proj`, of which sizes tell nothing: the `c_attn` beside it is stored so.
fn beside_gpt(info: &TensorInfo, tensors: &[TensorInfo]) -> Option<&'static str> {
    let layer = info.name.strip_suffix("c_proj.weight")?;
    let &[rows, columns] = &info.shape[..] else {
        return None;
    };
    let beside = format!("{layer}c_attn.weight");
    let is_beside =
        |other: &&TensorInfo| other.name == beside && other.shape.first() == Some(&rows);
    let beside = (rows == columns).then(|| tensors.iter().find(is_beside))??;
    of_gpt(&beside.shape, "weight", "c_attn").map(|_| "as c_attn beside it")
}

/// Returns on which side of an attention's kernel its heads are, by the name of the layer.
fn heads(shape: &[usize], parent: &str) -> Option<Heads> {
    match parent {
        _ if shape.len() != 3 => None,
        "query" | "key" | "value" => Some(Heads::Out),
        "out" | "attention_output" => Some(Heads::In),
        _ => None,
    }
}

/// Returns whether these may be height and width of a kernel.
fn is_side(height: usize, width: usize) -> bool {
    let is_usual = height % 2 == 1 || height <= EVEN_SIDE;
    height == width && height <= KERNEL_SIDE && is_usual
}

/// Returns why three dimensions are those of a convolution.
fn one_dimensional(shape: &[usize], name: &str, in_out: bool) -> Option<&'static str> {
    let &[a, b, c] = shape else {
        return None;
    };
    let (length, others) = if in_out { (a, [b, c]) } else { (c, [a, b]) };
    // Stacks of matrices may have few columns as well, but then seldom an odd number.
    let is_short = length % 2 == 1 && length <= SHORT && others.iter().all(|&other| other > length);
    // Blocks of one row are rarer than kernels of one channel.
    let is_depthwise = !in_out && b == 1 && length % 2 == 1 && length > 1;
    if is_short || is_depthwise {
        return Some("by its sizes");
    }
    // XLNet has (d, heads, d of a head), as of a kernel.
    if name.contains("rel_attn.") {
        return Some("by its name");
    }
    // A kernel is no longer than its channels are many, but for banks of filters of one channel.
    let is_plausible = b == 1 || others.iter().any(|&other| other > length);
    (is_plausible && is_named_convolution(name)).then_some("by its name")
}

/// Returns whether one of the words of `name` is that of a convolution.
fn is_named_convolution(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(['.', '/', '_', ':', '-']);
    words.any(|word| {
        let word = word
            .trim_end_matches('d')
            .trim_end_matches(|c: char| c.is_ascii_digit());
        matches!(
            word,
            "conv"
                | "convs"
                | "convt"
                | "convolution"
                | "dwconv"
                | "filter"
                | "filters"
                | "ups"
                | "upsample"
                | "upsampler"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Dtype;
    use crate::weights::tensor::Locator;

    fn guess(name: &str, shape: &[usize]) -> (bool, bool, bool) {
        let nowhere = Locator::Bytes { offset: 0 };
        let info = TensorInfo::new(name.into(), Dtype::F32, shape.to_vec(), nowhere);
        let all = Guesses {
            view: true,
            layout: true,
        };
        let (rules, _) = all.apply(ViewRules::default(), &info, &[]);
        (rules.in_out, rules.conv1d, rules.depthwise)
    }

    /// Catches heads of attentions taken for a stack of matrices, or a stack for heads.
    #[test]
    fn heads_of_attentions_are_known_by_their_layer() {
        for (name, shape, expected) in [
            (
                "params.attn.query.kernel",
                &[768, 12, 64][..],
                Some(Heads::Out),
            ),
            ("attn/value/kernel:0", &[64, 4, 16], Some(Heads::Out)),
            ("mha/attention_output/kernel", &[4, 16, 64], Some(Heads::In)),
            ("attn.out.kernel", &[64, 64], None),
            ("attn.query.weight", &[8, 64, 64], None),
            ("conv.kernel", &[3, 40, 64], None),
        ] {
            let nowhere = Locator::Bytes { offset: 0 };
            let info = TensorInfo::new(name.into(), Dtype::F32, shape.to_vec(), nowhere);
            let all = Guesses {
                view: true,
                layout: true,
            };
            let (rules, by) = all.apply(ViewRules::default(), &info, &[]);
            assert_eq!(rules.heads, expected, "{name}");
            assert!(!rules.conv1d || expected.is_none(), "{name}");
            assert!(rules.heads.is_none() || rules.in_out && by.is_some());
        }
    }

    /// Catches a square projection of GPT-2 whose inputs and outputs are taken the wrong way round, and one of another model that
    /// is turned.
    #[test]
    fn a_square_projection_is_stored_as_the_layer_beside_it() {
        let nowhere = Locator::Bytes { offset: 0 };
        let info = |name: &str, shape: &[usize]| {
            TensorInfo::new(name.into(), Dtype::F32, shape.to_vec(), nowhere)
        };
        let all = Guesses {
            view: true,
            layout: true,
        };
        for (beside, shape, expected) in [
            ("h.0.attn.c_attn.weight", [768, 2304], true),
            ("h.0.attn.c_attn.weight", [2304, 768], false),
            ("h.1.attn.c_attn.weight", [768, 2304], false),
            ("h.0.attn.c_attn.weight", [512, 1536], false),
        ] {
            let tensors = [
                info(beside, &shape),
                info("h.0.attn.c_proj.weight", &[768, 768]),
            ];
            let (rules, by) = all.apply(ViewRules::default(), &tensors[1], &tensors);
            assert_eq!(
                (rules.in_out, by.is_some()),
                (expected, expected),
                "{beside} {shape:?}"
            );
        }
    }

    /// Catches kernels of Keras read as 3 × n, kernels of one dimension read as stacks, and stacks, dense layers and
    /// PyTorch's kernels that are taken for them.
    #[test]
    fn names_and_sizes_tell_how_a_tensor_is_stored() {
        for (name, shape, expected) in [
            (
                "conv2d/kernel:0",
                &[3, 3, 64, 128][..],
                (true, false, false),
            ),
            ("block1.conv", &[3, 3, 3, 16], (true, false, false)),
            ("params.Dense_0.kernel", &[784, 100], (true, false, false)),
            ("dw.depthwise_kernel", &[3, 3, 32, 1], (true, false, true)),
            ("dw", &[5, 5, 240, 1], (true, false, true)),
            ("conv1d/kernel", &[3, 40, 64], (true, true, false)),
            ("conv.weight", &[64, 3, 7, 7], (false, false, false)),
            ("conv1.weight", &[6, 1, 5, 5], (false, false, false)),
            ("conv1.weight", &[8, 8, 3, 3], (false, false, false)),
            (
                "patch.proj.weight",
                &[768, 3, 16, 16],
                (false, false, false),
            ),
            ("fc.weight", &[100, 784], (false, false, false)),
            ("h.0.attn.c_attn.weight", &[768, 2304], (true, false, false)),
            ("h.0.mlp.c_proj.weight", &[3072, 768], (true, false, false)),
            (
                "transformer.h.0.mlp.c_fc.weight",
                &[3072, 768],
                (false, false, false),
            ),
            ("h.0.attn.c_proj.weight", &[768, 768], (false, false, false)),
            ("h.0.mlp.c_proj.weight", &[96, 48], (false, false, false)),
            ("dec.ups.0.weight_v", &[64, 32, 16], (false, true, false)),
            ("upsample.weight", &[80, 80, 16], (false, true, false)),
            ("layer.0.rel_attn.o", &[48, 4, 12], (false, true, false)),
            ("conv3d", &[3, 3, 3, 16, 32], (true, false, false)),
            ("conv3d.weight", &[32, 16, 3, 3, 3], (false, false, false)),
            ("video.kernel", &[2, 3, 3, 4, 8], (true, false, false)),
            ("conv1.weight", &[64, 40, 3], (false, true, false)),
            ("dw.weight", &[64, 1, 9], (false, true, false)),
            (
                "pos_conv_embed.conv.weight_v",
                &[64, 8, 16],
                (false, true, false),
            ),
            ("stft_conv.weight", &[258, 1, 256], (false, true, false)),
            (
                "encoder.filterbank._filters",
                &[64, 1, 16],
                (false, true, false),
            ),
            ("conv.weight", &[12, 12, 3, 1], (false, false, false)),
            ("conv.weight", &[12, 12, 1, 3], (false, false, false)),
            ("conv.weight", &[8, 8, 41, 11], (false, false, false)),
            ("conv.weight", &[14, 14, 7, 1], (false, false, false)),
            ("rgcn.conv1.weight", &[8, 16, 32], (false, false, false)),
            (
                "moe_conv.experts.weight",
                &[4, 64, 64],
                (false, false, false),
            ),
            ("converter.experts", &[4, 64, 60], (false, false, false)),
            ("experts", &[8, 64, 96], (false, false, false)),
            ("blocks", &[100, 3, 3], (false, false, false)),
            ("ip1.weight", &[50, 16, 10], (false, false, false)),
            ("ip1.weight", &[64, 1, 16], (false, false, false)),
        ] {
            assert_eq!(guess(name, shape), expected, "{name} {shape:?}");
        }
    }
}
