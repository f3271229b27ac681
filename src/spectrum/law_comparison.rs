//! A layer's singular values beside the Marchenko-Pastur law of its blocks' shape.

use super::draws::Shape;
use super::finding::{Bulk, Finding};
use super::noise_edge::{lower_edge, spike_edge, spike_p_value};
use super::{KsSide, LawComparison, SingularLaw, Spike, ks_distance, planted_value};
use statrs::distribution::ContinuousCDF;

/// Part of the level that is spent on the smallest value.
const LOWER_SHARE: f64 = 0.2;

/// Distance of `values`, descending, to the law of their own mean square; `None` for zeros.
pub(super) fn distance_to_own_law(values: &[f64], shape: Shape) -> Option<f64> {
    let law = SingularLaw::new(shape.rows, shape.columns, mean_square(values, shape)).ok()?;
    Some(ks_distance(values, KsSide::Two, |s| law.cdf(s)))
}

fn mean_square(values: &[f64], shape: Shape) -> f64 {
    values.iter().map(|s| s * s).sum::<f64>() / shape.entries() as f64
}

/// The values of all blocks together, descending, beside the law with the mean square of the
/// entries; edges for a false value in any block with the chance `level`.
pub(super) fn beside_entries(values: &[f64], shape: Shape, level: f64) -> Option<LawComparison> {
    let variance = mean_square(values, shape);
    let (m, n) = (shape.rows, shape.columns);
    let law = SingularLaw::new(m, n, variance).ok()?;
    let each = level / shape.blocks as f64;
    let lower = lower_edge(LOWER_SHARE * each, m, n, variance, 0.0, false);
    let edges = Edges {
        lower: lower.unwrap_or(law.lower_edge()),
        tested: lower.is_some(),
        upper: spike_edge(each, m, n, variance),
    };
    let p_value = |s| (spike_p_value(s, m, n, variance) * shape.blocks as f64).min(1.0);
    let above = values.iter().take_while(|&&s| s > edges.upper);
    let spikes = above.map(|&s| (s, p_value(s))).collect::<Vec<_>>();
    let mut comparison = compare(values, (m, n), variance, edges, &spikes);
    comparison.ks_distance = distance_to_own_law(values, shape)?;
    Some(comparison)
}

/// The values of a matrix that has a random bulk beside the law of that bulk.
pub(super) fn beside_bulk(finding: &Finding, bulk: &Bulk, transposed: bool) -> LawComparison {
    let (short, long) = (finding.values.len(), bulk.sides.1 + bulk.left_out);
    let shape = if transposed {
        (long, short)
    } else {
        (short, long)
    };
    let edges = Edges {
        lower: bulk.lower_edge,
        tested: bulk.below > 0,
        upper: bulk.edge,
    };
    let mut comparison = compare(
        &finding.values,
        shape,
        bulk.variance,
        edges,
        &finding.spikes,
    );
    comparison.ks_distance = bulk.distance;
    comparison.below = bulk.below;
    comparison
}

struct Edges {
    lower: f64,
    /// Whether the lower one is a test, and not where the law ends.
    tested: bool,
    upper: f64,
}

fn compare(
    values: &[f64],
    (m, n): (usize, usize),
    variance: f64,
    edges: Edges,
    spikes: &[(f64, f64)],
) -> LawComparison {
    let eigenvalue = |s: f64| s * s / n as f64;
    let outside = values
        .iter()
        .filter(|&&s| s < edges.lower || s > edges.upper);
    let (mut count, mut energy) = (0, 0.0);
    for s in outside {
        count += 1;
        energy += s * s;
    }
    let below = values.iter().filter(|&&s| s < edges.lower).count();
    LawComparison {
        rows: m,
        columns: n,
        variance,
        aspect_ratio: m as f64 / n as f64,
        lower_edge: eigenvalue(edges.lower),
        upper_edge: eigenvalue(edges.upper),
        lower_singular_value: edges.lower,
        upper_singular_value: edges.upper,
        ks_distance: 0.0,
        ks_p_value: None,
        fraction_outside: count as f64 / values.len() as f64,
        energy_outside: energy / values.iter().map(|s| s * s).sum::<f64>(),
        spikes: spikes.len(),
        spike_list: spikes
            .iter()
            .map(|&(s, p)| Spike {
                singular_value: s,
                p_value: p,
                signal: planted_value(s, m, n, variance),
            })
            .collect(),
        below: if edges.tested { below } else { 0 },
        soft_rank: (values[0] > 0.0).then(|| (edges.upper / values[0]).powi(2).min(1.0)),
    }
}
