//! Singular values of matrices whose spectrum is known, and against two other programs.
//!
//! The pass criterion is the stated error bound, `error_bound(m, n, s₁, ε)`.

use faer::{Mat, MatRef, Par};
use spectra::linalg::{Real, bidiagonal_singular_values, error_bound, singular_values};

/// Numbers in [−1/2, 1/2) from a linear congruential generator.
fn random<T: Real>(m: usize, n: usize) -> Mat<T> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64 ^ ((m * 4099 + n) as u64);
    Mat::from_fn(m, n, |_, _| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        T::from_f64((state >> 11) as f64 / (1u64 << 53) as f64 - 0.5)
    })
}

/// Entry (i, j) of the Hadamard matrix of order 2ᵏ (Sylvester): ±1, and `H Hᵀ = n I`.
fn hadamard(i: usize, j: usize) -> f64 {
    if (i & j).count_ones().is_multiple_of(2) {
        1.0
    } else {
        -1.0
    }
}

/// `H D Hᵀ / n` for the diagonal matrix `D` of `values`: exact when they are small integers.
fn scrambled<T: Real>(values: &[f64]) -> Mat<T> {
    let n = values.len();
    assert!(n.is_power_of_two());
    let h = Mat::from_fn(n, n, hadamard);
    let product = Mat::from_fn(n, n, |i, j| h[(i, j)] * values[j]) * h.transpose();
    Mat::from_fn(n, n, |i, j| T::from_f64(product[(i, j)] / n as f64))
}

fn check<T: Real>(what: &str, a: MatRef<'_, T>, expected: &[f64]) {
    let (m, n) = a.shape();
    let values = singular_values(a, Par::Seq).unwrap();
    assert_eq!(values.len(), expected.len(), "{what}");
    assert!(
        values.is_sorted_by(|x, y| x >= y),
        "{what}: not in descending order"
    );
    let mut expected = expected.to_vec();
    expected.sort_by(|x, y| y.total_cmp(x));
    let largest = expected.first().copied().unwrap_or(0.0);
    let bound = error_bound(m, n, largest, T::EPSILON.to_f64());
    for (k, (x, y)) in values.iter().zip(&expected).enumerate() {
        let error = (x.to_f64() - y).abs();
        assert!(
            error <= bound,
            "{what} {m} x {n}: value {k} is {x:?}, not {y}: {error:e} > {bound:e}"
        );
    }
}

fn check_both(what: &str, n: usize, entry: impl Fn(usize, usize) -> f64, expected: &[f64]) {
    check::<f64>(what, Mat::from_fn(n, n, &entry).as_ref(), expected);
    check::<f32>(
        what,
        Mat::from_fn(n, n, |i, j| entry(i, j) as f32).as_ref(),
        expected,
    );
}

/// A wrong index anywhere in the two stages moves a value that is known exactly.
#[test]
fn diagonal_matrices() {
    for n in [1, 2, 3, 10, 33, 100, 257] {
        let values: Vec<f64> = (0..n).map(|k| ((k * 7) % n) as f64).collect();
        check_both(
            "diagonal",
            n,
            |i, j| if i == j { values[i] } else { 0.0 },
            &values,
        );
        check_both(
            "antidiagonal",
            n,
            |i, j| if i + j + 1 == n { values[i] } else { 0.0 },
            &values,
        );
    }
}

/// Known values behind orthogonal matrices: distinct, repeated, two clusters, rank one.
#[test]
fn orthogonally_scrambled_values() {
    for n in [16, 64, 256, 1024] {
        let ramp: Vec<f64> = (0..n).map(|k| k as f64).collect();
        let steps: Vec<f64> = (0..n).map(|k| (k / 16) as f64).collect();
        let clusters: Vec<f64> = (0..n)
            .map(|k| if k % 2 == 0 { 3.0 } else { 1024.0 })
            .collect();
        let rank_one: Vec<f64> = (0..n)
            .map(|k| if k == n / 2 { 4096.0 } else { 0.0 })
            .collect();
        for values in [ramp, steps, clusters, rank_one] {
            check("scrambled", scrambled::<f64>(&values).as_ref(), &values);
            check("scrambled", scrambled::<f32>(&values).as_ref(), &values);
        }
    }
}

/// All values equal √n: no seed can tell them apart.
#[test]
fn hadamard_matrices() {
    for n in [2, 16, 128, 512] {
        check_both("Hadamard", n, hadamard, &vec![(n as f64).sqrt(); n]);
    }
}

