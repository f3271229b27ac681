//! A layer's singular values beside the Marchenko-Pastur law of its blocks' shape.

use super::draws::Shape;
use super::{
    BulkFit, KsSide, LawComparison, SingularLaw, Spike, count_spikes, fit_bulk_variance,
    ks_distance, planted_value,
};
use statrs::distribution::ContinuousCDF;

/// A law of the singular values of one block, and how many leading values it leaves out.
#[derive(Debug)]
pub(super) struct BlockLaw {
    pub variance: f64,
    law: SingularLaw,
    /// The law of what is left of a block without the values left out.
    rest: SingularLaw,
    excluded: usize,
    zeros: usize,
}

impl BlockLaw {
    fn new(shape: Shape, variance: f64, excluded: usize, zeros: usize) -> Option<BlockLaw> {
        let each = |count: usize| (count as f64 / shape.blocks as f64).round() as usize;
        let short = shape.rows.min(shape.columns) - each(excluded) - each(zeros);
        let (rows, columns) = (short, shape.rows.max(shape.columns) - each(excluded));
        Some(BlockLaw {
            variance,
            law: SingularLaw::new(shape.rows, shape.columns, variance).ok()?,
            rest: SingularLaw::new(rows, columns, variance).ok()?,
            excluded,
            zeros,
        })
    }

    /// With the variance of the entries about zero, Σ s² over their number; `None` for a zero
    /// matrix.
    pub fn of_entries(values: &[f64], shape: Shape) -> Option<BlockLaw> {
        let energy: f64 = values.iter().map(|s| s * s).sum();
        BlockLaw::new(shape, energy / shape.entries() as f64, 0, 0)
    }

    /// With a variance fitted to the bulk of each block and averaged over the blocks. Each value left
    /// out takes a row and a column with it (Kritchman, Nadler 2009), each zero a dead row.
    pub fn of_bulk(blocks: &[Vec<f64>], shape: Shape) -> Option<BlockLaw> {
        let fits: Vec<BulkFit> = blocks
            .iter()
            .filter_map(|values| fit_bulk_variance(values, shape.rows, shape.columns))
            .collect();
        let sum: f64 = fits.iter().map(|fit| fit.variance).sum();
        let excluded = fits.iter().map(|fit| fit.excluded).sum();
        let zeros = fits.iter().map(|fit| fit.zeros).sum();
        BlockLaw::new(shape, sum / fits.len() as f64, excluded, zeros)
    }

    /// Two-sided distance of the law from `values`, descending, but for those left out.
    pub fn distance(&self, values: &[f64]) -> f64 {
        let bulk = &values[self.excluded..values.len() - self.zeros];
        ks_distance(bulk, KsSide::Two, |s| self.rest.cdf(s))
    }
}

/// Values of single blocks that Tracy and Widom's law finds too large for noise of `variance`, at
/// p-values up to `significance` over all blocks together, largest first.
pub(super) fn spikes(
    blocks: &[Vec<f64>],
    shape: Shape,
    variance: f64,
    significance: f64,
) -> Vec<Spike> {
    let each = 1.0 - significance / blocks.len() as f64;
    let mut spikes: Vec<Spike> = blocks
        .iter()
        .flat_map(|values| {
            count_spikes(values, shape.rows, shape.columns, variance, each)
                .into_iter()
                .map(|(index, p)| Spike {
                    singular_value: values[index],
                    p_value: (p * blocks.len() as f64).min(1.0),
                    signal: planted_value(values[index], shape.rows, shape.columns, variance),
                })
        })
        .collect();
    spikes.sort_by(|a, b| b.singular_value.total_cmp(&a.singular_value));
    spikes
}

/// Everything `law` says of the values: `all` of them in descending order, and block by block.
pub(super) fn compare(
    all: &[f64],
    blocks: &[Vec<f64>],
    shape: Shape,
    law: BlockLaw,
    significance: f64,
) -> LawComparison {
    let n = shape.columns as f64;
    let (lower, upper) = (law.law.lower_edge(), law.law.upper_edge());
    let outside: Vec<f64> = all
        .iter()
        .copied()
        .filter(|&s| s < lower || s > upper)
        .collect();
    let energy = |values: &[f64]| values.iter().map(|s| s * s).sum::<f64>();
    let spike_list = spikes(blocks, shape, law.variance, significance);
    LawComparison {
        variance: law.variance,
        aspect_ratio: shape.rows as f64 / n,
        lower_edge: lower * lower / n,
        upper_edge: upper * upper / n,
        lower_singular_value: lower,
        upper_singular_value: upper,
        ks_distance: law.distance(all),
        ks_p_value: None,
        fraction_outside: outside.len() as f64 / all.len() as f64,
        energy_outside: energy(&outside) / energy(all),
        spikes: spike_list.len(),
        spike_list,
        soft_rank: (all[0] > 0.0).then(|| (upper / all[0]).powi(2).min(1.0)),
    }
}
