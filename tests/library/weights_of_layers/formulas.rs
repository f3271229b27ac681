//! Each family against its formula, written out.

use super::{build, kernel};
use faer::Mat;
use spectra::family::terms::BasisFamily;
use spectra::operator::basis::{Image, Place};
use spectra::operator::{Link, cost};
use spectra::train::weight::{Slot, Weight};
use std::collections::HashSet;
use std::f64::consts::PI;

const SEED: u64 = 5;
const LAYER: u64 = 2;

fn matrix(weight: &Weight) -> Mat<f64> {
    weight.operator.dense(&weight.initial)
}

/// A matrix whose parameters are 1, 2, 3, … over 8: no two alike.
fn counted(weight: &Weight) -> (Mat<f64>, Vec<f64>) {
    let count = weight.operator.parameters();
    let values: Vec<f64> = (1..=count).map(|i| i as f64 / 8.0).collect();
    (weight.operator.dense(&values), values)
}

fn close(found: &Mat<f64>, expected: &Mat<f64>, what: &str) {
    let size = found.nrows() * found.ncols() + 64;
    let bound = size as f64 * f64::EPSILON * expected.norm_l2();
    let error = (found - expected).norm_l2();
    assert!(error <= bound, "{what}: {error:e} > {bound:e}");
}

fn cosine(n: usize, frequency: usize, place: usize) -> f64 {
    let norm = if frequency == 0 { 1.0 } else { 2.0 } / n as f64;
    norm.sqrt() * (PI * (2 * place + 1) as f64 * frequency as f64 / (2 * n) as f64).cos()
}

/// Every family of terms, alone and with an identity, in two factors, against the sums of fits' terms: catches a fast
/// form that is another matrix, another order of coefficients, another scale or another factor's terms.
#[test]
fn products_of_sums_are_products_of_sums() {
    let (m, inner, n) = (6, 9, 12);
    let scales = |family: BasisFamily, m: f64, n: f64| match family.name() {
        "dct" | "pixels" | "srht" => m.sqrt(),
        "projection" => (m / n).sqrt(),
        "diagonal" => (m / m.min(n)).sqrt(),
        _ => 1.0 / n.sqrt(),
    };
    let image = Image {
        height: 4,
        width: 3,
    };
    let slot = Slot {
        image: Some([2, 2, 3]),
        ..Slot::plain(m, n)
    };
    for &family in BasisFamily::all() {
        for (residual, stored, terms) in [
            (false, false, 5),
            (false, true, 6),
            (true, false, 6),
            (true, true, 5),
        ] {
            let said = format!(
                "family = 'product-of-sums', factors = 2, terms = [{terms}, 4], inner = [{inner}], basis = '{}', residual = {residual}, stored = {stored}",
                family.name()
            );
            let (found, a) = counted(&build(&said, &slot, SEED, LAYER));
            let sum = |factor, (m, n): (usize, usize), a: &[f64], image| {
                let place = Place {
                    seed: SEED,
                    layer: LAYER,
                    factor,
                };
                let (identity, own) = a.split_at(usize::from(residual));
                let basis = family.build((m, n), own.len(), image, place).unwrap();
                let sum = faer::Scale(scales(family, m as f64, n as f64)) * basis.combine(own);
                let first = identity.first().copied().unwrap_or(0.0);
                sum + faer::Scale(first) * Mat::<f64>::identity(m, n)
            };
            let left = sum(0, (m, inner), &a[..terms], None);
            let right = sum(1, (inner, n), &a[terms..], Some(image));
            close(&found, &(&left * &right), &said);
        }
    }
}

