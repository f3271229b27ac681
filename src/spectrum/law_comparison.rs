//! A layer's singular values beside the Marchenko-Pastur law of its blocks' shape.

use super::draws::Shape;
use super::{
    KsSide, LawComparison, SingularLaw, Spike, count_spikes, fit_bulk_variance, ks_distance,
    planted_value,
};

/// The law of the entries' variance, about zero: Σ s² over the number of entries.
///
/// `values` are those of all blocks, descending; `None` for a zero matrix.
pub(super) fn entry_law(values: &[f64], shape: Shape) -> Option<SingularLaw> {
    let variance = values.iter().map(|s| s * s).sum::<f64>() / shape.entries() as f64;
    SingularLaw::new(shape.rows, shape.columns, variance).ok()
}

/// The law whose variance is fitted to the bulk, and how many leading values it leaves out.
pub(super) fn bulk_law(values: &[f64], shape: Shape) -> Option<(SingularLaw, usize)> {
    let fit = fit_bulk_variance(values, shape.rows, shape.columns)?;
    let law = SingularLaw::new(shape.rows, shape.columns, fit.variance).ok()?;
    Some((law, fit.excluded))
}

/// Two-sided distance of the values but for the leading `excluded` from `law`.
pub(super) fn distance(values: &[f64], excluded: usize, law: &SingularLaw) -> f64 {
    ks_distance(&values[excluded..], KsSide::Two, |s| {
        statrs::distribution::ContinuousCDF::cdf(law, s)
    })
}

/// Values of single blocks that Tracy and Widom's law finds too large for noise of `variance`, at
/// `level` over all blocks together, largest first.
pub(super) fn spikes(blocks: &[Vec<f64>], shape: Shape, variance: f64, level: f64) -> Vec<Spike> {
    let each = 1.0 - (1.0 - level) / blocks.len() as f64;
    let mut spikes: Vec<Spike> = blocks
        .iter()
        .flat_map(|values| {
            count_spikes(values, shape.rows, shape.columns, variance, each)
                .into_iter()
                .map(|(index, p)| Spike {
                    singular_value: values[index],
                    p_value: (p * blocks.len() as f64).min(1.0),
                    signal: planted_value(
                        values[index],
                        shape.rows,
                        shape.columns,
                        variance.sqrt(),
                    ),
                })
        })
        .collect();
    spikes.sort_by(|a, b| b.singular_value.total_cmp(&a.singular_value));
    spikes
}

/// Everything the law says of the values: `all` of them in descending order, and block by block.
pub(super) fn compare(
    all: &[f64],
    blocks: &[Vec<f64>],
    shape: Shape,
    (law, excluded): (SingularLaw, usize),
    level: f64,
) -> LawComparison {
    let (m, n) = (shape.rows as f64, shape.columns as f64);
    let variance = law.entry_variance();
    let (lower, upper) = (law.lower_edge(), law.upper_edge());
    let outside = |s: &&f64| **s < lower || **s > upper;
    let energy: f64 = all.iter().map(|s| s * s).sum();
    let spike_list = spikes(blocks, shape, variance, level);
    LawComparison {
        variance,
        aspect_ratio: m / n,
        lower_edge: lower * lower / n,
        upper_edge: upper * upper / n,
        lower_singular_value: lower,
        upper_singular_value: upper,
        ks_distance: distance(all, excluded, &law),
        ks_p_value: None,
        fraction_outside: all.iter().filter(outside).count() as f64 / all.len() as f64,
        energy_outside: all.iter().filter(outside).map(|s| s * s).sum::<f64>() / energy,
        spikes: spike_list.len(),
        spike_list,
        soft_rank: (all[0] > 0.0).then(|| (upper / all[0]).powi(2).min(1.0)),
    }
}
