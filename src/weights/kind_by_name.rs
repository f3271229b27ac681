//! The kinds of tensors, by the names that frameworks give them.

use super::dtype::Dtype;
use super::kind::Kind;
use super::tensor::TensorInfo;
use std::collections::{HashMap, HashSet};

/// Tells what a tensor is by its name, type and shape.
fn kind_of(info: &TensorInfo) -> Kind {
    // A name that stands twice has its number behind.
    let name = match info.name.rsplit_once('#') {
        Some((name, number)) if number.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => info.name.as_str(),
    };
    // TensorFlow writes a/b/kernel:0.
    let name = name.strip_suffix(":0").unwrap_or(name);
    let parts: Vec<&str> = name.rsplit(['.', '/']).take(DEPTH).collect();
    let last = parts[0];
    let has_state = parts.contains(&"state");
    // `state` maps the numbers of parameters to what is kept of them.
    let by_number = parts
        .windows(2)
        .any(|pair| pair[1] == "state" && pair[0].bytes().all(|digit| digit.is_ascii_digit()));
    let is_state = STATES.contains(&last)
        || is_slot(&parts)
        || by_number
        || parts
            .iter()
            .any(|part| STATE_FOLDERS.contains(part) || has_state && OPTIMISERS.contains(part));
    let ends = |words: &[&str]| {
        words
            .iter()
            .any(|word| last == *word || last.ends_with(&format!("_{word}")))
    };
    match last {
        _ if is_state => Kind::OptimiserState,
        "running_mean"
        | "running_var"
        | "moving_mean"
        | "moving_variance"
        | "num_batches_tracked"
        | "cluster_size"
        | "ema_cluster_size"
        | "embed_avg"
        | "ema_w"
        | "_ema_w" => Kind::RunningStatistic,
        _ if ends(&["mask", "masks", "tril"]) || is_causal(info, last) => Kind::Mask,
        _ if info.dtype.is_integer() && ends(&["ids", "index", "indices", "idx", "positions"]) => {
            Kind::Positions
        }
        "inv_freq"
        | "freqs_cis"
        | "cos_cached"
        | "sin_cached"
        | "rotary_emb"
        | "relative_coords_table"
        | "rope_cos"
        | "rope_sin"
        | "cos_sin_cache" => Kind::Table,
        "freqs_cos" | "freqs_sin" | "cos_cache" | "sin_cache" | "cos_sin" | "sin_cos_cache" => {
            Kind::Table
        }
        // What a recurrent network passes to its library: its parameters once more.
        _ if parts.get(1) == Some(&"_flat_weights") => Kind::Factor,
        "cos" | "sin" | "freqs" if is_rotary(&parts) => Kind::Table,
        _ => Kind::Weight,
    }
}

/// Whether a layer of rotary positions is on the way to a tensor.
fn is_rotary(parts: &[&str]) -> bool {
    let mut above = parts.iter().skip(1);
    above.any(|part| part.contains("rotary") || part.contains("rope"))
}

/// Parts of a name that are looked at, from its end.
const DEPTH: usize = 64;

/// Names of what optimisers keep beside each weight.
const STATES: [&str; 8] = [
    "exp_avg",
    "exp_avg_sq",
    "exp_inf",
    "max_exp_avg_sq",
    "momentum_buffer",
    "square_avg",
    "grad_avg",
    "acc_delta",
];

/// Optimisers of TensorFlow and Keras, in lower case.
const SLOTTED: [&str; 11] = [
    "adadelta", "adagrad", "adam", "adamax", "adamw", "ftrl", "lamb", "momentum", "nadam",
    "rmsprop", "sgd",
];

/// Names of what these optimisers keep beside each weight.
const SLOTS: [&str; 6] = ["m", "v", "momentum", "velocity", "rms", "accumulator"];

/// Whether TensorFlow or Keras keeps something of an optimiser under this name, whose parts begin with the last:
/// `dense/kernel/Adam_1`, `Adam/m/dense/kernel`, `SGD/dense/kernel/momentum`, `adam/dense_kernel_velocity`.
fn is_slot(parts: &[&str]) -> bool {
    let is_optimiser = |part: &&str| SLOTTED.contains(&part.to_ascii_lowercase().as_str());
    let last = parts[0];
    let numbered = match last.rsplit_once('_') {
        Some((name, number)) if number.bytes().all(|digit| digit.is_ascii_digit()) => name,
        Some((name, "m" | "v")) => name,
        _ => last,
    };
    let above = &parts[1..];
    let kept = last.rsplit('_').next().unwrap_or_default();
    let is_kept = SLOTS.contains(&last) || matches!(kept, "momentum" | "velocity");
    let pairs = above.windows(2);
    !above.is_empty() && is_optimiser(&numbered)
        || above.iter().any(is_optimiser) && is_kept
        || pairs
            .into_iter()
            .any(|pair| is_optimiser(&pair[1]) && SLOTS.contains(&pair[0]))
        || parts.contains(&".OPTIMIZER_SLOT")
}

/// Parts of names under which states of optimisers are kept, and nothing else.
const STATE_FOLDERS: [&str; 5] = [
    "param_groups",
    "optimizer_state",
    "optimizer_states",
    "optimizer_state_dict",
    "opt_state",
];

/// Names of optimisers, which keep their states under `state`.
const OPTIMISERS: [&str; 3] = ["optimizer", "optimizers", "optim"];

/// GPT-2's `attn.bias`: a square of ones below the diagonal, stored as (1, 1, n, n).
fn is_causal(info: &TensorInfo, last: &str) -> bool {
    matches!(last, "bias" | "masked_bias")
        && matches!(*info.shape, [1, 1, a, b] if a == b)
        && (info.name.contains("attn") || info.dtype == Dtype::Bool || info.dtype == Dtype::U8)
}

/// Marks what is no weight, by the names that frameworks give such tensors.
pub(super) fn mark(tensors: &mut [TensorInfo]) {
    for info in tensors {
        if info.kind == Kind::Weight {
            info.kind = kind_of(info);
        }
    }
}

/// Gives numbers that several tensors share to the first weight among them: what is no weight, or another one by its
/// norms, may come before it.
pub(super) fn own(tensors: &mut [TensorInfo]) {
    let is_plain = |info: &TensorInfo| info.kind == Kind::Weight && info.composed.is_none();
    let owners = tensors.iter().filter(|info| !is_plain(info));
    let none: HashSet<String> = owners.map(|info| info.name.clone()).collect();
    let mut heirs: HashMap<String, String> = HashMap::new();
    for info in tensors.iter_mut().filter(|info| is_plain(info)) {
        let Some(owner) = info.alias_of.take_if(|owner| none.contains(owner)) else {
            continue;
        };
        match heirs.get(&owner) {
            Some(heir) => info.alias_of = Some(heir.clone()),
            None => drop(heirs.insert(owner, info.name.clone())),
        }
    }
}

#[cfg(test)]
mod tests;
