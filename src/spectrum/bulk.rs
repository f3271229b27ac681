//! The variance of the noise under a spectrum that may hold more than noise.

use statrs::distribution::ContinuousCDF;

use super::SingularLaw;
use super::wishart_edge::noise_edge;

/// The 0.99 quantile of Tracy-Widom of order one: what a value must exceed to be left out.
const EDGE_QUANTILE: f64 = 2.023_449;

/// Fewest values a bulk is fitted to.
const FEWEST: usize = 4;

/// Order statistics compared with the law, at most.
const ORDERS: usize = 64;

/// The noise under a spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BulkFit {
    /// σ², variance of the noise entries.
    pub variance: f64,
    /// Leading values above the edge of that noise (Tracy-Widom, 1 %), left out of the fit.
    pub excluded: usize,
    /// Trailing values that are zero to working precision, left out as well.
    pub zeros: usize,
    /// Rounds until the number left out stayed the same.
    pub iterations: usize,
}

/// Fits σ² of the noise to the middle half of the singular values (descending) of an `m × n`
/// matrix: `σ = Σ q s / Σ q²` over up to 64 order statistics s between the quartiles of the values
/// not left out, q their quantiles under [`SingularLaw`] of σ = 1.
///
/// With k values left out the rest is compared with the law of `(m-k) × (n-k)` (Kritchman, Nadler
/// 2009). Round by round, all values above the 99 % edge of the largest noise value leave; k never
/// falls, so it ends at the smallest k that agrees with itself. Values below `max(m, n) ε s₁` count
/// as zeros of dead rows: with z of them the law is that of `min(m, n) - z` rows. Scaling all
/// values by a power of two scales σ² exactly. `None` when fewer than four values remain.
///
/// For pure noise the relative error of σ² is of the order `1/min(m, n)`; k spikes of any size
/// leave it there while k is small beside `min(m, n)`. What the edge does not tell from noise
/// (planted values below the threshold of Baik, Ben Arous and Péché) stays in.
pub fn fit_bulk_variance(singular_values: &[f64], m: usize, n: usize) -> Option<BulkFit> {
    let largest = *singular_values.first()?;
    let negligible = m.max(n) as f64 * f64::EPSILON * largest;
    let live = singular_values
        .partition_point(|&s| s > negligible)
        .min(m.min(n));
    let zeros = m.min(n) - live;
    let values = &singular_values[..live];
    let (shorter, longer) = (live, m.max(n));

    let mut excluded = 0;
    let mut iterations = 0;
    loop {
        if live < excluded + FEWEST {
            return None;
        }
        iterations += 1;
        let (rows, columns) = (shorter - excluded, longer - excluded);
        let deviation = middle_deviation(&values[excluded..], rows, columns)?;
        let edge = noise_edge(rows, columns, deviation, EDGE_QUANTILE);
        let above = values.partition_point(|&s| s > edge);
        if above <= excluded {
            return Some(BulkFit {
                variance: deviation * deviation,
                excluded,
                zeros,
                iterations,
            });
        }
        excluded = above;
    }
}

/// σ by least squares between quartiles: the i-th of N ascending values against the quantile at
/// `(i + ½)/N`.
fn middle_deviation(descending: &[f64], rows: usize, columns: usize) -> Option<f64> {
    let law = SingularLaw::new(rows, columns, 1.0).ok()?;
    let count = descending.len();
    let (first, last) = (count / 4, count - 1 - count / 4);
    let orders = (last - first + 1).min(ORDERS);
    let (mut product, mut square) = (0.0, 0.0);
    for k in 0..orders {
        let i = if orders == 1 {
            first
        } else {
            first + k * (last - first) / (orders - 1)
        };
        let quantile = law.inverse_cdf((i as f64 + 0.5) / count as f64);
        product += quantile * descending[count - 1 - i];
        square += quantile * quantile;
    }
    Some(product / square)
}

#[cfg(test)]
mod tests {
    use super::super::TracyWidom;
    use super::super::sample::{Sample, spectrum_of};
    use super::*;

    #[test]
    fn the_edge_is_the_quantile() {
        assert!((TracyWidom.inverse_cdf(0.99) - EDGE_QUANTILE).abs() < 5e-7);
    }

    #[test]
    fn quantiles_of_the_law_give_its_variance() {
        // Values placed exactly at the quantiles: no noise, so σ² to rounding.
        for (m, n) in [(4, 4), (50, 80), (300, 10), (128, 128)] {
            let law = SingularLaw::new(m, n, 0.04).unwrap();
            let count = m.min(n);
            let values: Vec<f64> = (0..count)
                .rev()
                .map(|i| law.inverse_cdf((i as f64 + 0.5) / count as f64))
                .collect();
            let fit = fit_bulk_variance(&values, m, n).unwrap();
            assert!(
                (fit.variance / 0.04 - 1.0).abs() < 1e-13,
                "{m}x{n}: {fit:?}"
            );
            assert_eq!((fit.excluded, fit.zeros, fit.iterations), (0, 0, 1));
        }
    }

    /// √(2/(mn)), the standard error of σ² from all entries of an m × n Gaussian matrix; no
    /// estimate does better, and that from the middle half of the spectrum costs up to 1.5 times it.
    fn standard_error(m: usize, n: usize) -> f64 {
        (2.0 / (m * n) as f64).sqrt()
    }

