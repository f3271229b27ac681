//! Names of real models and the kinds of their tensors.

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
