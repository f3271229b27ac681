//! Expectations over every sketch there is.

use crate::family::ensemble::{CountSketch, HadamardSketch, SignBits, SignSketch, SketchMatrix};
use crate::random::Stream;
use crate::sketch::{
    Activations, Ensemble, Sketch, SketchedLayer, bounds, mode_estimate, mode_sketch,
    mode_variance, variances,
};
use faer::Mat;
use std::sync::Arc;

pub(super) fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
    let mut stream = Stream::new(seed, &[rows as u64, columns as u64]);
    Mat::from_fn(rows, columns, |_, _| stream.normal())
}

/// Every sketch of an ensemble, with its probability; of the normal law the points of a quadrature that is
/// exact for polynomials of degree 5 in each entry, which squared errors are of degree 4.
fn all(ensemble: Ensemble, k: usize, d: usize) -> Vec<(Mat<f64>, f64)> {
    let signs = |mask: usize| {
        (0..d)
            .map(|i| 1.0 - 2.0 * (mask >> i & 1) as f64)
            .collect::<Vec<_>>()
    };
    let dense = |matrix: Arc<dyn SketchMatrix>| Sketch(matrix).dense();
    match ensemble.name() {
        "sign" => {
            let count = 1 << (k * d);
            let of = |mask: usize| {
                let words = (0..k).map(|r| (mask >> (r * d)) as u32 & ((1 << d) - 1));
                let bits = SignBits {
                    length: d,
                    words: words.collect(),
                };
                (dense(Arc::new(SignSketch::of(bits))), 1.0 / count as f64)
            };
            (0..count).map(of).collect()
        }
        "count" => {
            let count = (1 << d) * k.pow(d as u32);
            let of = |index: usize| {
                let rows = (0..d).map(|i| (index >> d) / k.pow(i as u32) % k).collect();
                let sketch = CountSketch::of(k, signs(index), rows);
                (dense(Arc::new(sketch)), 1.0 / count as f64)
            };
            (0..count).map(of).collect()
        }
        "hadamard" => {
            let order = d.next_power_of_two();
            let subsets: Vec<Vec<usize>> = (0..1usize << order)
                .filter(|mask| mask.count_ones() as usize == k)
                .map(|mask| (0..order).filter(|i| mask >> i & 1 == 1).collect())
                .collect();
            let share = 1.0 / ((1 << d) * subsets.len()) as f64;
            let of = |(mask, chosen): (usize, &Vec<usize>)| {
                let sketch = HadamardSketch::of(signs(mask), chosen.clone());
                (dense(Arc::new(sketch)), share)
            };
            let pairs = (0..1 << d).flat_map(|mask| subsets.iter().map(move |s| (mask, s)));
            pairs.map(of).collect()
        }
        "gaussian" => {
            let of = |index: usize| {
                let digit = |i: usize| index / 3usize.pow(i as u32) % 3;
                let root = (3.0 / k as f64).sqrt();
                let u = Mat::from_fn(k, d, |r, i| [0.0, root, -root][digit(r * d + i)]);
                let weight = (0..k * d)
                    .map(|i| [4.0, 1.0, 1.0][digit(i)] / 6.0)
                    .product();
                (u, weight)
            };
            (0..3usize.pow((k * d) as u32)).map(of).collect()
        }
        law => panic!("no enumeration of {law} sketches"),
    }
}

/// Σ p f(U).
fn expectation(ensemble: Ensemble, k: usize, d: usize, f: impl Fn(&Mat<f64>) -> f64) -> f64 {
    all(ensemble, k, d).iter().map(|(u, p)| p * f(u)).sum()
}

fn near(found: f64, expected: f64, terms: usize, what: &str) {
    let bound = terms as f64 * f64::EPSILON * expected.abs().max(found.abs());
    assert!(
        (found - expected).abs() <= bound,
        "{what}: {found} {expected}"
    );
}

