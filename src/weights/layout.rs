//! How a tensor is stored, guessed from its name and its sizes.

use super::tensor::TensorInfo;
use super::view::ViewRules;

/// Largest side of a kernel that sizes alone give away.
const KERNEL_SIDE: usize = 15;
/// Largest even side of a kernel.
const EVEN_SIDE: usize = 4;
/// Largest length of a one-dimensional kernel that sizes alone give away.
const SHORT: usize = 7;

/// What of [`ViewRules`] is guessed; what is not is taken as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guesses {
    /// Whether three dimensions are blocks or a convolution.
    pub view: bool,
    /// Whether inputs or outputs are stored first.
    pub layout: bool,
}

impl Guesses {
    /// Returns `rules` with what is guessed for the tensor `info`, and by what it was guessed, where that is not the
    /// usual reading.
    pub(super) fn apply(
        self,
        rules: ViewRules,
        info: &TensorInfo,
    ) -> (ViewRules, Option<&'static str>) {
        let last = info.name.rsplit(['.', '/']).next().unwrap_or_default();
        let last = last.strip_suffix(":0").unwrap_or(last);
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
            set(&mut found.in_out, in_out);
            set(&mut found.depthwise, depthwise);
        }
        if self.view {
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
        // A square in front, and no kernel behind it: (h, w, in, out).
        [h, w, c, n] if is_side(h, w) && !is_side(c, n) && c.max(n) > h => {
            let depthwise = n == 1 && c > KERNEL_SIDE && h * w > 1;
            (Some(SIZES), depthwise.then_some(SIZES))
        }
        _ => (None, None),
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
            "conv" | "convs" | "convolution" | "dwconv" | "filter" | "filters"
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
        let (rules, _) = all.apply(ViewRules::default(), &info);
        (rules.in_out, rules.conv1d, rules.depthwise)
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
