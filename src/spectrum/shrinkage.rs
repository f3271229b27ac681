//! Optimal denoising of singular values, and the planted value behind an observed one.
//!
//! An `m × n` matrix of rank r is observed with independent entries of noise of variance σ² added,
//! m and n growing with `β = min(m, n)/max(m, n)` fixed. Values are measured in units of
//! `σ √max(m, n)` inside; arguments and results are singular values of the matrix as stored.

use statrs::statistics::Median;

use super::{LawError, SingularLaw};

/// β and σ √max(m, n).
fn ratio_and_unit(m: usize, n: usize, variance: f64) -> (f64, f64) {
    let (longer, shorter) = (m.max(n) as f64, m.min(n) as f64);
    (shorter / longer, (variance * longer).sqrt())
}

/// λ*(β) = √(2(β+1) + 8β/(β+1+√(β²+14β+1))), 4/√3 for square matrices.
fn threshold_factor(beta: f64) -> f64 {
    let root = (beta * beta + 14.0 * beta + 1.0).sqrt();
    (2.0 * (beta + 1.0) + 8.0 * beta / (beta + 1.0 + root)).sqrt()
}

/// The optimal hard threshold for singular values, `λ*(β) σ √max(m, n)`, for known noise: keeping
/// the values above it has the least asymptotic mean square error of all thresholds.
/// Source: Gavish, Donoho, IEEE Trans. Inf. Theory 60 (2014), equation 11.
pub fn hard_threshold(m: usize, n: usize, variance: f64) -> f64 {
    let (beta, unit) = ratio_and_unit(m, n, variance);
    threshold_factor(beta) * unit
}

/// The optimal hard threshold for unknown noise over the median singular value,
/// `ω(β) = λ*(β)/√μ_β`, μ_β the median of the Marchenko-Pastur law (2014, equation 4).
///
/// # Errors
///
/// [`LawError`] when a dimension is zero.
pub fn threshold_over_median(m: usize, n: usize) -> Result<f64, LawError> {
    Ok(hard_threshold(m, n, 1.0) / SingularLaw::new(m, n, 1.0)?.median())
}

/// √((y²-β-1)² - 4β)/y² as a product of factors without cancellation or overflow; `None` up to
/// the edge 1 + √β.
fn root_above_edge(y: f64, beta: f64) -> Option<f64> {
    let (low, high) = (1.0 - beta.sqrt(), 1.0 + beta.sqrt());
    let factor = |edge: f64| (y - edge) / y * (1.0 + edge / y);
    (y > high).then(|| (factor(high) * factor(low)).sqrt())
}

/// The singular value that optimal shrinkage in the Frobenius norm puts in the place of `s`:
/// `η(y) = √((y²-β-1)² - 4β)/y` for `y ≥ 1 + √β`, else 0.
/// Source: Gavish, Donoho, IEEE Trans. Inf. Theory 63 (2017), equation 7.
pub fn shrink(s: f64, m: usize, n: usize, variance: f64) -> f64 {
    let (beta, unit) = ratio_and_unit(m, n, variance);
    let y = s / unit;
    root_above_edge(y, beta).map_or(0.0, |root| root * s)
}

/// The planted singular value θ that shows up at `s` once noise is added, or `None` up to the edge
/// `σ (√m + √n)`: the root above the threshold of `y² = (1+θ²)(β+θ²)/θ²`,
/// `θ² = (y²-β-1 + √((y²-β-1)²-4β))/2`.
/// Source: Benaych-Georges, Nadakuditi, J. Multivariate Anal. 111 (2012).
pub fn planted_value(s: f64, m: usize, n: usize, variance: f64) -> Option<f64> {
    let (beta, unit) = ratio_and_unit(m, n, variance);
    let y = s / unit;
    let root = root_above_edge(y, beta)?;
    let excess = 1.0 - (1.0 + beta) / y / y;
    Some((0.5 * (excess + root)).sqrt() * s)
}