/// The closed forms of both modes against the mean over every sketch: catches a wrong moment, a term
/// left out, or a mode that is sketched on the wrong side.
#[test]
fn variances_are_the_means_over_every_sketch() {
    let (d1, d2, q) = (4, 3, 5);
    let (w, m) = (random(d1, d2, 1), random(d2, q, 2));
    let product = &w * &m;
    let given = Activations::samples(m.transpose()).unwrap();
    let layer = SketchedLayer::new(w.as_ref(), 1, given).unwrap();
    for &ensemble in Ensemble::all() {
        for k in 1..=2 {
            let widths = layer.widths(ensemble, k).unwrap();
            let exact = variances(&layer.energies(), ensemble, &widths, 3);
            let first = expectation(ensemble, k, d1, |u| {
                (u.transpose() * u * &product - &product).squared_norm_l2()
            });
            let second = expectation(ensemble, k, d2, |u| {
                (&w * u.transpose() * u * &m - &product).squared_norm_l2()
            });
            let words = format!("{ensemble:?} {k}");
            // Sums of up to 3^8 sketches of products of some twenty operations.
            near(first, exact.mode1, 20 + 6561, &words);
            near(second, exact.mode2, 20 + 6561, &words);
            near(exact.averaged, (first + second) / 12.0, 20 + 6561, &words);
        }
    }
}

/// The mean of pairs, drawn jointly: catches a weight 1/l in the place of 1/(2 l), or a covariance.
#[test]
fn the_averaged_variance_is_the_mean_over_every_two_pairs() {
    let (d, k) = (3, 1);
    let w = random(d, d, 3);
    let layer = SketchedLayer::new(w.as_ref(), 1, Activations::isotropic(d)).unwrap();
    let widths = layer.widths(Ensemble::SIGN, k).unwrap();
    let exact = variances(&layer.energies(), Ensemble::SIGN, &widths, 2);
    let sketches = all(Ensemble::SIGN, k, d);
    let grams: Vec<Mat<f64>> = sketches.iter().map(|(u, _)| u.transpose() * u).collect();
    let count = grams.len();
    let mut mean = 0.0;
    for index in 0..count.pow(4) {
        let pick = |i: u32| &grams[index / count.pow(i) % count];
        let estimate =
            (pick(0) * &w + pick(1) * &w + &w * pick(2) + &w * pick(3)) * faer::Scale(0.25);
        mean += (estimate - &w).squared_norm_l2() / count.pow(4) as f64;
    }
    near(mean, exact.averaged, 20 + count.pow(4), "averaged");
}

/// Without inputs the expectation is that over inputs ±eᵢ √d, each as likely: catches a wrong diagonal.
#[test]
fn isotropic_inputs_are_the_mean_over_all_directions() {
    let (d1, d2) = (4, 3);
    let w = random(d1, d2, 4);
    let isotropic = Activations::isotropic(d2);
    let layer = SketchedLayer::new(w.as_ref(), 1, isotropic).unwrap();
    for &ensemble in Ensemble::all() {
        let widths = layer.widths(ensemble, 2).unwrap();
        let exact = variances(&layer.energies(), ensemble, &widths, 1);
        let single = |i: usize| {
            let unit = Mat::from_fn(1, d2, |_, j| if i == j { (d2 as f64).sqrt() } else { 0.0 });
            let given = Activations::samples(unit.as_ref()).unwrap();
            let layer = SketchedLayer::new(w.as_ref(), 1, given).unwrap();
            variances(&layer.energies(), ensemble, &widths, 1).averaged / d2 as f64
        };
        let mean = (0..d2).map(single).sum();
        near(exact.averaged, mean, 10 * d2, ensemble.name());
    }
}

/// Every sketch is unbiased, also where no fast way is taken: catches a scale, a row or a sign lost.
#[test]
fn every_ensemble_is_unbiased() {
    for &ensemble in Ensemble::all() {
        let (k, d) = (2, 3);
        let mut mean: Mat<f64> = Mat::zeros(d, d);
        for (u, p) in all(ensemble, k, d) {
            mean += (u.transpose() * &u) * faer::Scale(p);
        }
        let off = (mean - Mat::<f64>::identity(d, d)).norm_max();
        assert!(off <= 1e4 * f64::EPSILON, "{ensemble:?} {off}");
    }
}