/// Values over ten orders of magnitude, computed with 60 digits (mpmath 1.3, `eigsy`).
#[test]
fn hilbert_matrix() {
    let exact = [
        1.695_938_996_921_949_5,
        0.298_125_211_316_930_7,
        0.026_212_843_578_119_05,
        0.001_467_688_117_741_867_3,
        5.436_943_369_749_942e-5,
        1.294_332_091_872_811_5e-6,
        1.798_873_745_817_576_7e-8,
        1.111_538_966_372_442_4e-10,
    ];
    check_both("Hilbert", 8, |i, j| 1.0 / (i + j + 1) as f64, &exact);
}

/// A rectangle of ones has one value, √(m n); so have vectors, whose value is their norm.
#[test]
fn rank_one_and_vectors() {
    for (m, n) in [(1, 1), (1, 40), (40, 1), (30, 50), (333, 70), (20, 700)] {
        let mut expected = vec![0.0; m.min(n)];
        expected[0] = ((m * n) as f64).sqrt();
        check(
            "ones",
            Mat::<f64>::from_fn(m, n, |_, _| 1.0).as_ref(),
            &expected,
        );
        check(
            "ones",
            Mat::<f32>::from_fn(m, n, |_, _| 1.0).as_ref(),
            &expected,
        );
    }
}

/// Squares over- or underflow unless the matrix is scaled first.
#[test]
fn extreme_magnitudes() {
    for scale in [1e308, 1e200, 1e-200, 1e-300] {
        let identity = Mat::<f64>::from_fn(20, 20, |i, j| if i == j { scale } else { 0.0 });
        check("scaled identity", identity.as_ref(), &[scale; 20]);
        let unit: Vec<f64> = (0..64u8).map(f64::from).collect();
        let ramp = scrambled::<f64>(&unit);
        let scaled = Mat::<f64>::from_fn(64, 64, |i, j| ramp[(i, j)] * (scale / 64.0));
        let expected: Vec<f64> = unit.iter().map(|x| x * (scale / 64.0)).collect();
        check("scaled ramp", scaled.as_ref(), &expected);
    }
    // a subnormal value has an absolute error of half the smallest number
    for (m, n) in [(5, 5), (40, 7)] {
        let ones = ((m * n) as f64).sqrt();
        let tiny = f64::from_bits(3);
        let values = singular_values(Mat::from_fn(m, n, |_, _| tiny).as_ref(), Par::Seq).unwrap();
        assert!((values[0] - tiny * ones).abs() <= f64::from_bits(1) && values[1] == 0.0);
        let tiny = f32::from_bits(3);
        let values = singular_values(Mat::from_fn(m, n, |_, _| tiny).as_ref(), Par::Seq).unwrap();
        assert!((values[0] - tiny * ones as f32).abs() <= f32::from_bits(1) && values[1] == 0.0);
    }
}

/// Graded from 10¹⁵⁰ to 10⁻¹⁵⁰: finite and right; without coupling each value keeps its relative
/// accuracy.
#[test]
fn graded_values() {
    let values: Vec<f64> = (0..61).map(|k| 10f64.powi(150 - 5 * k)).collect();
    let diagonal = Mat::<f64>::from_fn(61, 61, |i, j| if i == j { values[i] } else { 0.0 });
    check("graded", diagonal.as_ref(), &values);
    let found = bidiagonal_singular_values(&values[..57], &[0.0; 56]);
    for (x, y) in found
        .iter()
        .zip(&values[..57])
        .take_while(|(_, y)| **y > 1e-140 * values[0])
    {
        assert!((x / y - 1.0).abs() < 32.0 * f64::EPSILON, "{x:e} {y:e}");
    }
}

