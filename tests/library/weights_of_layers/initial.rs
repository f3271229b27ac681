//! What weights start from.

use super::{build, families, settings};
use spectra::operator::Kernel;
use spectra::train::weight::Slot;

/// The mean and its standard error over 2000 seeds of ‖W‖²/m, W as it is initialised.
fn square_norm(said: &str, slot: &Slot) -> (f64, f64) {
    let samples: Vec<f64> = (0..2000)
        .map(|seed| {
            let weight = build(said, slot, seed, 1);
            let matrix = weight.operator.dense(&weight.initial);
            matrix.squared_norm_l2() / slot.rows as f64
        })
        .collect();
    let count = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / count;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

fn check(said: &str, slot: &Slot, expected: f64) {
    let (mean, error) = square_norm(said, slot);
    assert!(error < 0.03 * expected, "{said} for {slot:?}: ± {error}");
    assert!(
        (mean - expected).abs() < 4.5 * error + 1e-12,
        "{said} for {slot:?}: {mean} ± {error}, not {expected}"
    );
}

/// Entries of variance 1/fan-in on the mean, the promise of every family: catches a scale that is wrong by a
/// tenth, for more outputs than inputs too.
#[test]
fn matrices_have_variance_one_over_fan_in() {
    for (said, slots) in families() {
        let expected = if said.contains("'he'") { 2.0 } else { 1.0 };
        // few rows and many, plain, of a convolution of either layout
        for slot in slots.iter().step_by(3) {
            check(&said, slot, expected);
        }
    }
}

/// Twice the variance with He's rule in every family that takes one: catches a family that ignores it.
#[test]
fn he_doubles_the_variance() {
    for (said, slots) in families() {
        let fixed = ["fastfood", "dct", "random"].contains(&settings(&said).family());
        if !fixed && !said.contains("initial") {
            check(&format!("{said}, initial = 'he'"), &slots[0], 2.0);
        }
    }
}

fn drawn(said: &str, rows: usize, columns: usize) -> Vec<f64> {
    build(said, &Slot::plain(rows, columns), 9, 2).initial
}

fn moments(values: &[f64]) -> (f64, f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| x * x).sum::<f64>() / count;
    let largest = values.iter().fold(0.0f64, |a, x| a.max(x.abs()));
    (mean, variance, largest)
}

/// Mean, variance and bounds of each law of 200 × 300 entries: catches a half width taken for a deviation.
#[test]
fn laws_are_what_they_are_called() {
    // the variance of a normal number cut at two deviations
    let cut = 0.773_741_5;
    for (initial, variance, bound) in [
        ("'xavier'", 1.0 / 300.0, (3.0f64 / 300.0).sqrt()),
        ("'xavier-average'", 2.0 / 500.0, (6.0f64 / 500.0).sqrt()),
        ("'he'", 2.0 / 300.0, f64::INFINITY),
        ("{ gaussian = 0.01 }", 1e-4, f64::INFINITY),
        ("{ truncated-normal = 0.1 }", cut * 1e-2, 0.2),
        ("{ uniform = 0.5 }", 0.25 / 3.0, 0.5),
    ] {
        let values = drawn(&format!("family = 'dense', initial = {initial}"), 200, 300);
        let (mean, found, largest) = moments(&values);
        let count = values.len() as f64;
        assert!(mean.abs() < 4.5 * (variance / count).sqrt(), "{initial}");
        // the fourth moment is at most 3 variance²
        let error = 4.5 * variance * (2.0 / count).sqrt();
        assert!((found - variance).abs() < error, "{initial}: {found}");
        assert!(largest <= bound, "{initial}: {largest}");
        if bound.is_finite() {
            assert!(largest > 0.99 * bound, "{initial}: {largest}");
        } else {
            assert!(largest > 3.5 * variance.sqrt(), "{initial}: {largest}");
        }
    }
    let zeros = drawn("family = 'dense', initial = 'zero'", 20, 30);
    assert!(zeros.iter().all(|&x| x == 0.0));
}

/// Each block has its own fan-in: catches that of the whole layer.
#[test]
fn blocks_have_their_own_fan_in() {
    let said = "family = 'block-diagonal', blocks = [[100, 50], [40, 200]]";
    let values = drawn(said, 140, 250);
    for (block, inputs) in [(&values[..5000], 50.0), (&values[5000..], 200.0f64)] {
        let (_, variance, largest) = moments(block);
        let bound = (3.0 / inputs).sqrt();
        assert!(largest <= bound && largest > 0.99 * bound, "{largest}");
        assert!((variance * inputs - 1.0).abs() < 0.08, "{variance}");
    }
}

/// The gain of a product of sums is on the factor at the outputs alone: catches it on another or on all.
#[test]
fn a_gain_is_on_the_factor_at_the_outputs() {
    let said = "family = 'product-of-sums', factors = 3, terms = 4";
    let plain = drawn(said, 6, 12);
    let less = drawn(&format!("{said}, gain = 0.25"), 6, 12);
    for (k, (plain, less)) in plain.iter().zip(&less).enumerate() {
        let expected = if k < 4 { 0.25 * plain } else { *plain };
        assert_eq!(*less, expected);
    }
}

/// Xavier's average counts the places of a kernel in the fan-out, c h w + m h w, and that of blocks is the block's:
/// catches the rows of the matrix for it.
#[test]
fn the_fan_out_of_a_kernel_counts_its_places() {
    let kernel = Kernel {
        channels: 8,
        height: 5,
        width: 4,
        channels_last: false,
    };
    let slot = Slot::convolution(60, kernel);
    for (said, fans) in [
        ("family = 'dense'", 160 + 1200),
        ("family = 'block-diagonal', blocks = 4", 40 + 300),
    ] {
        let weight = build(&format!("{said}, initial = 'xavier-average'"), &slot, 9, 2);
        let (_, _, largest) = moments(&weight.initial);
        let bound = (6.0 / f64::from(fans)).sqrt();
        assert!(
            largest <= bound && largest > 0.99 * bound,
            "{said}: {largest} of {bound}"
        );
    }
}
