//! One layer's spectrum as the script of the page draws it.

use serde::Serialize;

use crate::report::curves::{Histogram, bulk_share, kept_orders};
use crate::report::layers::spikes;
use crate::report::text::shown_sentence;
use crate::spectrum::{BlockSpectrum, LawComparison, LayerSpectrum, RandomBaseline};

#[derive(Serialize)]
pub(super) struct SpectrumData {
    verdict: String,
    /// Values above the bulk, of all blocks together where there are blocks.
    spikes: Option<usize>,
    kind: crate::spectrum::VerdictKind,
    /// Rows and columns of the matrix (of a block where there are blocks).
    m: usize,
    n: usize,
    count: usize,
    effective_rank: Option<f64>,
    law: Option<LawData>,
    bulk: Option<LawData>,
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
    spikes: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spike_list: Vec<(f64, f64, Option<f64>)>,
}

#[derive(Serialize)]
struct TailData {
    alpha: f64,
    error: f64,
    x_min: f64,
    size: usize,
    ks: f64,
}

#[derive(Serialize)]
struct BaselineData {
    kind: crate::spectrum::BaselineKind,
    draws: usize,
    level: f64,
    distance: f64,
    expected: f64,
    largest: f64,
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
    SpectrumData {
        verdict: shown_sentence(&s.verdict.text),
        spikes: spikes(s),
        kind: s.verdict.kind,
        m,
        n,
        count,
        effective_rank: s.effective_rank,
        law: s
            .marchenko_pastur
            .as_ref()
            .map(|law| law_data(law, 1.0, false)),
        bulk: s
            .fitted_bulk
            .as_ref()
            .map(|law| law_data(law, bulk_share(law, count), true)),
        tail: s.power_law.as_ref().map(|p| TailData {
            alpha: p.alpha,
            error: p.alpha_error,
            x_min: p.x_min,
            size: p.tail_size,
            ks: p.ks_distance,
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
        spikes: law.spikes,
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
        ratio: kept
            .iter()
            .map(|&i| Some(b.ratios[i - 1]).filter(|r| r.is_finite()))
            .collect(),
        low: over_mean(&b.lower),
        high: over_mean(&b.upper),
        orders: (kept.len() < b.ratios.len()).then_some(kept),
    }
}