/// Empty matrices have no values; a NaN or an infinity anywhere is refused.
#[test]
fn empty_zero_and_not_finite() {
    for (m, n) in [(0, 0), (0, 5), (5, 0)] {
        assert_eq!(
            singular_values(Mat::<f64>::zeros(m, n).as_ref(), Par::Seq),
            Ok(vec![])
        );
    }
    check("zero", Mat::<f64>::zeros(70, 50).as_ref(), &[0.0; 50]);
    check("zero", Mat::<f32>::zeros(3, 9).as_ref(), &[0.0; 3]);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (m, n, i, j) in [
            (1, 1, 0, 0),
            (40, 30, 39, 29),
            (30, 40, 0, 39),
            (200, 20, 100, 7),
        ] {
            let mut a = random::<f64>(m, n);
            a[(i, j)] = bad;
            assert!(
                singular_values(a.as_ref(), Par::Seq).is_err(),
                "{bad} in {m} x {n}"
            );
            let a = Mat::from_fn(m, n, |i, j| a[(i, j)] as f32);
            assert!(
                singular_values(a.as_ref(), Par::Seq).is_err(),
                "{bad} in {m} x {n}"
            );
        }
    }
}

/// Sizes around every block width, against nalgebra's Golub-Kahan iteration in double precision.
#[test]
fn sizes_around_the_block_widths() {
    let wider = [
        31, 32, 33, 35, 47, 48, 49, 63, 64, 65, 67, 95, 96, 97, 127, 128, 129, 160, 161, 255, 257,
        291,
    ];
    for n in (1..=20).chain(wider) {
        for m in [n, n + 1, n + 15, 2 * n - n / 3, 2 * n + 3] {
            let a = random::<f64>(m, n);
            let twin = nalgebra::DMatrix::from_fn(m, n, |i, j| a[(i, j)]).singular_values();
            check("random", a.as_ref(), twin.as_slice());
            let a = random::<f32>(m, n);
            let twin =
                nalgebra::DMatrix::from_fn(m, n, |i, j| f64::from(a[(i, j)])).singular_values();
            check("random", a.as_ref(), twin.as_slice());
        }
    }
}

/// Larger matrices, against faer's own iteration by LAPACK's test ratio: error / (s₁ max(m, n) ε)
/// under 1.
#[test]
fn large_matrices_against_faer() {
    for (m, n) in [(300, 300), (512, 512), (800, 500), (1000, 130), (700, 640)] {
        let a = random::<f64>(m, n);
        let values = singular_values(a.as_ref(), Par::Seq).unwrap();
        let twin = a.singular_values().unwrap();
        let unit = twin[0] * m.max(n) as f64 * f64::EPSILON;
        for (x, y) in values.iter().zip(&twin) {
            assert!((x - y).abs() < unit, "{m} x {n}: {x} {y}");
        }
    }
}

/// The squares add up to the squared Frobenius norm, at sizes too large for a second program.
#[test]
fn squares_add_up_to_the_frobenius_norm() {
    for (m, n) in [(1500, 1030), (3000, 400)] {
        let a = random::<f64>(m, n);
        let values = singular_values(a.as_ref(), Par::rayon(2)).unwrap();
        let sum: f64 = values.iter().map(|x| x * x).sum();
        let exact = a.squared_norm_l2();
        let bound = 2.0 * error_bound(m, n, values[0], f64::EPSILON) * values.iter().sum::<f64>();
        assert!((sum - exact).abs() < bound, "{m} x {n}: {sum} {exact}");
    }
}

/// Parts, transposes, reversed views: the values are those of the matrix.
#[test]
fn views_of_any_strides() {
    for (m, n) in [(24, 24), (90, 60), (61, 150)] {
        let big = random::<f64>(2 * m, 3 * n);
        let part = big.as_ref().submatrix(3, 5, m, n);
        let plain = Mat::from_fn(m, n, |i, j| part[(i, j)]);
        let expected = singular_values(plain.as_ref(), Par::Seq).unwrap();
        check("part", part, &expected);
        check("transposed", part.transpose(), &expected);
        check("reversed", part.reverse_rows_and_cols(), &expected);
        check(
            "rows contiguous",
            part.transpose().to_owned().transpose(),
            &expected,
        );
    }
}

/// Any number of threads gives the same bits.
#[test]
fn threads_do_not_change_a_bit() {
    fn values<T: Real>(m: usize, n: usize) {
        let a = random::<T>(m, n);
        let one = singular_values(a.as_ref(), Par::Seq).unwrap();
        for threads in [2, 3, 7] {
            let many = singular_values(a.as_ref(), Par::rayon(threads)).unwrap();
            assert!(one == many, "{m} x {n} with {threads} threads");
        }
    }
    for (m, n) in [(50, 50), (300, 300), (520, 513), (1500, 400), (1100, 1100)] {
        values::<f64>(m, n);
        values::<f32>(m, n);
    }
}
