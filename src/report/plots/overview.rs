//! Spikes, alpha, KS distance and mean distance over the layers, in file order.

use plotters::prelude::*;

use super::frame::{BULK, Canvas, DATA, Drawn, LAW, MUTED, PURPLE, linear};
use crate::spectrum::{Analysis, LayerSpectrum, VerdictKind};

/// A row's name and its value.
type Row = (&'static str, fn(&LayerSpectrum) -> Option<f64>);

const ROWS: [Row; 4] = [
    ("spikes", |s| {
        s.fitted_bulk.as_ref().map(|bulk| bulk.spikes as f64)
    }),
    ("alpha", |s| s.power_law.as_ref().map(|p| p.alpha)),
    ("KS distance to the fitted bulk", |s| {
        s.fitted_bulk.as_ref().map(|bulk| bulk.ks_distance)
    }),
    ("mean distance to random matrices", |s| {
        s.random_baseline.as_ref().map(|b| b.mean_distance)
    }),
];

const KINDS: [(VerdictKind, RGBColor, &str); 6] = [
    (VerdictKind::Noise, MUTED, "noise"),
    (VerdictKind::Spikes, DATA, "spikes"),
    (VerdictKind::HeavyTail, LAW, "heavy tail"),
    (VerdictKind::NoBulk, PURPLE, "no random bulk"),
    (VerdictKind::LowRank, BULK, "low rank"),
    (
        VerdictKind::Degenerate,
        RGBColor(0xa0, 0xa0, 0xa0),
        "too small to say",
    ),
];

fn color(kind: VerdictKind) -> RGBColor {
    KINDS
        .iter()
        .find(|(known, ..)| *known == kind)
        .map_or(MUTED, |&(_, color, _)| color)
}

pub(super) fn draw<DB: DrawingBackend>(canvas: &Canvas<DB>, analysis: &Analysis) -> Drawn<DB> {
    let layers: Vec<(f64, &LayerSpectrum)> = analysis
        .layers
        .iter()
        .enumerate()
        .filter_map(|(i, layer)| Some(((i + 1) as f64, layer.spectrum.as_ref()?)))
        .collect();
    let key: Vec<(RGBColor, &str)> = KINDS
        .into_iter()
        .filter(|(kind, ..)| layers.iter().any(|(_, s)| s.verdict.kind == *kind))
        .map(|(_, color, words)| (color, words))
        .collect();
    let below = canvas.heading("Findings by layer, numbered in file order", &key, "")?;
    let last = analysis.layers.len() as f64;
    for ((words, value), row) in ROWS.into_iter().zip(below.rows(ROWS.len())) {
        let points: Vec<(f64, f64, RGBColor)> = layers
            .iter()
            .filter_map(|&(x, s)| {
                Some((
                    x,
                    value(s).filter(|v| v.is_finite())?,
                    color(s.verdict.kind),
                ))
            })
            .collect();
        row.label(words)?;
        let top = points.iter().map(|p| p.1).fold(0.0, f64::max);
        let top = if top > 0.0 { 1.08 * top } else { 1.0 };
        let mut chart = row.chart(linear(0.5, last + 0.5), linear(0.0, top), "", 3)?;
        chart.draw_series(
            points
                .iter()
                .map(|&(x, y, color)| PathElement::new([(x, 0.0), (x, y)], row.stroke(color, 1))),
        )?;
        let size = if layers.len() > 200 { 1 } else { 3 };
        chart.draw_series(
            points
                .iter()
                .map(|&(x, y, color)| Circle::new((x, y), row.px(size), color.filled())),
        )?;
    }
    below.positions(1, analysis.layers.len())
}