/// The first features of an 8 × 8 image in JPEG's order (0 1 8 16 9 2, here down before across), channels one
/// after the other at each: catches a transposed image and channels mixed up.
#[test]
fn cosines_are_in_order() {
    let slot = Slot {
        image: Some([2, 8, 8]),
        ..Slot::plain(1, 128)
    };
    let weight = build(
        "family = 'projected', basis = 'dct', features = 11",
        &slot,
        SEED,
        LAYER,
    );
    for (t, number) in [0, 0, 1, 1, 8, 8, 16, 16, 9, 9, 2].into_iter().enumerate() {
        let mut one = vec![0.0; 11];
        one[t] = 1.0;
        let expected = Mat::from_fn(1, 128, |_, j| {
            if j / 64 == t % 2 {
                cosine(8, number / 8, j % 64 / 8) * cosine(8, number % 8, j % 8)
            } else {
                0.0
            }
        });
        close(&weight.operator.dense(&one), &expected, "cosines");
    }
    // the fixed transform has the same rows
    let fixed = build("family = 'dct'", &Slot { rows: 11, ..slot }, SEED, LAYER);
    let features = Mat::from_fn(11, 128, |t, j| {
        let mut one = vec![0.0; 11];
        one[t] = 1.0;
        weight.operator.dense(&one)[(0, j)]
    });
    close(&matrix(&fixed), &features, "dct");
}

/// One radial feature is the kernel itself around its pixel; with hardly a ridge, many features pass through the
/// weights at their pixels: catches a distance over channels or rows, and a ridge in the wrong place.
#[test]
fn radial_features_spread_weights() {
    let slot = Slot {
        image: Some([2, 5, 7]),
        ..Slot::plain(1, 70)
    };
    let said = "family = 'projected', basis = 'radial', width = 1.5, features";
    let one = build(&format!("{said} = 1, ridge = 0.5"), &slot, SEED, LAYER);
    let feature = one.operator.dense(&[1.0]);
    let largest = (0..70).max_by(|&a, &b| feature[(0, a)].total_cmp(&feature[(0, b)]));
    let pixel = largest.unwrap();
    let expected = Mat::from_fn(1, 70, |_, j| {
        let place = |j: usize| [j % 35 / 7, j % 7].map(|x| x as f64);
        let ([y, x], [v, u]) = (place(j), place(pixel));
        let square = (y - v).powi(2) + (x - u).powi(2);
        f64::from(u8::from(j / 35 == pixel / 35)) * (-square / 4.5).exp() / 1.5
    });
    close(&feature, &expected, "radial");
    let many = build(&format!("{said} = 12, ridge = 1e-9"), &slot, SEED, LAYER);
    let (values, given) = counted(&many);
    let passes = |value: f64| values.row(0).iter().any(|x| (x - value).abs() < 1e-6);
    assert!(given.iter().all(|&value| passes(value)));
}

/// Even buckets, signs half and half: a chi-square of 99 degrees of freedom, and five deviations: catches a hash
/// that leaves buckets out or signs that follow the bucket.
#[test]
fn hashes_are_even() {
    let weight = build(
        "family = 'hashed', parameters = 100",
        &Slot::plain(200, 300),
        SEED,
        LAYER,
    );
    let (matrix, _) = counted(&weight);
    let mut counts = [[0.0; 2]; 100];
    for column in matrix.col_iter() {
        for x in column.iter() {
            counts[(8.0 * x.abs()) as usize - 1][usize::from(*x < 0.0)] += 1.0;
        }
    }
    let expected = 60_000.0 / 200.0;
    let square: f64 = counts
        .as_flattened()
        .iter()
        .map(|n: &f64| (n - expected).powi(2))
        .sum();
    let chi = square / expected;
    assert!((chi - 199.0).abs() < 5.0 * (2.0f64 * 199.0).sqrt(), "{chi}");
}

