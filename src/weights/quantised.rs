//! Codes of quantised weights, and what lies beside them.
//!
//! Quantisers store a matrix as small integers (or floats of 8 bits and fewer) and, in the same module, what turns
//! them back into numbers. Codes are known by their type and by these siblings, not by the name of the quantiser:
//! GPTQ, AWQ, bitsandbytes, HQQ, EXL2, quanto, AQLM, compressed-tensors, MXFP4 and MLX differ in their names only.

use std::collections::BTreeMap;

use super::dtype::Dtype;
use super::escape::escape;
use super::kind::Kind;
use super::tensor::TensorInfo;

/// Longest name that is looked at: one of a megabyte beside a million others must not be copied for each.
const LONGEST_NAME: usize = 4096;

/// Last words of names that stand beside codes.
const BESIDE: [&str; 14] = [
    "absmax",
    "codebook",
    "codebooks",
    "gidx",
    "lut",
    "quantmap",
    "qzeros",
    "scale",
    "scales",
    "scb",
    "zero",
    "zeropoint",
    "zeros",
    "zps",
];

/// Marks codes of quantised weights as unreadable, for they mean nothing by themselves, and what lies beside them as
/// no weights. Matrices of integers without scales are codes where `configured` says that the model is quantised.
pub(super) fn mark(tensors: &mut [TensorInfo], configured: impl FnOnce() -> Option<String>) {
    mark_by_siblings(tensors);
    let is_lone = |info: &TensorInfo| {
        let integers = info.dtype.is_integer() && may_be_codes(info) && info.shape.len() > 1;
        integers && info.kind == Kind::Weight && info.unreadable.is_none()
    };
    if !tensors.iter().any(is_lone) {
        return;
    }
    if let Some(method) = configured() {
        for info in tensors.iter_mut().filter(|info| is_lone(info)) {
            info.unreadable = Some(format!(
                "{} codes of quantised weights, as config.json beside it says ({}); dequantise the model first",
                info.dtype,
                escape(&method)
            ));
        }
    }
}

fn mark_by_siblings(tensors: &mut [TensorInfo]) {
    let groups: Vec<Vec<usize>> = modules(tensors).into_values().collect();
    for members in groups {
        let beside: Vec<usize> = (members.iter().copied())
            .filter(|&index| is_beside(last(&tensors[index].name)))
            .collect();
        let Some(&first) = beside.first() else {
            continue;
        };
        let scale = escape(last(&tensors[first].name));
        let mut found = false;
        for index in members {
            let info = &mut tensors[index];
            if may_be_codes(info) && !beside.contains(&index) {
                found = true;
                info.unreadable.get_or_insert_with(|| {
                    format!(
                        "{} codes of quantised weights, which mean nothing without '{scale}'; \
                         dequantise the model first",
                        info.dtype
                    )
                });
            }
        }
        for index in beside.into_iter().filter(|_| found) {
            tensors[index].kind = Kind::Scale;
        }
    }
}

/// Groups tensors by the module that they are of: their name without its last part. What stands beside codes is also
/// of the module one further up, as `proj.weight.absmax` beside `proj.weight`.
fn modules(tensors: &[TensorInfo]) -> BTreeMap<&str, Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, info) in tensors.iter().enumerate() {
        if info.name.len() > LONGEST_NAME {
            continue;
        }
        let (module, last) = info.name.rsplit_once('.').unwrap_or(("", &info.name));
        groups.entry(module).or_default().push(index);
        if is_beside(last)
            && let Some((module, _)) = module.rsplit_once('.')
        {
            groups.entry(module).or_default().push(index);
        }
    }
    groups
}

fn last(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

/// Returns whether the last word of `name`, or its last two, are those of what stands beside codes.
fn is_beside(name: &str) -> bool {
    let mut words: Vec<String> = (name.split('_').filter(|word| !word.is_empty()))
        .map(str::to_ascii_lowercase)
        .collect();
    // DeepSeek's `weight_scale_inv` is a factor all the same.
    words.pop_if(|word| word == "inv");
    let one = words.last().map_or("", String::as_str);
    let two = words
        .len()
        .checked_sub(2)
        .map(|from| words[from..].concat());
    BESIDE
        .iter()
        .any(|&word| word == one || two.as_deref() == Some(word))
}

/// Returns whether these numbers may be codes. Integers of 64 bits are positions and counts.
fn may_be_codes(info: &TensorInfo) -> bool {
    match info.dtype {
        Dtype::I8 | Dtype::U8 | Dtype::I16 | Dtype::U16 | Dtype::I32 | Dtype::U32 => true,
        Dtype::F8E4M3 | Dtype::F8E5M2 | Dtype::Other(_) => info.shape.len() > 1,
        _ => false,
    }
}
