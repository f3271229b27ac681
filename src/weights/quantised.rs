//! Integers that are codes, not weights.

use std::collections::HashSet;

use super::tensor::TensorInfo;

/// Names of the tensors that quantisers store beside the codes: GPTQ and AWQ (`qzeros`,
/// `scales`), bitsandbytes (`absmax`, `quant_state`, `SCB`), compressed-tensors and others
/// (`weight_scale`, `weight_shape`).
const BESIDE: [&str; 9] = [
    ".absmax",
    ".quant_map",
    ".SCB",
    "_scale",
    "_scale_inv",
    ".scale",
    ".scales",
    "_scales",
    "_shape",
];

/// Last parts of names that only packed codes bear.
const PACKED: [&str; 5] = ["qweight", "qzeros", "weight_packed", "g_idx", "SCB"];

/// Marks integer tensors that stand for quantised weights as unreadable, for their numbers are
/// codes whose meaning is in other tensors.
pub(super) fn mark(tensors: &mut [TensorInfo]) {
    let codes: Vec<bool> = {
        let names: HashSet<&str> = tensors.iter().map(|info| info.name.as_str()).collect();
        let beside = |name: &str| {
            BESIDE
                .iter()
                .any(|suffix| names.contains(format!("{name}{suffix}").as_str()))
        };
        let is_code = |info: &TensorInfo| {
            let (stem, last) = info.name.rsplit_once('.').unwrap_or(("", &info.name));
            info.dtype.is_integer()
                && (PACKED.contains(&last)
                    || beside(&info.name)
                    || last == "weight" && names.contains(format!("{stem}.SCB").as_str()))
        };
        // A name of a megabyte beside a million others must not be copied for each.
        tensors
            .iter()
            .map(|info| info.name.len() <= 4096 && is_code(info))
            .collect()
    };
    for (info, is_code) in tensors.iter_mut().zip(codes) {
        if is_code && info.unreadable.is_none() {
            info.unreadable = Some(format!(
                "{} holds codes of quantised weights, which mean nothing without their scale; \
                 dequantise the model first",
                info.dtype
            ));
        }
    }
}