/// A tensor of four dimensions along each: catches a mode taken from the wrong end.
#[test]
fn tensors_are_sketched_along_any_mode() {
    let shape = [2, 3, 4, 3];
    let numbers = random(72, 1, 5);
    let data = numbers.col_as_slice(0);
    let energy: f64 = data.iter().map(|x| x * x).sum();
    let strides = [36, 12, 3, 1];
    for mode in 0..4 {
        let (k, d) = (2, shape[mode]);
        let sketch = Sketch::draw(Ensemble::SIGN, k, d, 1, &[mode as u64]);
        let dense = sketch.dense();
        let sketched = mode_sketch(data, &shape, mode, &sketch);
        let mut after = shape;
        after[mode] = k;
        assert_eq!(sketched.len(), after.iter().product::<usize>());
        for (place, found) in sketched.iter().enumerate() {
            let mut rest = place;
            let mut at = [0; 4];
            for axis in (0..4).rev() {
                at[axis] = rest % after[axis];
                rest /= after[axis];
            }
            let others = (0..4).filter(|axis| *axis != mode);
            let base: usize = others.map(|axis| at[axis] * strides[axis]).sum();
            let terms = (0..d).map(|i| dense[(at[mode], i)] * data[base + i * strides[mode]]);
            let expected: f64 = terms.sum();
            assert!((found - expected).abs() < 1e-14);
        }
        let mean: f64 = (0..1usize << (k * d))
            .map(|mask| {
                let words = (0..k).map(|r| (mask >> (r * d)) as u32 & ((1 << d) - 1));
                let bits = SignBits {
                    length: d,
                    words: words.collect(),
                };
                let sketch = Sketch(Arc::new(SignSketch::of(bits)));
                let estimate = mode_estimate(data, &shape, mode, &sketch);
                let error = estimate.iter().zip(data).map(|(a, b)| (a - b).powi(2));
                error.sum::<f64>() / (1usize << (k * d)) as f64
            })
            .sum();
        let exact = mode_variance(Ensemble::SIGN, k, d, energy);
        near(mean, exact, 256 + 72, &format!("mode {mode}"));
    }
}

/// The bounds hold on many layers, and theorem 3.1 as printed fails on a 3 × 3 convolution: catches a
/// bound that is read from the wrong norm.
#[test]
fn printed_theorem_fails_where_the_kernel_is_large() {
    use crate::operator::Kernel;
    let kernel = Kernel {
        channels: 64,
        height: 3,
        width: 3,
        channels_last: false,
    };
    let mut stream = Stream::new(3, &[1]);
    let image: Vec<f64> = (0..64 * 32 * 32).map(|_| stream.normal()).collect();
    let shape = [1, 64, 32, 32];
    let given = Activations::images(&image, shape, &kernel, [1, 1], [1, 1]).unwrap();
    let layer = SketchedLayer::new(random(4, 576, 6).as_ref(), 9, given).unwrap();
    let widths = layer.widths(Ensemble::SIGN, 4).unwrap();
    let (energies, l) = (layer.energies(), 1);
    let exact = variances(&energies, Ensemble::SIGN, &widths, l);
    let found = bounds(&energies, &widths, l);
    let printed = found.averaged_printed.unwrap();
    assert!(
        exact.averaged > 1.2 * printed,
        "{} {printed}",
        exact.averaged
    );
    assert!(exact.averaged <= found.averaged && found.averaged < 4.5 * exact.averaged);
    for seed in 0..50 {
        let (d1, d2) = (2 + seed as usize % 7, 2 + seed as usize % 5);
        let given = Activations::samples(random(6, d2, seed).as_ref()).unwrap();
        let layer = SketchedLayer::new(random(d1, d2, seed + 99).as_ref(), 1, given).unwrap();
        let widths = layer.widths(Ensemble::SIGN, 3).unwrap();
        let exact = variances(&layer.energies(), Ensemble::SIGN, &widths, 2);
        let found = bounds(&layer.energies(), &widths, 2);
        assert!(exact.mode1 <= found.mode1 && exact.mode2 <= found.mode2);
        assert!(exact.averaged <= found.averaged);
        let slack = 2.0 * d1 as f64 / (d1 as f64 - 1.0);
        near(found.mode1 / exact.mode1, slack, 10, "slack of mode 1");
    }
}
