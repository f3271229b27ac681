//! Sketches that are drawn, against dense matrices and against the exact variances.

use super::enumerated::random;
use crate::sketch::{
    Activations, Draws, Ensemble, Measurement, Sketch, SketchedLayer, best_fit, least_rows,
    mean_interval, measure, variances,
};
use faer::Mat;

fn draws(ensemble: Ensemble, [rows, pairs]: [usize; 2], trials: usize, seed: u64) -> Draws {
    Draws {
        ensemble,
        rows,
        pairs,
        trials,
        seed,
    }
}

/// Each fast way against the dense matrix, at sizes around words, tiles and vectors: catches a bit, a
/// padded column or a tail lost.
#[test]
fn products_are_those_of_the_dense_matrix() {
    for &ensemble in Ensemble::all() {
        for (k, d, q) in [
            (1, 1, 1),
            (2, 3, 5),
            (4, 31, 33),
            (33, 32, 32),
            (40, 70, 65),
            (64, 129, 7),
        ] {
            if k > ensemble.most_rows(d) {
                continue;
            }
            let sketch = Sketch::draw(ensemble, k, d, 9, &[k as u64]);
            let dense = sketch.dense();
            assert_eq!(sketch.shape(), dense.shape());
            let gram = sketch.gram(&Sketch::draw(ensemble, 3.min(k), d, 9, &[99]));
            let other = Sketch::draw(ensemble, 3.min(k), d, 9, &[99]).dense();
            let off = (gram - &dense * other.transpose()).norm_l2();
            assert!(off <= (d + k) as f64 * f64::EPSILON * dense.norm_l2() * other.norm_l2());
            let (x, y) = (random(q, d, 1), random(q, k, 2));
            let norm = dense.norm_l2();
            let bound = |x: &Mat<f64>| (d + k) as f64 * f64::EPSILON * norm * x.norm_l2();
            let off = (sketch.apply(x.as_ref()) - &x * dense.transpose()).norm_l2();
            assert!(off <= bound(&x), "{ensemble:?} {k} {d} {q} {off}");
            let off = (sketch.adjoint(y.as_ref()) - &y * &dense).norm_l2();
            assert!(off <= bound(&y), "{ensemble:?} {k} {d} {q} {off}");
            let turned = x.transpose().to_owned();
            let same = sketch.apply(turned.transpose());
            let off = (same - sketch.apply(x.as_ref())).norm_l2();
            assert!(
                off <= bound(&x),
                "row-major input {ensemble:?} {k} {d} {q} {off}"
            );
        }
    }
}

/// The bits of a sketch are part of every result: catches any change of them.
#[test]
fn golden_signs() {
    let signs = Sketch::draw(Ensemble::SIGN, 2, 40, 2026, &[1, 2]).dense();
    let bits: Vec<u64> = (0..2)
        .map(|r| (0..40).fold(0, |bits, i| bits | u64::from(signs[(r, i)] < 0.0) << i))
        .collect();
    assert_eq!(bits, [49_964_028_860, 354_466_744_625]);
    let count = Sketch::draw(Ensemble::COUNT, 3, 8, 2026, &[1, 2]).dense();
    let rows: Vec<usize> = (0..8)
        .map(|i| (0..3).position(|r| count[(r, i)] != 0.0).unwrap())
        .collect();
    assert_eq!(rows, [2, 0, 2, 2, 1, 2, 2, 0]);
}

/// A trial against the formulas on dense matrices: catches a mode, a sum or a transpose gone wrong.
#[test]
fn a_trial_is_what_the_formulas_say() {
    let (d1, d2, q, k, l) = (6, 5, 9, 3, 2);
    let (w, x) = (random(d1, d2, 1), random(q, d2, 2));
    let m = x.transpose();
    let product = &w * m;
    let given = Activations::samples(x.as_ref()).unwrap();
    let layer = SketchedLayer::new(w.as_ref(), 1, given).unwrap();
    let isotropic = SketchedLayer::new(w.as_ref(), 1, Activations::isotropic(d2)).unwrap();
    for &ensemble in Ensemble::all() {
        for (layer, m, product) in [
            (&layer, m.to_owned(), &product),
            (&isotropic, Mat::identity(d2, d2), &w),
        ] {
            let found = measure(layer, &draws(ensemble, [k, l], 2, 8), |_| true).unwrap();
            for trial in 0..2 {
                let gram = |pair: usize, mode: u64, d: usize| {
                    let path = [trial as u64, pair as u64, mode];
                    let u = Sketch::draw(ensemble, k, d, 8, &path).dense();
                    u.transpose() * &u
                };
                let mut sum: Mat<f64> = Mat::zeros(d1, product.ncols());
                for pair in 0..l {
                    let first = gram(pair, 1, d1) * product - product;
                    let second = &w * gram(pair, 2, d2) * &m - product;
                    let at = trial * l + pair;
                    let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b;
                    assert!(close(found.mode1[at], first.squared_norm_l2()));
                    assert!(close(found.mode2[at], second.squared_norm_l2()));
                    sum += first + second;
                }
                let expected = sum.squared_norm_l2() / 16.0;
                let found = found.averaged[trial];
                assert!(
                    (found - expected).abs() <= 1e-12 * expected,
                    "{found} {expected}"
                );
            }
        }
    }
}

