use super::compute::{over_norm, times_norms};
use super::find::{norm_axis, vector_axes, weights};
use super::*;
use crate::weights::dtype::Dtype;
use crate::weights::tensor::{Locator, Tensor};

fn tensors(all: &[(&str, &[usize])]) -> Vec<TensorInfo> {
    let nowhere = Locator::Bytes { offset: 0 };
    let tensor = |&(name, shape): &(&str, &[usize])| {
        TensorInfo::new(name.into(), Dtype::F32, shape.to_vec(), nowhere)
    };
    all.iter().map(tensor).collect()
}

/// The weights of these tensors: the name of each, the tensor in whose row it is, and the words for it.
fn found(all: &[(&str, &[usize])]) -> Vec<(String, String, String)> {
    let tensors = tensors(all);
    let each = weights(&tensors).into_iter();
    each.map(|(name, composed)| {
        let row = tensors[composed.main()].name.clone();
        (name, row, composed.words())
    })
    .collect()
}

/// Catches two parameters that are taken for a weight norm because of their last letters, and parts of other shapes.
#[test]
fn other_parameters_are_no_parts() {
    for (v, g, count) in [
        ("attn.query_v", "attn.query_g", 0),
        ("fc.weight_v", "fc.weight_g", 1),
        ("attn.in_proj_weight_v", "attn.in_proj_weight_g", 1),
        ("rnn.weight_hh_l0_v", "rnn.weight_hh_l0_g", 1),
        ("fc.weight_v", "fc.bias_g", 0),
    ] {
        assert_eq!(found(&[(v, &[4, 6]), (g, &[4, 1])]).len(), count, "{v}");
    }
    assert!(found(&[("w_orig", &[4, 6]), ("w_mask", &[4, 5])]).is_empty());
}

/// Catches a weight that is computed by half of what the network does, in the wrong order, or by what is not known.
#[test]
fn chains_are_followed_to_their_ends() {
    let (w, column): (&[usize], &[usize]) = (&[4, 6], &[4, 1]);
    let (u, v): (&[usize], &[usize]) = (&[4], &[6]);
    let (norms, mask, vectors) = (
        "g · v / |v|",
        "the weight times its mask",
        "the weight over its spectral norm uᵀ W v",
    );
    let then = |one: &str, two: &str| format!("{one}, then {two}");
    let p = |end: &str| format!("fc.parametrizations.weight.{end}");
    let (o, o0, o1) = (p("original"), p("original0"), p("original1"));
    let (u0, v0, u1, v1) = (p("0._u"), p("0._v"), p("1._u"), p("1._v"));
    let n = p("parametrizations.original1.original");
    let (nu, nv) = (
        p("parametrizations.original1.0._u"),
        p("parametrizations.original1.0._v"),
    );
    let (o1o, o1m, base) = (p("original1_orig"), p("original1_mask"), p("0.base"));
    for (all, row, words) in [
        (
            vec![
                ("fc.weight_v_orig", w),
                ("fc.weight_v_mask", w),
                ("fc.weight_g", column),
            ],
            "fc.weight_v_orig",
            then(mask, norms),
        ),
        (
            vec![
                ("fc.weight_v", w),
                ("fc.weight_g_orig", column),
                ("fc.weight_g_mask", column),
            ],
            "fc.weight_v",
            norms.to_owned(),
        ),
        (
            vec![
                ("fc.weight_orig_orig", w),
                ("fc.weight_orig_mask", w),
                ("fc.weight_u", u),
                ("fc.weight_v", v),
            ],
            "fc.weight_orig_orig",
            then(mask, vectors),
        ),
        (
            vec![
                ("fc.weight_orig_orig", w),
                ("fc.weight_mask", w),
                ("fc.weight_orig_u", u),
                ("fc.weight_orig_v", v),
            ],
            "fc.weight_orig_orig",
            then(vectors, mask),
        ),
        (
            vec![
                ("fc.weight_orig_v", w),
                ("fc.weight_orig_g", column),
                ("fc.weight_mask", w),
            ],
            "fc.weight_orig_v",
            then(norms, mask),
        ),
        (
            vec![(&*o0, column), (&*o1, w), (&*u1, u), (&*v1, v)],
            &o1,
            then(norms, vectors),
        ),
        (
            vec![(&*o, w), (&*u0, u), (&*v0, v), (&*u1, u), (&*v1, v)],
            &o,
            then(vectors, vectors),
        ),
        (
            vec![(&*o0, column), (&*n, w), (&*nu, u), (&*nv, v)],
            &n,
            then(vectors, norms),
        ),
        (
            vec![(&*o0, column), (&*o1o, w), (&*o1m, w)],
            &o1o,
            then(mask, norms),
        ),
    ] {
        assert_eq!(
            found(&all),
            [("fc.weight".to_owned(), row.to_owned(), words)],
            "{all:?}"
        );
    }
    for unknown in [
        vec![(&*o, w), (&*base, w)],
        vec![(&*o, w), (&*base, w), (&*u1, u), (&*v1, v)],
        // What keeps no tensors may do anything.
        vec![(&*o, w), (&*u1, u), (&*v1, v)],
    ] {
        assert_eq!(found(&unknown), [], "{unknown:?}");
        let mut rows = tensors(&unknown);
        mark(&mut rows);
        assert!(rows[0].notes[0].contains("remove_parametrizations"));
        assert!(rows[1..].iter().all(|info| info.kind == Kind::Factor));
    }
}

