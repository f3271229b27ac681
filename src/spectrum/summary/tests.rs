//! Summaries of made-up rows against counts made by hand.

use super::{energy_rank, median, summarize};
use crate::spectrum::{
    Analyzed, Cleaning, Layer, LayerSpectrum, PowerLaw, Role, Roles, SkipKind, Verdict, VerdictKind,
};
use crate::weights::Status;

fn row(name: &str, shape: &[usize], status: Status, reason: Option<String>) -> Layer {
    Layer {
        name: name.to_owned(),
        file: "model".to_owned(),
        status,
        reason,
        dtype: "F32".to_owned(),
        shape: shape.to_vec(),
        view: None,
        notes: vec![],
        finding: Analyzed::default(),
    }
}

/// A square matrix of 10 rows with this verdict, effective rank, exponent and these values.
fn matrix(
    name: &str,
    kind: VerdictKind,
    effective_rank: f64,
    alpha: f64,
    values: [f64; 10],
) -> Layer {
    let finding = Analyzed {
        spectrum: Some(LayerSpectrum {
            rows: 10,
            columns: 10,
            parameters: 100,
            rank: 10,
            spectral_norm: values[0],
            effective_rank: Some(effective_rank),
            singular_values: Some(values.to_vec()),
            power_law: Some(PowerLaw {
                alpha,
                ..PowerLaw::default()
            }),
            verdict: Verdict {
                kind,
                text: "words".to_owned(),
                p_value: None,
            },
            ..LayerSpectrum::default()
        }),
        ..Analyzed::default()
    };
    Layer {
        finding,
        ..row(name, &[10, 10], Status::Analyzed, None)
    }
}

const FLAT: [f64; 10] = [1.0; 10];
const STEEP: [f64; 10] = [9.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];

/// A model of two layers: catches counts that are off by a skipped row, medians over rows without a heavy tail or over
/// skipped ones, parameters of an alias counted twice, and roles or depths in another order than the network's.
#[test]
fn a_model_is_counted() {
    use VerdictKind::{HeavyTail, Noise, Spikes};
    let skipped = |name: &str, shape: &[usize], reason: &str| {
        row(name, shape, Status::Skipped, Some(reason.to_owned()))
    };
    let mut rows = [
        matrix("h.1.attn.c_attn.weight", Spikes, 7.5, 9.0, FLAT),
        skipped("h.1.attn.c_attn.bias", &[30], "a vector of 30"),
        matrix("h.0.attn.c_attn.weight", HeavyTail, 2.5, 2.0, STEEP),
        matrix("h.0.mlp.c_fc.weight", Noise, 9.0, 7.0, FLAT),
        matrix("h.1.mlp.c_fc.weight", HeavyTail, 6.0, 3.0, FLAT),
        matrix("wte.weight", HeavyTail, 5.0, 4.0, FLAT),
        skipped(
            "lm_head.weight",
            &[10, 10],
            "the same numbers as wte.weight",
        ),
        row(
            "h.0.mlp.c_proj.weight",
            &[10, 10],
            Status::Failed,
            Some("NaN".to_owned()),
        ),
    ];
    let summary = summarize(&mut rows, &Roles::default());
    assert_eq!((summary.tensors, summary.matrices), (8, 5));
    assert_eq!((summary.parameters, summary.matrix_parameters), (630, 500));
    let skipped: Vec<_> = summary
        .skipped
        .iter()
        .map(|s| (s.kind, s.tensors))
        .collect();
    assert_eq!(skipped, [(SkipKind::Vector, 1), (SkipKind::Alias, 1)]);
    let verdicts: Vec<_> = summary
        .verdicts
        .iter()
        .map(|v| (v.kind, v.matrices, v.parameters))
        .collect();
    assert_eq!(
        verdicts,
        [(Noise, 1, 100), (Spikes, 1, 100), (HeavyTail, 3, 300)]
    );

    let roles: Vec<_> = summary
        .roles
        .iter()
        .map(|r| (r.role.key(), r.group.matrices))
        .collect();
    assert_eq!(roles, [("embedding", 1), ("fused_qkv", 2), ("mlp_up", 2)]);
    let qkv = &summary.roles[1].group;
    assert_eq!(
        (qkv.effective_rank_share, qkv.heavy_alpha),
        (Some(0.5), Some(2.0))
    );
    let depths: Vec<_> = summary
        .depths
        .iter()
        .map(|d| (d.stack.as_str(), d.layer, d.group.matrices))
        .collect();
    assert_eq!(depths, [("h", 0, 2), ("h", 1, 2)]);

    let noise: Vec<_> = summary
        .like_noise
        .iter()
        .map(|m| (m.row, m.name.as_str()))
        .collect();
    assert_eq!(noise, [(4, "h.0.mlp.c_fc.weight")]);
    // 81 of 98 in the first value, 90 in the first two: rank 2 of two factors of 10 numbers each.
    let [one] = &summary.compressible[..] else {
        panic!("{:?}", summary.compressible)
    };
    assert_eq!(
        (one.layer.row, one.energy_rank, one.parameter_share),
        (3, 2, 0.4)
    );
    assert!(summary.suspicious.is_empty());
    assert_eq!(
        rows[7].role,
        Role::MlpDown,
        "a failed row has its role as well"
    );
}

/// Catches something odd that is not named, a small matrix called suspicious, and a rank said beside the zero rows
/// that lower it.
#[test]
fn what_is_odd_is_named() {
    let with = |kind, text: &str, rank, cleaning| {
        let mut layer = matrix("x", kind, 5.0, 3.0, FLAT);
        if let Some(s) = &mut layer.spectrum {
            (s.rank, s.cleaning) = (rank, cleaning);
            s.verdict.text = text.to_owned();
        }
        layer
    };
    let zero_rows = Cleaning {
        zero_rows: 3,
        ..Cleaning::default()
    };
    let outlying = Cleaning {
        outlying_entries: 1,
        ..Cleaning::default()
    };
    let mut rows = [
        with(
            VerdictKind::Degenerate,
            "constant entries",
            1,
            Cleaning::default(),
        ),
        with(
            VerdictKind::Degenerate,
            "5 values are too few to judge",
            5,
            Cleaning::default(),
        ),
        with(VerdictKind::Spikes, "x", 7, zero_rows.clone()),
        with(VerdictKind::Spikes, "x", 6, zero_rows),
        with(VerdictKind::Noise, "x", 10, outlying),
        with(VerdictKind::LowRank, "x", 2, Cleaning::default()),
        with(VerdictKind::NoBulk, "x", 10, Cleaning::default()),
    ];
    let summary = summarize(&mut rows, &Roles::default());
    let found: Vec<_> = summary
        .suspicious
        .iter()
        .map(|s| (s.layer.row, s.reason.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "constant entries"),
            (3, "3 zero rows"),
            (4, "3 zero rows, rank 6 of 10"),
            (5, "1 outlying entry"),
            (6, "rank 2 of 10"),
        ]
    );
}

/// Catches a middle that is off by one, and a rank that stops before 90 % or overflows.
#[test]
fn medians_and_ranks() {
    assert_eq!(median(vec![]), None);
    assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    assert_eq!(energy_rank(&FLAT), Some(9));
    assert_eq!(energy_rank(&STEEP.map(|s| 1e300 * s)), Some(2));
    assert_eq!(energy_rank(&[0.0, 0.0]), None);
    assert_eq!(energy_rank(&[2.0]), Some(1));
}
