//! One layer's spectrum as the script of the page draws it.

use serde::Serialize;

use crate::report::analysis::spikes;
use crate::report::curves::{Histogram, bulk_share, kept_orders};
use crate::report::text::shown_sentence;
use crate::spectrum::{BlockSpectrum, Cleaning, LawComparison, LayerSpectrum, RandomBaseline};

/// Outlying entries named.
const OUTLYING: usize = 5;

#[derive(Serialize)]
pub(super) struct SpectrumData {
    verdict: String,
    /// Chance of a largest value as large in noise.
    p: Option<f64>,
    /// Values above the bulk, of all blocks together where there are blocks.
    spikes: Option<usize>,
    /// What was set aside, as counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aside: Vec<(&'static str, usize)>,
    /// Rows and columns of the first outlying entries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outlying: Vec<(usize, usize)>,
    /// Shuffles of heavy-tailed entries that gave the edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    shuffles: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unequal: Option<crate::spectrum::UnequalLines>,
    kind: crate::spectrum::VerdictKind,
    /// Rows and columns of the matrix (of a block where there are blocks).
    m: usize,
    n: usize,
    count: usize,
    parameters: usize,
    mean: f64,
    variance: f64,
    kurtosis: Option<f64>,
    largest_entry: f64,
    frobenius_norm: f64,
    spectral_norm: f64,
    nuclear_norm: f64,
    rank: usize,
    stable_rank: Option<f64>,
    effective_rank: Option<f64>,
    participation_ratio: Option<f64>,
    condition_number: Option<f64>,
    /// Share of energy in the first 10 values, or the nearest smaller count.
    energy: Option<(usize, f64)>,
    law: Option<LawData>,
    bulk: Option<LawData>,
    threshold: Option<f64>,
    threshold_rank: Option<usize>,
    tail: Option<TailData>,
    baseline: Option<BaselineData>,
    /// Orders at which `values` and the baseline's curves are kept; null when all are.
    orders: Option<Vec<usize>>,
    values: Option<Vec<f64>>,
    bins: Option<Histogram>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<BlocksData>,
}

#[derive(Serialize)]
struct LawData {
    /// Rows and columns of the noise matrix whose law it is.
    m: usize,
    n: usize,
    /// Share of the layer's values that the law accounts for.
    share: f64,
    variance: f64,
    low: f64,
    high: f64,
    ks: f64,
    p: Option<f64>,
    energy_outside: f64,
    spikes: usize,
    below: usize,
    soft_rank: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spike_list: Vec<(f64, f64, Option<f64>)>,
}

#[derive(Serialize)]
struct TailData {
    alpha: f64,
    error: f64,
    x_min: f64,
    x_max: f64,
    size: usize,
    ks: f64,
    p: Option<f64>,
    noise_p: Option<f64>,
    hill: Option<f64>,
    preferred: Option<crate::spectrum::TailLaw>,
}

#[derive(Serialize)]
struct BaselineData {
    kind: crate::spectrum::BaselineKind,
    draws: usize,
    level: f64,
    distance: f64,
    expected: f64,
    largest: f64,
    smallest: Option<f64>,
    outside: f64,
    orders: Option<Vec<usize>>,
    ratio: Vec<Option<f64>>,
    low: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
}

#[derive(Serialize)]
struct BlocksData {
    count: usize,
    rows: usize,
    columns: usize,
    source: crate::spectrum::BlockSource,
    share: f64,
    /// Which blocks (from 1) are kept; null when all are.
    index: Option<Vec<usize>>,
    variance: Vec<f64>,
    norm: Vec<f64>,
    ks: Vec<Option<f64>>,
    p: Vec<Option<f64>>,
    spikes: Vec<Option<usize>>,
    kind: Vec<crate::spectrum::VerdictKind>,
    full: Option<BaselineData>,
}