/// Catches a module's last weight that is analysed beside what it is computed from.
#[test]
fn a_stale_weight_is_no_weight() {
    let w: &[usize] = &[4, 6];
    let all = [
        ("w_orig_orig", w),
        ("w_orig_mask", w),
        ("w_mask", w),
        ("w_orig", w),
    ];
    let mut rows = tensors(&all);
    mark(&mut rows);
    let kinds = rows.iter().map(|info| info.kind);
    assert!(kinds.eq([Kind::Weight, Kind::Mask, Kind::Mask, Kind::Factor]));
    let mut rows = tensors(&[("w_orig", w), ("w_mask", w), ("w", w)]);
    rows[2].alias_of = Some("w_orig".into());
    mark(&mut rows);
    let kinds = rows.iter().map(|info| info.kind);
    assert!(kinds.eq([Kind::Weight, Kind::Mask, Kind::Factor]));
    assert_eq!(
        (rows[0].weight_name().as_str(), &rows[2].alias_of),
        ("w", &None)
    );
}

/// Catches norms that are taken along the wrong dimension: a square weight of 2 × 2 fits both.
#[test]
fn norms_belong_to_their_dimension() {
    for (norms, expected) in [
        ([2, 1], [0.6, 0.8, 5.0 / 13.0 * 2.0, 12.0 / 13.0 * 2.0]),
        (
            [1, 2],
            [
                3.0 / 34_f64.sqrt(),
                4.0 / 160_f64.sqrt() * 2.0,
                5.0 / 34_f64.sqrt(),
                12.0 / 160_f64.sqrt() * 2.0,
            ],
        ),
    ] {
        let axis = norm_axis(&[2, 2], &norms).unwrap();
        let mut weight = Tensor {
            shape: vec![2, 2],
            data: vec![3.0, 4.0, 5.0, 12.0],
        };
        times_norms(&mut weight, &[1.0, 2.0], axis);
        for (w, expected) in weight.data.into_iter().zip(expected) {
            assert!(
                (w - expected).abs() <= 4.0 * f64::EPSILON * expected,
                "{w} {expected}"
            );
        }
    }
    assert_eq!(norm_axis(&[2, 2], &[]), Some(None));
    assert_eq!(norm_axis(&[2, 3], &[3, 1]), None);
    assert_eq!(norm_axis(&[2, 3], &[2, 3]), None);
}