    #[test]
    fn gaussian_noise_gives_back_its_variance() {
        let mut sample = Sample::new(3);
        for (m, n) in [(30, 30), (20, 200), (64, 256), (200, 100), (100, 100)] {
            let errors: Vec<f64> = (0..40)
                .map(|_| {
                    let values = spectrum_of(&sample.gaussian(m, n));
                    fit_bulk_variance(&values, m, n).unwrap().variance - 1.0
                })
                .collect();
            let mean = errors.iter().sum::<f64>() / 40.0;
            let root_mean_square = (errors.iter().map(|e| e * e).sum::<f64>() / 40.0).sqrt();
            // The spread of 40 draws is known to 1/√80 = 11 %, three deviations of that.
            assert!(
                root_mean_square < 1.5 * 1.33 * standard_error(m, n),
                "{m}x{n}: {root_mean_square}"
            );
            assert!(
                mean.abs() < 1.5 * 4.0 / 40.0_f64.sqrt() * standard_error(m, n),
                "{m}x{n}: {mean}"
            );
        }
    }

    #[test]
    fn ten_spikes_of_any_size_do_not_move_it() {
        let mut sample = Sample::new(4);
        let (m, n) = (150, 200);
        for size in [30.0, 100.0, 1e4, 1e9] {
            let values = spectrum_of(&sample.spiked(m, n, &[size; 10]));
            let fit = fit_bulk_variance(&values, m, n).unwrap();
            assert_eq!(fit.excluded, 10);
            assert!(
                (fit.variance - 1.0).abs() < 5.0 * 1.5 * standard_error(m, n),
                "{size}: {fit:?}"
            );
        }
        // At the threshold θ⁴ = m n σ⁴, or below it, they hide in the bulk: at most ten of 150 orders
        // move by ten places, and ten places are 10/75 of the middle half's width.
        for size in [1.0, 10.0, 13.0, 16.0, 20.0] {
            let values = spectrum_of(&sample.spiked(m, n, &[size; 10]));
            let fit = fit_bulk_variance(&values, m, n).unwrap();
            assert!((fit.variance - 1.0).abs() < 10.0 / 75.0, "{size}: {fit:?}");
        }
    }

    #[test]
    fn a_perturbation_of_thirty_per_cent_is_taken_out() {
        // 45 of 150 directions, the smallest 1.5 times the threshold: all leave, and 105 × 155 of noise
        // remain to estimate from.
        let mut sample = Sample::new(5);
        let (m, n) = (150, 200);
        for size in [20.0, 100.0, 1e6] {
            let planted: Vec<f64> = (0..45).map(|i| size * (1.0 + f64::from(i))).collect();
            let values = spectrum_of(&sample.spiked(m, n, &planted));
            let fit = fit_bulk_variance(&values, m, n).unwrap();
            assert!((43..=46).contains(&fit.excluded), "{size}: {fit:?}");
            assert!(
                (fit.variance - 1.0).abs() < 5.0 * 1.5 * standard_error(105, 155),
                "{size}: {fit:?}"
            );
        }
    }

    #[test]
    fn scaling_scales() {
        let mut sample = Sample::new(6);
        let values = spectrum_of(&sample.spiked(40, 70, &[40.0, 35.0, 20.0]));
        let fit = fit_bulk_variance(&values, 40, 70).unwrap();
        for power in [-300, -20, 1, 300] {
            let scale = 2.0_f64.powi(power);
            let scaled: Vec<f64> = values.iter().map(|s| s * scale).collect();
            let again = fit_bulk_variance(&scaled, 40, 70).unwrap();
            assert_eq!(
                again,
                BulkFit {
                    variance: fit.variance * scale * scale,
                    ..fit
                }
            );
        }
        let tripled: Vec<f64> = values.iter().map(|s| s * 3.0).collect();
        let again = fit_bulk_variance(&tripled, 40, 70).unwrap();
        assert!((again.variance / (9.0 * fit.variance) - 1.0).abs() < 1e-13);
        assert_eq!(fit_bulk_variance(&values, 70, 40), Some(fit));
    }

    #[test]
    fn dead_rows_are_no_noise() {
        // 40 of 100 rows are zero: what is left is a 60 × 150 matrix of variance one.
        let mut sample = Sample::new(7);
        let mut values = spectrum_of(&sample.gaussian(60, 150));
        values.resize(100, 0.0);
        let fit = fit_bulk_variance(&values, 100, 150).unwrap();
        assert_eq!(fit.zeros, 40);
        assert!(
            (fit.variance - 1.0).abs() < 5.0 * 1.5 * standard_error(60, 150),
            "{fit:?}"
        );
    }

    #[test]
    fn too_few_values_are_no_bulk() {
        assert_eq!(fit_bulk_variance(&[], 0, 5), None);
        assert_eq!(fit_bulk_variance(&[1.0, 0.9, 0.8], 3, 5), None);
        assert_eq!(fit_bulk_variance(&[0.0; 8], 8, 8), None);
        assert_eq!(
            fit_bulk_variance(&[3.0, 2.0, 1e-17, 0.0, 0.0, 0.0], 6, 6),
            None
        );
    }
}