/// Of a convolution: the second sketch has a row for each place of the kernel too, and inputs their own
/// weights. Catches a k that is not multiplied, or weights taken on one side only.
#[test]
fn a_trial_of_a_convolution_is_what_the_formulas_say() {
    use crate::operator::{Geometry, Kernel};
    let kernel = Kernel {
        channels: 2,
        height: 2,
        width: 1,
        channels_last: false,
    };
    let geometry = Geometry {
        image: [3, 2],
        stride: [1, 1],
        padding: [1, 0],
        channels_last: false,
    };
    let weights: Vec<f64> = geometry.meetings(&kernel).unwrap();
    let (d1, d2, k) = (5, 4, 1);
    let w = random(d1, d2, 1);
    let isotropic = Activations::isotropic_image(&kernel, &geometry).unwrap();
    let layer = SketchedLayer::new(w.as_ref(), 2, isotropic).unwrap();
    let root = Mat::from_fn(d2, d2, |i, j| if i == j { weights[i].sqrt() } else { 0.0 });
    let product = &w * &root;
    for &ensemble in Ensemble::all() {
        let found = measure(&layer, &draws(ensemble, [k, 1], 1, 8), |_| true).unwrap();
        let u1 = Sketch::draw(ensemble, k, d1, 8, &[0, 0, 1]).dense();
        let u2 = Sketch::draw(ensemble, 2 * k, d2, 8, &[0, 0, 2]).dense();
        let first = u1.transpose() * &u1 * &product - &product;
        let second = &w * u2.transpose() * &u2 * &root - &product;
        let both = (&first + &second).squared_norm_l2() / 4.0;
        for (found, expected) in [
            (found.mode1[0], first.squared_norm_l2()),
            (found.mode2[0], second.squared_norm_l2()),
            (found.averaged[0], both),
        ] {
            let bound = 1e-13 * (expected + product.squared_norm_l2());
            assert!(
                (found - expected).abs() <= bound,
                "{ensemble:?} {found} {expected}"
            );
        }
    }
}

/// One heavy input beside a light one, both by both: the variance lies in what a difference of norms would
/// lose.
#[test]
fn mode_2_does_not_cancel() {
    let w = Mat::from_fn(1, 2, |_, j| [1e9, 1.0][j]);
    let layer = SketchedLayer::new(w.as_ref(), 1, Activations::samples(w.as_ref()).unwrap());
    let layer = layer.unwrap();
    let widths = layer.widths(Ensemble::SIGN, 3).unwrap();
    // ‖w₁ m₂ + w₂ m₁‖² / k
    let expected = 4e18 / 3.0;
    let found = variances(&layer.energies(), Ensemble::SIGN, &widths, 1).mode2;
    assert!(
        (found - expected).abs() <= 8.0 * f64::EPSILON * expected,
        "{found}"
    );
}

/// 95 % intervals hold the exact variance at about that rate, for each ensemble and estimate: catches a
/// biased estimate, an interval too narrow, and one too wide.
#[test]
fn intervals_hold_the_exact_variance_at_their_rate() {
    let w = random(12, 20, 7);
    let given = Activations::samples(random(15, 20, 8).as_ref()).unwrap();
    let layer = SketchedLayer::new(w.as_ref(), 1, given).unwrap();
    let (k, l, trials, runs) = (8, 2, 60, 300);
    for &ensemble in Ensemble::all() {
        let widths = layer.widths(ensemble, k).unwrap();
        let exact = variances(&layer.energies(), ensemble, &widths, l);
        let mut held = [0; 3];
        for seed in 0..runs {
            let found = measure(&layer, &draws(ensemble, [k, l], trials, seed), |_| true).unwrap();
            let estimates = [
                (&found.mode1, exact.mode1),
                (&found.mode2, exact.mode2),
                (&found.averaged, exact.averaged),
            ];
            for (held, (samples, exact)) in held.iter_mut().zip(estimates) {
                let interval = mean_interval(samples, 0.95).unwrap();
                *held += u32::from((interval.low..=interval.high).contains(&exact));
            }
        }
        // 285 of 300 are expected, with a standard deviation of 3.8; a skewed law may cost some points more.
        for held in held {
            assert!(
                (265..=299).contains(&held),
                "{ensemble:?}: {held} of {runs}"
            );
        }
    }
}

