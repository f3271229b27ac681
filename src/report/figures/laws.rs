//! The laws of a layer's singular values as curves.

use crate::report::curves::bulk_share;
use crate::report::mark::{Color, Stroke};
use crate::spectrum::{LawComparison, LayerSpectrum, SingularLaw};
use statrs::distribution::{Continuous, ContinuousCDF};

/// The law of a noise matrix beside a layer's values.
pub(super) struct Law {
    /// The label.
    pub words: &'static str,
    /// The colour.
    pub color: Color,
    /// How its curve is drawn.
    pub stroke: Stroke,
    /// Where its support begins and ends.
    pub edges: [f64; 2],
    singular: SingularLaw,
    /// Part of the layer's values that lies above it, and that follows it.
    above: f64,
    inside: f64,
}

/// Returns the law of all entries and that of the fitted bulk, those of them that there are, for `count` values.
pub(super) fn laws(s: &LayerSpectrum, count: usize) -> Vec<Law> {
    let law = |comparison: &LawComparison, is_bulk| {
        let LawComparison {
            rows,
            columns,
            variance,
            spikes,
            ..
        } = *comparison;
        let singular = SingularLaw::new(rows, columns, variance).ok()?;
        let edges = [singular.lower_edge(), singular.upper_edge()];
        Some(if is_bulk {
            Law {
                words: "fitted bulk",
                color: Color::Number(2),
                stroke: Stroke::Dashed,
                above: spikes as f64 / count.max(1) as f64,
                inside: bulk_share(comparison, count),
                edges,
                singular,
            }
        } else {
            Law {
                words: "law of all entries",
                color: Color::Number(1),
                stroke: Stroke::Solid,
                above: 0.0,
                inside: 1.0,
                edges,
                singular,
            }
        })
    };
    let all = s.marchenko_pastur.iter().map(|own| law(own, false));
    let bulk = s.fitted_bulk.iter().map(|own| law(own, true));
    all.chain(bulk).flatten().collect()
}

impl Law {
    /// Returns the density at `s`, of all values of the layer.
    pub(super) fn density(&self, s: f64) -> f64 {
        self.inside * self.singular.pdf(s)
    }

    /// Returns the share of the layer's values that it puts at or above `s`.
    pub(super) fn share_above(&self, s: f64) -> f64 {
        self.above + self.inside * self.singular.sf(s)
    }

    /// Returns places of its support, denser at the edges, where its curves are steep.
    pub(super) fn places(&self, points: usize) -> impl Iterator<Item = f64> + use<> {
        let [low, high] = self.edges;
        let count = (points / 3).clamp(12, 64);
        (0..=count).map(move |place| {
            let angle = std::f64::consts::PI * place as f64 / count as f64;
            low + (0.5 - 0.5 * angle.cos()) * (high - low)
        })
    }
}

/// Returns the columns n of the matrix whose eigenvalues s²/n are drawn: of a block where there are blocks.
pub(super) fn columns(s: &LayerSpectrum) -> f64 {
    s.blocks.as_ref().map_or(s.columns, |blocks| blocks.columns) as f64
}