/// The numbers and curves of a spectrum, with at most so many points.
pub(super) fn spectrum_data(s: &LayerSpectrum, points: usize) -> SpectrumData {
    let (m, n) = s
        .blocks
        .as_ref()
        .map_or((s.rows, s.columns), |b| (b.rows, b.columns));
    let values = s.singular_values.as_deref();
    let count = values.map_or_else(|| s.rows.min(s.columns), <[f64]>::len);
    let edge = s
        .fitted_bulk
        .as_ref()
        .or(s.marchenko_pastur.as_ref())
        .map(|law| law.upper_singular_value);
    let kept = kept_orders(count, points);
    let energy = s.energy.iter().rfind(|e| e.k <= 10);
    SpectrumData {
        verdict: shown_sentence(&s.verdict.text),
        p: s.verdict.p_value,
        spikes: spikes(s),
        aside: set_aside(&s.cleaning),
        outlying: s
            .cleaning
            .outlying_at
            .iter()
            .take(OUTLYING)
            .copied()
            .collect(),
        shuffles: (s.noise.shuffles > 0).then_some(s.noise.shuffles),
        unequal: s.noise.unequal,
        kind: s.verdict.kind,
        m,
        n,
        count,
        parameters: s.parameters,
        mean: s.mean,
        variance: s.variance,
        kurtosis: s.kurtosis,
        largest_entry: s.largest_entry,
        frobenius_norm: s.frobenius_norm,
        spectral_norm: s.spectral_norm,
        nuclear_norm: s.nuclear_norm,
        rank: s.rank,
        stable_rank: s.stable_rank,
        effective_rank: s.effective_rank,
        participation_ratio: s.participation_ratio,
        condition_number: s.condition_number,
        energy: energy.map(|e| (e.k, e.share)),
        law: s
            .marchenko_pastur
            .as_ref()
            .map(|law| law_data(law, 1.0, false)),
        bulk: s
            .fitted_bulk
            .as_ref()
            .map(|law| law_data(law, bulk_share(law, count), true)),
        threshold: s.denoising.as_ref().map(|d| d.threshold),
        threshold_rank: s.denoising.as_ref().map(|d| d.rank),
        tail: s.power_law.as_ref().map(|p| TailData {
            alpha: p.alpha,
            error: p.alpha_error,
            x_min: p.x_min,
            x_max: p.x_max,
            size: p.tail_size,
            ks: p.ks_distance,
            p: p.p_value,
            noise_p: p.noise_p_value,
            hill: p.alpha_hill,
            preferred: p.rivals.as_ref().map(|rivals| rivals.preferred),
        }),
        baseline: s.random_baseline.as_ref().map(|b| baseline_data(b, points)),
        values: values.map(|v| kept.iter().map(|&order| v[order - 1]).collect()),
        orders: (kept.len() < count).then_some(kept),
        bins: values.and_then(|v| Histogram::of(v, edge)),
        blocks: s.blocks.as_ref().map(|b| {
            let kept = kept_orders(b.each.len(), points);
            let blocks: Vec<&BlockSpectrum> = kept.iter().map(|&i| &b.each[i - 1]).collect();
            BlocksData {
                count: b.count,
                rows: b.rows,
                columns: b.columns,
                source: b.source,
                share: b.share,
                variance: blocks.iter().map(|block| block.variance).collect(),
                norm: blocks.iter().map(|block| block.spectral_norm).collect(),
                ks: blocks.iter().map(|block| block.ks_distance).collect(),
                p: blocks.iter().map(|block| block.ks_p_value).collect(),
                spikes: blocks.iter().map(|block| block.spikes).collect(),
                kind: blocks.iter().map(|block| block.kind).collect(),
                index: (kept.len() < b.each.len()).then_some(kept),
                full: b
                    .full_shape_baseline
                    .as_ref()
                    .map(|r| baseline_data(r, points)),
            }
        }),
    }
}

/// What was set aside, as counts above zero, with the noun of one.
fn set_aside(cleaning: &Cleaning) -> Vec<(&'static str, usize)> {
    let all = [
        ("zero row", cleaning.zero_rows),
        ("zero column", cleaning.zero_columns),
        ("repeated row", cleaning.repeated_rows),
        ("repeated column", cleaning.repeated_columns),
        ("outlying entry", cleaning.outlying_entries),
    ];
    all.into_iter().filter(|&(_, count)| count > 0).collect()
}

/// A law that accounts for this share of the values.
fn law_data(law: &LawComparison, share: f64, with_spikes: bool) -> LawData {
    /// Spikes listed on the page.
    const SPIKES: usize = 10;
    LawData {
        m: law.rows,
        n: law.columns,
        share,
        variance: law.variance,
        low: law.lower_singular_value,
        high: law.upper_singular_value,
        ks: law.ks_distance,
        p: law.ks_p_value,
        energy_outside: law.energy_outside,
        spikes: law.spikes,
        below: law.below,
        soft_rank: law.soft_rank,
        spike_list: law
            .spike_list
            .iter()
            .take(if with_spikes { SPIKES } else { 0 })
            .map(|spike| (spike.singular_value, spike.p_value, spike.signal))
            .collect(),
    }
}

fn baseline_data(b: &RandomBaseline, points: usize) -> BaselineData {
    let kept = kept_orders(b.ratios.len(), points);
    let over_mean = |bound: &[f64]| -> Vec<Option<f64>> {
        kept.iter()
            .map(|&i| {
                bound
                    .get(i - 1)
                    .zip(b.mean.get(i - 1))
                    .map(|(bound, mean)| bound / mean)
            })
            .map(|ratio| ratio.filter(|r| r.is_finite()))
            .collect()
    };
    BaselineData {
        kind: b.kind,
        draws: b.draws,
        level: b.level,
        distance: b.mean_distance,
        expected: b.expected_distance,
        largest: b.largest_ratio,
        smallest: b.smallest_ratio,
        outside: b.fraction_outside_band,
        ratio: kept
            .iter()
            .map(|&i| Some(b.ratios[i - 1]).filter(|r| r.is_finite()))
            .collect(),
        low: over_mean(&b.lower),
        high: over_mean(&b.upper),
        orders: (kept.len() < b.ratios.len()).then_some(kept),
    }
}