/// Draws are the same on any number of threads, and ended early they are a part of the whole.
#[test]
fn trials_do_not_depend_on_threads_or_on_an_early_end() {
    let layer = SketchedLayer::new(random(9, 7, 1).as_ref(), 1, Activations::isotropic(7)).unwrap();
    let run = |threads: usize, most: usize| -> Measurement {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            measure(&layer, &draws(Ensemble::SIGN, [4, 2], 100, 3), |done| {
                done < most
            })
            .unwrap()
        })
    };
    let whole = run(1, 100);
    assert_eq!(whole, run(3, 100));
    let part = run(2, 40);
    assert_eq!(part.averaged, whole.averaged[..64]);
    assert_eq!(part.mode1, whole.mode1[..128]);
}

/// The fewest rows meet the target and one fewer does not; at k = N a Hadamard sketch is exact.
#[test]
fn least_rows_are_the_fewest() {
    let layer =
        SketchedLayer::new(random(30, 20, 1).as_ref(), 1, Activations::isotropic(20)).unwrap();
    let energies = layer.energies();
    for &ensemble in Ensemble::all() {
        for (l, relative) in [(1, 0.5), (4, 0.3), (2, 5.0)] {
            let Some(k) = least_rows(&layer, ensemble, l, relative) else {
                panic!("{ensemble:?} reaches {relative}");
            };
            let error = |k: usize| {
                let widths = layer.widths(ensemble, k).unwrap();
                (variances(&energies, ensemble, &widths, l).averaged / energies.outputs).sqrt()
            };
            assert!(error(k) <= relative);
            assert!(k == 1 || error(k - 1) > relative, "{ensemble:?} {k}");
        }
    }
    let widths = layer.widths(Ensemble::HADAMARD, 32).unwrap();
    assert_eq!(
        variances(&energies, Ensemble::HADAMARD, &widths, 1).averaged,
        0.0
    );
    assert_eq!(least_rows(&layer, Ensemble::SIGN, 1, 1e-9), None);
}

/// The best fit against least squares on all matrices `U₁ᵀ A + B U₂`, and low rank against planted
/// values: catches a projection on the wrong side or a span counted twice.
#[test]
fn the_best_fit_is_that_of_least_squares() {
    let (d1, d2, k, l) = (7, 6, 1, 2);
    let w = random(d1, d2, 11);
    let x = random(9, d2, 12);
    let given = Activations::samples(x.as_ref()).unwrap();
    let layer = SketchedLayer::new(w.as_ref(), 1, given).unwrap();
    let target = &w * x.transpose();
    for &ensemble in Ensemble::all() {
        let found = best_fit(&layer, &draws(ensemble, [k, l], 1, 4)).unwrap();
        let mut columns: Vec<Mat<f64>> = Vec::new();
        for pair in 0..l as u64 {
            let u1 = Sketch::draw(ensemble, k, d1, 4, &[0, pair, 1]).dense();
            let u2 = Sketch::draw(ensemble, k, d2, 4, &[0, pair, 2]).dense();
            for j in 0..d2 {
                let row = Mat::from_fn(1, d2, |_, c| f64::from(u8::from(c == j)));
                columns.push(u1.transpose() * row * x.transpose());
            }
            for i in 0..d1 {
                let column = Mat::from_fn(d1, 1, |r, _| f64::from(u8::from(r == i)));
                columns.push(column * &u2 * x.transpose());
            }
        }
        let count = columns.len();
        let rows = target.nrows() * target.ncols();
        let problem = Mat::from_fn(rows, count + 1, |i, j| {
            let of = columns.get(j).unwrap_or(&target);
            of[(i % d1, i / d1)]
        });
        let solved = crate::linalg::Triangle::of(problem.as_ref()).solve();
        let expected = solved.residual_norm / target.norm_l2();
        let in_space = found.in_space.unwrap();
        assert!(
            (in_space - expected).abs() < 1e-13,
            "{ensemble:?} {in_space} {expected}"
        );
        assert_eq!(found.rank, 2);
        // What independent entries leave on the mean, from many matrices.
        let squares = (0..2000).map(|seed| {
            let w = random(d1, d2, 100 + seed);
            let given = Activations::samples(x.as_ref()).unwrap();
            let layer = SketchedLayer::new(w.as_ref(), 1, given).unwrap();
            let left = best_fit(&layer, &draws(ensemble, [k, l], 1, 4))
                .unwrap()
                .in_space
                .unwrap();
            [
                left.powi(2) * layer.energies().outputs,
                layer.energies().outputs,
            ]
        });
        let [rest, whole] = squares.fold([0.0, 0.0], |a, b| [a[0] + b[0], a[1] + b[1]]);
        let null = found.null.unwrap();
        // The mean of 2,000 sums of some ten squares each: 1 % is some two standard errors.
        assert!(
            (rest / whole / null.powi(2) - 1.0).abs() < 0.03,
            "{ensemble:?} {null}"
        );
        assert_eq!(found.parameters, l * k * (d1 + d2));
        let values = target.singular_values().unwrap();
        let rest: f64 = values[2..].iter().map(|s| s * s).sum();
        let low_rank = found.low_rank.unwrap();
        assert!((low_rank - rest.sqrt() / target.norm_l2()).abs() < 1e-14);
    }
}
