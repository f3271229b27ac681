//! The figures of an analysis: density, tail and ratio of its layers, and the overview of all.

use super::density::{Values, density};
use super::ratio::{Beside, ratio};
use super::tail::tail;
use super::{POINTS, blocks::blocks, overview::overview, stem};
use crate::report::figure::Figure;
use crate::report::text::shown_name;
use crate::spectrum::{Analysis, LayerSpectrum};

/// The figures of an analysis that become files.
#[derive(Debug)]
pub struct AnalysisFigures {
    /// In the order of the layers, whose files carry their numbers, from 1: `layer-003-density`; last `overview`.
    pub figures: Vec<Figure>,
    /// How many layers have figures.
    pub pictured: usize,
    /// How many analysed layers have none, because of the limit or because their values are beyond 10^±100.
    pub left_out: usize,
}

/// Returns density, ratio and tail of at most `most_layers` layers, and the overview of all. With more layers than that, those
/// farthest from random (by `mean_distance`) have them.
pub fn analysis_figures(analysis: &Analysis, most_layers: usize) -> AnalysisFigures {
    let spectra = (1..).zip(&analysis.rows);
    let spectra =
        spectra.filter_map(|(position, layer)| Some((position, layer.spectrum.as_ref()?)));
    let spectra: Vec<(usize, &LayerSpectrum)> = spectra.collect();
    let mut chosen = spectra.clone();
    chosen.retain(|(_, s)| s.spectral_norm == 0.0 || (1e-100..1e100).contains(&s.spectral_norm));
    let distance = |s: &LayerSpectrum| {
        let distance = s.random_baseline.as_ref().map(|b| b.mean_distance);
        distance.filter(|d| d.is_finite()).unwrap_or(0.0)
    };
    // The sort is stable: of equally distant layers the first are kept.
    chosen.sort_by(|one, other| distance(other.1).total_cmp(&distance(one.1)));
    chosen.truncate(most_layers);
    chosen.sort_unstable_by_key(|(position, _)| *position);
    let mut figures = Vec::new();
    for &(position, s) in &chosen {
        let name = format!(
            "{position} {}",
            shown_name(&analysis.rows[position - 1].name)
        );
        for (what, mut figure) in layer_figures(s, POINTS) {
            figure.stem = stem("layer", position, analysis.rows.len(), what);
            figure.title += &format!(", layer {name}");
            figures.push(figure);
        }
    }
    figures.extend(overview(analysis));
    AnalysisFigures {
        figures,
        pictured: chosen.len(),
        left_out: spectra.len() - chosen.len(),
    }
}

/// Returns the figures of a layer that become files, each with its part of the name, of curves with at most so many points.
fn layer_figures(s: &LayerSpectrum, points: usize) -> Vec<(&'static str, Figure)> {
    let beside = if s.blocks.is_some() {
        Beside::Blocks
    } else {
        Beside::Layer
    };
    let baseline = s.random_baseline.as_ref();
    let figures = [
        ("density", density(s, Values::Singular, points)),
        ("ratio", baseline.and_then(|b| ratio(b, beside, points))),
        ("tail", tail(s, points)),
    ];
    let drawn = figures.into_iter();
    drawn
        .filter_map(|(what, figure)| Some((what, figure?)))
        .collect()
}

/// Returns all figures of a layer; where they are `full`, with the density of its eigenvalues, which shows the same values
/// again, and with the numbers beside points.
pub(in crate::report) fn spectrum_figures(
    s: &LayerSpectrum,
    points: usize,
    full: bool,
) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for (what, figure) in layer_figures(s, points) {
        figures.push(figure);
        if what == "density" && full {
            figures.extend(density(s, Values::Eigen, points));
        }
    }
    if let Some(own) = &s.blocks {
        let full = own.full_shape_baseline.as_ref();
        figures.extend(full.and_then(|b| ratio(b, Beside::Full, points)));
        figures.extend(blocks(own, points));
    }
    figures.retain(Figure::is_drawable);
    if !full {
        let panels = figures.iter_mut().flat_map(|figure| &mut figure.panels);
        panels.for_each(|panel| panel.asides.clear());
    }
    figures
}
