//! Goodness of fit of a power law, by samples of the fitted law.

use rayon::prelude::*;

use super::{KsSide, PowerLaw, fit_power_law};
use crate::random::Stream;

/// First word of the streams' paths.
const GOODNESS: u64 = 6;
/// Samples in a batch; after each it is asked whether the answer is known.
const BATCH: usize = 40;
/// Samples at most.
const MOST: usize = 200;
/// Samples as far from their law as the values are, after which the p-value is known well enough
/// (Besag, Clifford, Biometrika 78, 1991).
const ENOUGH: usize = 20;

/// Share of samples of the fitted law whose distance, when a power law is fitted to them in the
/// same way, is at least that of `fit`: the semi-parametric bootstrap of Clauset, Shalizi and Newman
/// (2009, section 4.1). A sample has as many values as `ascending`, each drawn from the power law with
/// the chance of the tail and else from the values below it.
///
/// Up to 200 samples, fewer when 20 are as far off: the smallest answer is 1/201.
pub(super) fn goodness_of_fit(
    ascending: &[f64],
    fit: &PowerLaw,
    side: KsSide,
    min_tail: usize,
    seed: u64,
) -> f64 {
    let count = ascending.len();
    let body = &ascending[..count - fit.tail_size];
    let exceeds = |draw: usize| {
        let mut stream = Stream::new(seed, &[GOODNESS, count as u64, draw as u64]);
        let sample: Vec<f64> = (0..count)
            .map(|_| {
                let place = stream.uniform() * count as f64;
                match body.get(place as usize) {
                    Some(&x) => x,
                    None => fit.x_min * (1.0 - stream.uniform()).powf(-1.0 / (fit.alpha - 1.0)),
                }
            })
            .collect();
        let again = fit_power_law(&sample, side, min_tail);
        again.is_some_and(|again| again.ks_distance >= fit.ks_distance)
    };
    let (mut drawn, mut beyond) = (0, 0);
    while drawn < MOST && beyond < ENOUGH {
        let batch = (drawn..drawn + BATCH).into_par_iter();
        beyond += batch.filter(|&draw| exceeds(draw)).count();
        drawn += BATCH;
    }
    (1 + beyond) as f64 / (1 + drawn) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantiles(count: usize, law: impl Fn(f64) -> f64) -> Vec<f64> {
        (0..count)
            .map(|i| law((i as f64 + 0.5) / count as f64))
            .collect()
    }

    /// Catches a p-value that does not know that the law was fitted (Kolmogorov's own would accept the
    /// exponential) and samples that are not of the fitted law.
    #[test]
    fn a_power_law_passes_and_an_exponential_does_not() {
        let fitted = |values: &[f64]| {
            let fit = fit_power_law(values, KsSide::Two, 10).unwrap();
            goodness_of_fit(values, &fit, KsSide::Two, 10, 1)
        };
        let pareto = quantiles(200, |p| (1.0 - p).powf(-0.5));
        assert!(fitted(&pareto) > 0.9);
        // The longest tail only: a short one is a power law of some kind.
        let bounded = quantiles(200, |p| 1.0 + p);
        let fit = fit_power_law(&bounded, KsSide::Two, 150).unwrap();
        assert_eq!(
            goodness_of_fit(&bounded, &fit, KsSide::Two, 150, 1),
            1.0 / 201.0
        );
    }

    /// p-values of true power laws are uniform: of 100 samples, five deviations of the binomial at ½ and
    /// at 0.1. Catches a bootstrap without the choice of x_min, which makes them too small.
    #[test]
    fn p_values_of_power_laws_are_uniform() {
        let mut stream = Stream::new(3, &[]);
        let p: Vec<f64> = (0..100)
            .map(|_| {
                let mut sample: Vec<f64> = (0..80)
                    .map(|_| (1.0 - stream.uniform()).powf(-0.5))
                    .collect();
                sample.sort_unstable_by(f64::total_cmp);
                let fit = fit_power_law(&sample, KsSide::Two, 10).unwrap();
                goodness_of_fit(&sample, &fit, KsSide::Two, 10, 8)
            })
            .collect();
        let below = |limit: f64| p.iter().filter(|&&p| p <= limit).count() as f64;
        assert!((below(0.5) - 50.0).abs() <= 25.0, "{}", below(0.5));
        assert!(below(0.1) <= 25.0, "{}", below(0.1));
    }
}
