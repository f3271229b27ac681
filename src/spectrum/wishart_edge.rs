//! The largest singular value of pure noise.

use statrs::distribution::ContinuousCDF;

use super::TracyWidom;

/// Centre and scale of `s₁²/σ²` for an `m × n` matrix of independent real Gaussian entries:
/// `(√(m-½) + √(n-½))²` and `(√(m-½) + √(n-½)) (1/√(m-½) + 1/√(n-½))^(1/3)`.
///
/// Johnstone (2001) has `n - 1` and `m`; Ma (Bernoulli 18, 2012) takes ½ off both, which is
/// symmetric and lowers the error of the limit from `O(min^(-1/3))` to `O(min^(-2/3))`.
fn centre_and_scale(m: usize, n: usize) -> (f64, f64) {
    let (a, b) = ((m as f64 - 0.5).sqrt(), (n as f64 - 0.5).sqrt());
    ((a + b).powi(2), (a + b) * (1.0 / a + 1.0 / b).cbrt())
}

/// Chance that the largest singular value of an `m × n` matrix of independent Gaussian entries of
/// the given variance is at least `s`: Tracy-Widom of order one at the centred and scaled `s²`.
/// Symmetric in m and n; unchanged when s scales by c and the variance by c².
///
/// # Panics
///
/// When a dimension is zero.
pub fn spike_p_value(s: f64, m: usize, n: usize, variance: f64) -> f64 {
    assert!(m > 0 && n > 0, "spike_p_value of a {m} x {n} matrix");
    let (centre, scale) = centre_and_scale(m, n);
    let ratio = s / variance.sqrt();
    TracyWidom.sf((ratio * ratio - centre) / scale)
}

/// The singular value that the largest one of an `m × n` noise matrix exceeds with the chance
/// that Tracy-Widom exceeds `quantile`.
pub(super) fn noise_edge(m: usize, n: usize, deviation: f64, quantile: f64) -> f64 {
    let (centre, scale) = centre_and_scale(m, n);
    deviation * (centre + scale * quantile).max(0.0).sqrt()
}

/// The leading singular values that noise does not explain, with their p-values.
///
/// The k-th value (from 0, descending) is tested against the noise of an `(m-k) × (n-k)` matrix,
/// for k spikes take as many dimensions out of it; the first value with `p > 1 - level` ends the
/// list (Kritchman, Nadler, IEEE Trans. Signal Process. 57, 2009). `variance` is that of the noise.
pub fn count_spikes(
    singular_values: &[f64],
    m: usize,
    n: usize,
    variance: f64,
    level: f64,
) -> Vec<(usize, f64)> {
    singular_values
        .iter()
        .take(m.min(n))
        .enumerate()
        .map(|(k, &s)| (k, spike_p_value(s, m - k, n - k, variance)))
        .take_while(|&(_, p)| p <= 1.0 - level)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, spectrum_of};
    use super::*;

    #[test]
    fn is_symmetric_and_scale_free() {
        let p = spike_p_value(30.0, 100, 250, 1.0);
        assert_eq!(p, spike_p_value(30.0, 250, 100, 1.0));
        assert_eq!(p, spike_p_value(60.0, 100, 250, 4.0));
        assert!(p < 1e-10 && p > 0.0);
    }

    #[test]
    fn edge_and_p_value_are_inverse() {
        for (m, n) in [(5, 5), (10, 64), (300, 300)] {
            for level in [0.5, 0.95, 0.99] {
                let edge = noise_edge(m, n, 0.3, TracyWidom.inverse_cdf(level));
                let p = spike_p_value(edge, m, n, 0.09);
                assert!((p - (1.0 - level)).abs() < 1e-12, "{m}x{n}");
            }
        }
    }

    #[test]
    fn p_values_of_noise_are_uniform() {
        // The share of Gaussian matrices with p ≤ α: 100,000 draws by numpy 2.4.6 against a grid of
        // the law by SciPy 1.17.1. Here 400 draws, five binomial deviations wide.
        let mut sample = Sample::new(1);
        let draws = 400;
        for (m, n, shares) in [
            (
                10,
                40,
                [(0.05, 0.0483), (0.1, 0.0965), (0.5, 0.5099), (0.9, 0.9276)],
            ),
            (
                30,
                30,
                [(0.05, 0.0483), (0.1, 0.0963), (0.5, 0.5048), (0.9, 0.9208)],
            ),
        ] {
            let p: Vec<f64> = (0..draws)
                .map(|_| spike_p_value(spectrum_of(&sample.gaussian(m, n))[0], m, n, 1.0))
                .collect();
            for (alpha, expected) in shares {
                let share = p.iter().filter(|&&p| p <= alpha).count() as f64 / f64::from(draws);
                let deviation: f64 = expected * (1.0 - expected) / f64::from(draws);
                assert!(
                    (share - expected).abs() < 5.0 * deviation.sqrt(),
                    "{m}x{n} {alpha}: {share}"
                );
            }
        }
    }

    #[test]
    fn planted_spikes_are_counted() {
        // Planted values of 2 σ√n and more stand clear of the edge; one of 0.3 is inside the bulk.
        let mut sample = Sample::new(2);
        let planted = [40.0, 36.0, 32.0, 28.0, 24.0, 3.0];
        let values = spectrum_of(&sample.spiked(100, 140, &planted));
        let spikes = count_spikes(&values, 100, 140, 1.0, 0.99);
        assert_eq!(spikes.len(), 5);
        assert!(
            spikes
                .iter()
                .enumerate()
                .all(|(i, &(k, p))| i == k && p < 1e-4)
        );
    }

    #[test]
    fn all_values_may_be_spikes() {
        assert_eq!(count_spikes(&[1e9, 1e8, 1e7], 3, 5, 1.0, 0.95).len(), 3);
        assert!(count_spikes(&[0.0; 3], 3, 5, 1.0, 0.95).is_empty());
    }
}