/// Catches a spectral norm along the wrong dimension, where the shape tells and where it does not.
#[test]
fn spectral_norms_belong_to_their_dimension() {
    assert_eq!(vector_axes(&[4, 3, 2], &[4], &[6]), [0]);
    assert_eq!(vector_axes(&[3, 4, 2], &[4], &[6]), [1]);
    assert_eq!(vector_axes(&[4, 4, 2], &[4], &[8]), [0, 1]);
    assert_eq!(vector_axes(&[4, 3, 2], &[4], &[5]), [0; 0]);
    // W of shape (2, 2, 2): along its first dimension w[r, a, b], along its second w[a, r, b].
    let w = [3.0, -1.0, 0.5, 2.0, 7.0, 1.0, -4.0, 0.25];
    let v = [1.0, 3.0, -2.0, 0.25];
    // At the start of a training u and v are any: the first dimension is the usual one.
    let mut start = Tensor {
        shape: vec![2, 2, 2],
        data: w.to_vec(),
    };
    over_norm(&mut start, &[1.0, 0.0], &v);
    let norm = (0..4).map(|n| w[n] * v[n]).sum::<f64>();
    assert!((start.data[0] - w[0] / norm).abs() <= 32.0 * f64::EPSILON * (w[0] / norm).abs());
    for axis in [0, 1] {
        let place = |row: usize, n: usize| match axis {
            0 => 4 * row + n,
            _ => 4 * (n / 2) + 2 * row + n % 2,
        };
        let image = |row: usize| (0..4).map(|n| w[place(row, n)] * v[n]).sum::<f64>();
        let length = (0..2)
            .map(|row| image(row) * image(row))
            .sum::<f64>()
            .sqrt();
        let u = [image(0) / length, image(1) / length];
        let mut weight = Tensor {
            shape: vec![2, 2, 2],
            data: w.to_vec(),
        };
        over_norm(&mut weight, &u, &v);
        for (ours, w) in weight.data.iter().zip(w) {
            let expected = w / length;
            assert!(
                (ours - expected).abs() <= 32.0 * f64::EPSILON * expected.abs(),
                "{axis}"
            );
        }
    }
}

/// Catches work that grows with the square of the tensors, or without end with the steps of a hostile file.
#[test]
fn many_parts_are_found_at_once() {
    let name = |index: usize, end: &str| format!("layers.{index}.weight{end}");
    let mut names: Vec<String> = Vec::new();
    for index in 0..200_000 {
        names.extend(["_v", "_g"].map(|end| name(index, end)));
    }
    names.extend(
        (0..5_000).flat_map(|k| ["_u", "_v"].map(|v| format!("a.parametrizations.w.{k}.{v}"))),
    );
    names.push("a.parametrizations.w.original".into());
    names.push(format!("b.weight{}", "_v".repeat(10_000)));
    let shape = |name: &String| -> &[usize] {
        match () {
            () if name.ends_with("_g") => &[4, 1],
            () if name.contains("._") => &[4],
            () => &[4, 4],
        }
    };
    let all: Vec<(&str, &[usize])> = names.iter().map(|n| (n.as_str(), shape(n))).collect();
    let mut rows = tensors(&all);
    mark(&mut rows);
    assert_eq!(
        rows.iter().filter(|info| info.composed.is_some()).count(),
        200_000
    );
}

/// Catches directions that several modules share and norms that they do not, taken for one weight.
#[test]
fn tied_directions_with_other_norms_are_other_weights() {
    let (w, g): (&[usize], &[usize]) = (&[4, 6], &[4, 1]);
    let all = [
        ("a.weight_v", w),
        ("a.weight_g", g),
        ("b.weight_v", w),
        ("b.weight_g", g),
    ];
    let mut rows = tensors(&all);
    rows[2].alias_of = Some("a.weight_v".into());
    mark(&mut rows);
    assert_eq!(rows[2].alias_of, None);
    let mut rows = tensors(&all);
    rows[2].alias_of = Some("a.weight_v".into());
    rows[3].alias_of = Some("a.weight_g".into());
    mark(&mut rows);
    assert!(rows[2].alias_of.is_some());
}