/// A linked sum is the sum of the same terms at the values of its coefficients, and starts at the absolute values or the
/// values of the sum without a link: catches another function than a fit's, and a start before the link.
#[test]
fn links_are_those_of_fits() {
    let slot = Slot::plain(6, 12);
    let said = "family = 'product-of-sums', factors = 1, terms = 7";
    let plain = build(said, &slot, SEED, LAYER);
    for link in Link::ALL {
        let linked = build(
            &format!("{said}, link = '{}'", link.name()),
            &slot,
            SEED,
            LAYER,
        );
        let values: Vec<f64> = linked.initial.iter().map(|&a| link.value(a)).collect();
        close(
            &matrix(&linked),
            &plain.operator.dense(&values),
            link.name(),
        );
        for (value, plain) in values.iter().zip(&plain.initial) {
            let signed = matches!(link, Link::Identity | Link::Tanh);
            let expected = if signed { *plain } else { plain.abs() };
            assert!(
                (value - expected).abs() < 1e-12,
                "{link:?}: {value} {expected}"
            );
        }
    }
}

/// The DCT of every filter has entries ±p, those of one frequency from parameters of their own, as many a frequency as
/// its share: catches the inverse transform for the forward one, and buckets that frequencies share.
#[test]
fn filters_are_inverse_transforms_of_shared_frequencies() {
    for channels_last in [false, true] {
        let kernel = kernel(channels_last);
        let slot = Slot::convolution(40, kernel);
        let weight = build(
            "family = 'frequency-hashed', parameters = 48",
            &slot,
            SEED,
            LAYER,
        );
        let (matrix, _) = counted(&weight);
        let (h, w) = (kernel.height, kernel.width);
        let mut parameters = vec![HashSet::new(); h + w - 1];
        for row in matrix.row_iter() {
            for channel in 0..kernel.channels {
                for (fy, fx) in (0..h * w).map(|f| (f / w, f % w)) {
                    let mut coefficient = 0.0;
                    for (y, x) in (0..h * w).map(|p| (p / w, p % w)) {
                        let column = if channels_last {
                            (y * w + x) * kernel.channels + channel
                        } else {
                            (channel * h + y) * w + x
                        };
                        coefficient += row[column] * cosine(h, fy, y) * cosine(w, fx, x);
                    }
                    let number = (8.0 * coefficient.abs()).round();
                    assert!((8.0 * coefficient.abs() - number).abs() < 1e-11);
                    parameters[fy + fx].insert(number as usize);
                }
            }
        }
        // 1, 2, 2, 1 of the six coefficients: shares 8, 16, 16, 8, in order
        let expected: [std::ops::RangeInclusive<usize>; 4] = [1..=8, 9..=24, 25..=40, 41..=48];
        for (found, expected) in parameters.iter().zip(expected) {
            assert_eq!(*found, expected.collect::<HashSet<usize>>());
        }
    }
}

/// Low frequencies get the parameters where β is large, and every parameter belongs to some frequency: catches a
/// density upside down.
#[test]
fn a_large_beta_favours_low_frequencies() {
    let slot = Slot {
        image: Some([1, 8, 8]),
        ..Slot::plain(50, 64)
    };
    let constant = |beta: f64| {
        let said = format!("family = 'frequency-hashed', parameters = 600, beta = {beta}");
        let weight = build(&said, &slot, SEED, LAYER);
        let (matrix, _) = counted(&weight);
        let sums = matrix.row_iter().map(|row| row.iter().sum::<f64>().abs());
        sums.map(|x| x.round() as usize)
            .collect::<HashSet<usize>>()
            .len()
    };
    // 50 coefficients of the lowest frequency, of 3,200: 9 parameters to share evenly
    assert!(constant(1.0) <= 10);
    assert!(constant(4.0) > 25);
}

