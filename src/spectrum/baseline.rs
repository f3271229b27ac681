//! A layer beside random matrices R of its shape and variance, order by order.

use super::draws::{Draw, Shape, descending, gaussian_draws, shuffle_draws};
use super::law_comparison::distance_to_own_law;
use super::{BaselineKind, LayerMatrix, RandomBaseline, Settings, fit_power_law};
use rayon::prelude::*;

/// Spectra of random layers of one shape, and what the statistics of a layer are in them.
#[derive(Debug)]
pub(super) struct Baseline {
    kind: BaselineKind,
    draws: usize,
    level: f64,
    /// Root mean square entry of the draws.
    deviation: f64,
    /// Spectrum by spectrum, descending.
    spectra: Vec<Vec<f64>>,
    mean: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// Mean over orders of |1 - sᵢ/mean|, averaged over draws.
    expected_distance: f64,
    /// Distance to the law of the draw's own mean square, draw by draw.
    distances: Vec<f64>,
    /// Exponents of power laws fitted to the draws.
    alphas: Vec<f64>,
}

impl Baseline {
    /// Gaussian entries of variance 1.
    pub fn gaussian(shape: Shape, settings: &Settings) -> Baseline {
        let draws = gaussian_draws(shape, settings.draws, settings.seed);
        Baseline::of(BaselineKind::Gaussian, draws, 1.0, shape, settings)
    }

    /// The layer's own entries, shuffled; `deviation` is their standard deviation.
    pub fn shuffled(layer: &LayerMatrix<'_>, deviation: f64, settings: &Settings) -> Baseline {
        let draws = shuffle_draws(layer, settings.draws, settings.seed);
        let kind = BaselineKind::Shuffle;
        Baseline::of(kind, draws, deviation, Shape::of(layer), settings)
    }

    fn of(
        kind: BaselineKind,
        draws: Vec<Draw>,
        deviation: f64,
        shape: Shape,
        settings: &Settings,
    ) -> Baseline {
        let count = draws.len();
        // Each divided by its own deviation, as the layer is that is held beside them: a band of
        // draws whose scale varies as well would be too wide.
        let sorted: Vec<Vec<f64>> = draws
            .iter()
            .map(|draw| {
                let values = descending(draw.concat());
                let energy: f64 = values.iter().map(|s| s * s).sum();
                let own = (energy / shape.entries() as f64).sqrt();
                values.iter().map(|s| s * deviation / own).collect()
            })
            .collect();
        let orders = sorted.first().map_or(0, Vec::len);
        let tail = ((count + 1) as f64 * (1.0 - settings.level) / 2.0) as usize;
        let tail = tail.clamp(1, count.div_ceil(2)) - 1;
        let (mut mean, mut lower, mut upper) = (Vec::new(), Vec::new(), Vec::new());
        let mut column = vec![0.0; count];
        for order in 0..orders {
            for (x, values) in column.iter_mut().zip(&sorted) {
                *x = values[order];
            }
            column.sort_unstable_by(f64::total_cmp);
            mean.push(column.iter().sum::<f64>() / count as f64);
            lower.push(column[tail]);
            upper.push(column[count - 1 - tail]);
        }
        let distances = sorted
            .par_iter()
            .filter_map(|values| distance_to_own_law(values, shape))
            .collect();
        let alphas = sorted
            .par_iter()
            .filter_map(|values| {
                let eigenvalues = eigenvalues(values, shape.columns);
                fit_power_law(&eigenvalues, settings.ks_side, settings.min_tail)
            })
            .map(|fit| fit.alpha)
            .collect();
        let mut baseline = Baseline {
            kind,
            draws: count,
            level: settings.level,
            deviation,
            expected_distance: 0.0,
            distances,
            alphas,
            spectra: sorted,
            mean,
            lower,
            upper,
        };
        baseline.expected_distance = baseline.distance_to(&baseline.mean);
        baseline
    }

    /// Mean over the draws of their mean distance to `reference`, in units of the draws.
    fn distance_to(&self, reference: &[f64]) -> f64 {
        let distances = self.spectra.iter().map(|s| mean_distance(s, reference));
        distances.sum::<f64>() / self.spectra.len() as f64
    }

    /// What a random layer of this shape, `blocks` blocks of Gaussian entries, has for a mean
    /// distance to the mean of `full` when its variance is `blocks` times the other's.
    pub fn chance_distance(&self, full: &Baseline, blocks: usize) -> f64 {
        let level = (blocks as f64).sqrt() * full.deviation / self.deviation;
        let reference: Vec<f64> = full.mean.iter().map(|r| r / level).collect();
        self.distance_to(&reference)
    }

    /// `values`, descending, beside the draws scaled to entries of standard deviation `deviation`.
    pub fn compare(&self, values: &[f64], deviation: f64) -> RandomBaseline {
        let c = deviation / self.deviation;
        let scaled = |xs: &[f64]| xs.iter().map(|x| x * c).collect::<Vec<f64>>();
        let (mean, lower, upper) = (scaled(&self.mean), scaled(&self.lower), scaled(&self.upper));
        let ratios: Vec<f64> = values.iter().zip(&mean).map(|(s, r)| s / r).collect();
        let leaves = |i: usize| values[i] < lower[i] || values[i] > upper[i];
        let last = values.len() - 1;
        RandomBaseline {
            kind: self.kind,
            draws: self.draws,
            level: self.level,
            mean_distance: mean_distance(values, &mean),
            expected_distance: self.expected_distance,
            largest_ratio: ratios[0],
            smallest_ratio: Some(ratios[last]).filter(|r| r.is_finite()),
            largest_leaves_band: leaves(0),
            smallest_leaves_band: leaves(last),
            fraction_outside_band: (0..=last).filter(|&i| leaves(i)).count() as f64
                / values.len() as f64,
            ratios,
            mean,
            lower,
            upper,
        }
    }

    /// Chance of a distance to the law of its own mean square as large as `ks`.
    pub fn ks_p_value(&self, ks: f64) -> Option<f64> {
        share_at_least(&self.distances, ks)
    }

    /// Chance of a power-law exponent as small as `alpha`.
    pub fn alpha_p_value(&self, alpha: f64) -> Option<f64> {
        let negative: Vec<f64> = self.alphas.iter().map(|a| -a).collect();
        share_at_least(&negative, -alpha)
    }
}

/// Mean over orders of |1 - sᵢ/rᵢ|; orders that vanish in R do not count.
pub(super) fn mean_distance(values: &[f64], mean: &[f64]) -> f64 {
    let distances: Vec<f64> = values
        .iter()
        .zip(mean)
        .filter(|(_, r)| **r > 0.0)
        .map(|(s, r)| (1.0 - s / r).abs())
        .collect();
    distances.iter().sum::<f64>() / distances.len().max(1) as f64
}

/// Eigenvalues s²/n.
pub(super) fn eigenvalues(values: &[f64], columns: usize) -> Vec<f64> {
    values.iter().map(|s| s * s / columns as f64).collect()
}

/// The p-value (1 + number of null values ≥ x) / (1 + number of them) of a Monte-Carlo test.
fn share_at_least(null: &[f64], x: f64) -> Option<f64> {
    let exceeding = null.iter().filter(|&&y| y >= x).count();
    (!null.is_empty()).then(|| (1 + exceeding) as f64 / (1 + null.len()) as f64)
}