/// Where a planted singular value θ shows up: `σ √max(m,n) · √((1+θ²)(β+θ²))/θ`, or at the edge when
/// `θ⁴ ≤ β` (in units of `σ √max(m, n)`; Baik, Ben Arous, Péché 2005).
pub fn observed_value(planted: f64, m: usize, n: usize, variance: f64) -> f64 {
    let (beta, unit) = ratio_and_unit(m, n, variance);
    let theta = (planted / unit).max(beta.sqrt().sqrt());
    theta.hypot(1.0) * theta.hypot(beta.sqrt()) / theta * unit
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, spectrum_of};
    use super::*;

    #[test]
    fn square_matrices_have_the_threshold_four_over_root_three() {
        let threshold = hard_threshold(100, 100, 1.0) / 10.0;
        assert!((threshold - 4.0 / 3.0_f64.sqrt()).abs() < 4.0 * f64::EPSILON);
        // The limit of long matrices is √2.
        assert!(
            (hard_threshold(1, 1 << 40, 1.0) / 2.0_f64.powi(20) - 2.0_f64.sqrt()).abs() < 1e-11
        );
    }

    #[test]
    fn the_threshold_over_the_median_is_that_of_the_integrated_density() {
        // SciPy 1.17.1: the median by brentq on quad of the density, xtol 1e-12. The table of Gavish
        // and Donoho (2014) has 1.5194, 1.6089, 2.1711, 2.8582, the last digits off by up to two.
        for (m, n, omega) in [
            (1, 20, 1.519_340_959_6),
            (10, 1, 1.608_771_557_4),
            (1, 2, 2.171_185_348_5),
            (1, 1, 2.858_362_424_1),
        ] {
            let found = threshold_over_median(m, n).unwrap();
            assert!((found - omega).abs() < 1e-9, "{m}x{n}: {found}");
        }
    }

    #[test]
    fn the_threshold_is_where_keeping_and_dropping_cost_the_same() {
        // Dropping costs θ²; keeping costs y² + θ² - 2 y θ c_l c_r, and η = θ c_l c_r by its definition.
        for (m, n) in [(100, 100), (50, 200), (300, 20)] {
            let y = hard_threshold(m, n, 0.5);
            let theta = planted_value(y, m, n, 0.5).unwrap();
            let keeping = y * y + theta * theta - 2.0 * y * shrink(y, m, n, 0.5);
            assert!((keeping / (theta * theta) - 1.0).abs() < 1e-13, "{m}x{n}");
        }
    }

    #[test]
    fn planted_and_observed_are_inverse() {
        for (m, n, variance) in [(100, 100, 1.0), (50, 200, 0.01), (784, 10, 3.0)] {
            let threshold = (variance * (m as f64 * n as f64).sqrt()).sqrt();
            for factor in [1.01, 1.5, 3.0, 100.0, 1e8] {
                let planted = threshold * factor;
                let observed = observed_value(planted, m, n, variance);
                let back = planted_value(observed, m, n, variance).unwrap();
                // dy/dθ vanishes at the threshold: ε of y is ε/(factor-1)² of θ there.
                let tolerance = 8.0 * f64::EPSILON * (1.0 + 1.0 / (factor - 1.0).powi(2));
                assert!(
                    (back / planted - 1.0).abs() < tolerance,
                    "{m}x{n} {factor}: {back}"
                );
            }
            let edge = SingularLaw::new(m, n, variance).unwrap().upper_edge();
            assert!((observed_value(0.5 * threshold, m, n, variance) / edge - 1.0).abs() < 1e-14);
            assert_eq!(planted_value(edge * 0.999, m, n, variance), None);
            assert_eq!(shrink(edge * 0.999, m, n, variance), 0.0);
        }
    }

    #[test]
    fn the_shrinker_is_the_square_of_square_matrices() {
        // β = 1: η = √(y² - 4).
        for y in [2.5, 3.0, 10.0] {
            let shrunk = shrink(10.0 * y, 100, 100, 1.0);
            assert!((shrunk - 10.0 * (y * y - 4.0_f64).sqrt()).abs() < 1e-13 * shrunk);
        }
        assert_eq!(shrink(1e200, 10, 10, 1.0), 1e200);
    }

    #[test]
    fn simulation_finds_what_was_planted() {
        // Outliers fluctuate by σ times a number below 2 for θ this far above the threshold; with a
        // few more for finite size. 3 against distances of 20 and more.
        let mut sample = Sample::new(8);
        let planted = [120.0, 90.0, 60.0, 40.0];
        for (m, n) in [(200, 300), (300, 200), (250, 250)] {
            let values = spectrum_of(&sample.spiked(m, n, &planted));
            for (s, theta) in values.iter().zip(planted) {
                assert!(
                    (observed_value(theta, m, n, 1.0) - s).abs() < 3.0,
                    "{m}x{n} {theta}: {s}"
                );
                let found = planted_value(*s, m, n, 1.0).unwrap();
                assert!((found - theta).abs() < 4.0, "{m}x{n} {theta}: {found}");
            }
        }
    }
}
