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
mod tests {
    use super::*;
    use crate::weights::tensor::Locator;

    fn kind(name: &str, dtype: Dtype, shape: &[usize]) -> Kind {
        let nowhere = Locator::Bytes { offset: 0 };
        kind_of(&TensorInfo::new(
            name.into(),
            dtype,
            shape.to_vec(),
            nowhere,
        ))
    }

    /// Catches states, statistics and masks that count as layers, and layers whose names only sound like them.
    #[test]
    fn names_tell_weights_from_what_is_none() {
        use Kind::*;
        for (name, dtype, shape, expected) in [
            (
                "optimizer.state.0.exp_avg",
                Dtype::F32,
                &[40, 60][..],
                OptimiserState,
            ),
            (
                "optimizer_states.0.state.12.momentum_buffer",
                Dtype::F32,
                &[4, 6],
                OptimiserState,
            ),
            ("state.?.exp_avg_sq#3", Dtype::F32, &[4, 6], OptimiserState),
            ("opt.state.7.hessian", Dtype::F32, &[4, 6], OptimiserState),
            (
                "optim.state.fc.weight.exp_avg",
                Dtype::F32,
                &[4, 6],
                OptimiserState,
            ),
            ("optimizer.proj.weight", Dtype::F32, &[4, 6], Weight),
            (
                "opt_state/0/mu/dense/kernel",
                Dtype::F32,
                &[4, 6],
                OptimiserState,
            ),
            ("dense/kernel/Adam_1:0", Dtype::F32, &[4, 6], OptimiserState),
            ("Adam/m/dense/kernel:0", Dtype::F32, &[4, 6], OptimiserState),
            (
                "bert/dense/kernel/adam_v",
                Dtype::F32,
                &[4, 6],
                OptimiserState,
            ),
            ("dense/kernel:0", Dtype::F32, &[4, 6], Weight),
            (
                "SGD/dense/kernel/momentum:0",
                Dtype::F32,
                &[4, 6],
                OptimiserState,
            ),
            (
                "adam/dense_kernel_velocity",
                Dtype::F32,
                &[4, 6],
                OptimiserState,
            ),
            ("Adam.fc.weight", Dtype::F32, &[4, 6], Weight),
            ("adam_v.weight", Dtype::F32, &[4, 6], Weight),
            ("momentum_encoder.fc.weight", Dtype::F32, &[4, 6], Weight),
            ("adam.m_proj.weight", Dtype::F32, &[4, 6], Weight),
            ("lstm._flat_weights.1", Dtype::F32, &[4, 6], Factor),
            ("sa.heads.0.tril", Dtype::F32, &[8, 8], Mask),
            ("state.proj.weight", Dtype::F32, &[4, 6], Weight),
            ("bn1.running_var", Dtype::F32, &[64], RunningStatistic),
            ("h.0.attn.bias", Dtype::F32, &[1, 1, 8, 8], Mask),
            ("fc.weight_mask", Dtype::F32, &[8, 9], Mask),
            ("embeddings.position_ids", Dtype::I64, &[1, 512], Positions),
            (
                "attn.relative_position_index",
                Dtype::I64,
                &[49, 49],
                Positions,
            ),
            ("rotary.inv_freq", Dtype::F32, &[32], Table),
            ("rotary_emb.cos", Dtype::F32, &[512, 32], Table),
            ("layers.0.freqs", Dtype::F32, &[512, 32], Weight),
            (
                "quantize.embed_avg",
                Dtype::F32,
                &[64, 512],
                RunningStatistic,
            ),
            ("quantize.embed", Dtype::F32, &[64, 512], Weight),
            ("optimus.mask_head.weight", Dtype::F32, &[40, 60], Weight),
            ("mask_token_embed.weight", Dtype::F32, &[2, 60], Weight),
            ("experts.index_proj", Dtype::F32, &[40, 60], Weight),
            ("attn.bias", Dtype::F32, &[768], Weight),
        ] {
            assert_eq!(kind(name, dtype, shape), expected, "{name}");
        }
    }

    /// Catches a weight that has no row of its own because a mask with its numbers comes first.
    #[test]
    fn numbers_belong_to_the_first_weight() {
        let nowhere = Locator::Bytes { offset: 0 };
        let tensor = |name: &str, owner: Option<&str>| TensorInfo {
            alias_of: owner.map(str::to_owned),
            ..TensorInfo::new(name.into(), Dtype::F32, vec![4, 4], nowhere)
        };
        let of = Some("tril");
        let mut all = [
            tensor("tril", None),
            tensor("a", of),
            tensor("b", of),
            tensor("c_mask", of),
        ];
        mark(&mut all);
        own(&mut all);
        let owners = all.iter().map(|info| info.alias_of.as_deref());
        assert!(owners.eq([None, None, Some("a"), of]));
        // The row of the first is g · v / |v|, which is not the second.
        let mut all = [
            tensor("w_v", None),
            tensor("w_g", None),
            tensor("x", Some("w_v")),
        ];
        all[0].name = "weight_v".into();
        all[1].name = "weight_g".into();
        all[1].shape = vec![4, 1];
        all[2].alias_of = Some("weight_v".into());
        crate::weights::composed::mark(&mut all);
        own(&mut all);
        assert_eq!(all[2].alias_of, None);
    }
}