/// With `S₁ = U₁ W` and `S₂ = W U₂ᵀ` the layer's estimate of `W h` has the variance (V₁ + V₂)/4l of the sketches, and no
/// bias: catches a wrong scale of either side, in a convolution too, and pairs that share their signs.
#[test]
fn sketched_layers_estimate_with_the_exact_variance() {
    let (k, l) = (2, 3);
    let said = format!("family = 'sketched', k = {k}, l = {l}");
    for (slot, area) in [
        (Slot::plain(5, 12), 1),
        (Slot::convolution(5, kernel(false)), 6),
    ] {
        let w = Mat::from_fn(5, 12, |i, j| ((7 * i + 3 * j) % 5) as f64 - 1.5);
        let h = Mat::from_fn(12, 1, |j, _| (j % 4) as f64 - 0.5);
        let exact = &w * &h;
        let mut errors = Vec::new();
        for seed in 0..2000 {
            let weight = build(&said, &slot, seed, LAYER);
            let operator = weight.operator.as_ref();
            let count = operator.parameters();
            let row = |place: usize| {
                let mut one = vec![0.0; count];
                one[place] = 2.0 * l as f64;
                operator.dense(&one)
            };
            let (first, second) = (l * k, l * k * area);
            let u1 = Mat::from_fn(first, 5, |r, i| row(r)[(i, 0)]);
            let rows: Vec<Mat<f64>> = (0..second).map(|r| row(first * 12 + 5 * r)).collect();
            let u2 = Mat::from_fn(second, 12, |r, j| rows[r][(0, j)]);
            let (s1, s2) = (&u1 * &w, &w * u2.transpose());
            let entries = |s: &Mat<f64>| -> Vec<f64> {
                s.col_iter().flat_map(|c| c.iter().copied()).collect()
            };
            let estimate = operator.dense(&[entries(&s1), entries(&s2)].concat()) * &h;
            errors.push((estimate - &exact).squared_norm_l2());
        }
        let (first, second) = (k as f64, (k * area) as f64);
        let outputs = exact.squared_norm_l2();
        let crossed: f64 = (0..12)
            .map(|j| w.col(j).squared_norm_l2() * h[(j, 0)].powi(2))
            .sum();
        let v1 = 4.0 / first * outputs;
        let v2 = (w.squared_norm_l2() * h.squared_norm_l2() + outputs - 2.0 * crossed) / second;
        let expected = (v1 + v2) / (4.0 * l as f64);
        let count = errors.len() as f64;
        let mean = errors.iter().sum::<f64>() / count;
        let variance = errors.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        let error = (variance / count).sqrt();
        assert!(error < 0.05 * expected);
        assert!(
            (mean - expected).abs() < 4.5 * error,
            "{mean} ± {error}, not {expected}"
        );
    }
}

/// A convolution of 64 × 800 over ten thousand patches: catches a kernel that is formed.
#[test]
fn sketched_layers_form_no_kernel() {
    let kernel = spectra::operator::Kernel {
        channels: 32,
        height: 5,
        width: 5,
        channels_last: false,
    };
    let weight = build(
        "family = 'sketched', k = 4, l = 2",
        &Slot::convolution(64, kernel),
        1,
        0,
    );
    let (thin, patches) = (2 * (4 + 4 * 25), 10_000);
    // and one addition an output, of the one mode to the other
    let expected = (2 * thin * (64 + 800) + 64) * patches;
    assert_eq!(
        cost(weight.operator.as_ref(), patches).flops,
        expected as u64
    );
}

/// `c ∘ x`, again and again for more outputs: catches a diagonal that starts at the wrong row.
#[test]
fn diagonals_are_stacked() {
    let (found, c) = counted(&build(
        "family = 'diagonal'",
        &Slot::plain(20, 8),
        SEED,
        LAYER,
    ));
    let expected = Mat::from_fn(20, 8, |i, j| if i % 8 == j { c[i] } else { 0.0 });
    assert_eq!(found, expected);
}

/// What is left of `C H G Π H B` without the known factors is a permutation: catches a transform left out, an order
/// of parameters or a scale.
#[test]
fn fastfood_is_its_definition() {
    let weight = build(
        "family = 'fastfood', sigma = 2.0",
        &Slot::plain(20, 8),
        SEED,
        LAYER,
    );
    let hadamard = Mat::from_fn(8, 8, |i: usize, j: usize| {
        1.0 - 2.0 * f64::from((i & j).count_ones() % 2)
    });
    let all = matrix(&weight);
    let mut rest = weight.initial.as_slice();
    for copy in 0..2 {
        let (c, tail) = rest.split_at(8);
        let (g, tail) = tail.split_at(8);
        let (b, tail) = tail.split_at(8);
        rest = tail;
        let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
        assert!(
            c.iter().all(|c| (0.2..6.0).contains(&(c * norm))),
            "lengths of 8 normals"
        );
        let z = all.subrows(8 * copy, 8);
        let inner = Mat::from_fn(8, 8, |i, j| z[(i, j)] / (c[i] * b[j]));
        // H H = 8 I; the scale is 1/(σ √8)
        let inner = &hadamard * inner;
        let inner = Mat::from_fn(8, 8, |i, j| inner[(i, j)] / (8.0 * g[i])) * &hadamard;
        let permutation = faer::Scale(2.0 * 8f64.sqrt() / 8.0) * inner;
        for row in permutation.row_iter() {
            let ones = row.iter().filter(|x| (*x - 1.0).abs() < 1e-11).count();
            let zeros = row.iter().filter(|x| x.abs() < 1e-11).count();
            assert_eq!((ones, zeros), (1, 7));
        }
        let columns = Mat::<f64>::full(1, 8, 1.0) * &permutation;
        assert!(columns.row(0).iter().all(|x| (x - 1.0).abs() < 1e-10));
    }
    assert_eq!(rest.len(), 4 + 8 + 8, "the last copy is cut");
}

/// `C⁻¹ D₂ C A₂ C⁻¹ D₁ C A₁` with cosines written out, of more inputs than outputs: catches A and D exchanged and the
/// inverse for the transform.
#[test]
fn acdc_is_its_definition() {
    let weight = build(
        "family = 'acdc', depth = 2, shuffle = false",
        &Slot::plain(4, 7),
        SEED,
        LAYER,
    );
    let (found, p) = counted(&weight);
    let c = Mat::from_fn(7, 7, |f, x| cosine(7, f, x));
    let diagonal =
        |part: usize| Mat::from_fn(7, 7, |i, j| if i == j { p[7 * part + i] } else { 0.0 });
    let one = |part: usize| c.transpose() * diagonal(part) * &c * diagonal(part + 1);
    let expected = one(0) * one(2);
    close(&found, &expected.subrows(0, 4).to_owned(), "acdc");
}

/// `Z₁ W − W Z₋₁` has the rank r: catches a circulant in the place of the skew-circulant.
#[test]
fn toeplitz_like_matrices_have_low_displacement_rank() {
    let weight = build(
        "family = 'toeplitz-like', rank = 2",
        &Slot::plain(9, 9),
        SEED,
        LAYER,
    );
    let w = matrix(&weight);
    let shift = |corner: f64| {
        Mat::from_fn(9, 9, |i, j| match (i, j) {
            (0, 8) => corner,
            _ => f64::from(u8::from(i == j + 1)),
        })
    };
    let displaced = shift(1.0) * &w - &w * shift(-1.0);
    let values = displaced.singular_values().unwrap();
    assert!(values[1] > 1e-3 && values[2] < 1e-14, "{values:?}");
}

/// The sum over channels and places written out: catches the two kernels exchanged.
#[test]
fn separable_kernels_are_upright_then_level() {
    for channels_last in [false, true] {
        let slot = Slot::convolution(4, kernel(channels_last));
        let weight = build("family = 'separable', rank = 3", &slot, SEED, LAYER);
        let (found, p) = counted(&weight);
        let (level, upright) = p.split_at(4 * 9);
        let expected = Mat::from_fn(4, 12, |o, column| {
            let (channel, y, x) = if channels_last {
                (column % 2, column / 6, column / 2 % 3)
            } else {
                (column / 6, column / 3 % 2, column % 3)
            };
            let term = |q: usize| level[o + 4 * (q * 3 + x)] * upright[q + 3 * (channel * 2 + y)];
            (0..3).map(term).sum()
        });
        close(&found, &expected, "separable");
    }
}
