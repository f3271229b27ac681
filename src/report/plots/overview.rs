//! Spikes, alpha, effective rank and mean distance over the layers, in file order.

use plotters::prelude::*;

use super::axes::linear;
use super::frame::{BULK, Canvas, DATA, Drawn, LAW, MUTED, PURPLE};
use crate::report::layers::spikes;
use crate::report::text::shown_name;
use crate::spectrum::{Analysis, Depth, Layer, LayerSpectrum, VerdictKind};

/// A row's name and its value.
type Row = (&'static str, fn(&LayerSpectrum) -> Option<f64>);

const ROWS: [Row; 4] = [
    ("spikes", |s| spikes(s).map(|count| count as f64)),
    ("alpha", |s| s.power_law.as_ref().map(|p| p.alpha)),
    ("effective rank over the number of values", |s| {
        Some(s.effective_rank? / s.rows.min(s.columns) as f64)
    }),
    ("mean distance to random matrices", |s| {
        s.random_baseline.as_ref().map(|b| b.mean_distance)
    }),
];

const KINDS: [(VerdictKind, RGBColor, &str); 6] = [
    (VerdictKind::Noise, MUTED, "like noise"),
    (VerdictKind::Spikes, DATA, "spikes"),
    (VerdictKind::HeavyTail, LAW, "heavy tail"),
    (VerdictKind::NoBulk, PURPLE, "no random bulk"),
    (VerdictKind::LowRank, BULK, "low rank"),
    (
        VerdictKind::Degenerate,
        RGBColor(0xa0, 0xa0, 0xa0),
        "too little to judge",
    ),
];

fn color(kind: VerdictKind) -> RGBColor {
    KINDS
        .iter()
        .find(|(known, ..)| *known == kind)
        .map_or(MUTED, |&(_, color, _)| color)
}

pub(super) fn draw<DB: DrawingBackend>(canvas: &Canvas<DB>, analysis: &Analysis) -> Drawn<DB> {
    let analyzed = analysis
        .rows
        .iter()
        .filter(|layer| layer.spectrum.is_some());
    let analyzed: Vec<&Layer> = analyzed.collect();
    let spectra = analyzed.iter().enumerate();
    let layers: Vec<(f64, &LayerSpectrum)> = spectra
        .filter_map(|(i, layer)| Some(((i + 1) as f64, layer.spectrum.as_ref()?)))
        .collect();
    let (below_rows, words) = axis(&analyzed);
    let key: Vec<(RGBColor, &str)> = KINDS
        .into_iter()
        .filter(|(kind, ..)| layers.iter().any(|(_, s)| s.verdict.kind == *kind))
        .map(|(_, color, words)| (color, words))
        .collect();
    let below = canvas.heading(
        &format!("Findings by layer, in file order; {words}"),
        &key,
        "",
    )?;
    let last = analyzed.len() as f64;
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
    below.words_below(&below_rows, analyzed.len())
}

/// What stands under the layers, by their places from 0, and how it is called: names of a few, else the layer numbers
/// of their stacks, else places.
fn axis(layers: &[&Layer]) -> (Vec<(usize, String)>, String) {
    /// Most layers that are named, most characters of such a name, and most stacks that are numbered.
    const NAMED: (usize, usize, usize) = (6, 15, 3);
    let numbered = layers.iter().enumerate();
    if layers.len() <= NAMED.0 {
        let short = |layer: &Layer| {
            let name = shown_name(layer.name.strip_suffix(".weight").unwrap_or(&layer.name));
            let count = name.chars().count();
            match count > NAMED.1 {
                true => format!(
                    "…{}",
                    name.chars().skip(count + 1 - NAMED.1).collect::<String>()
                ),
                false => name,
            }
        };
        let names = numbered.map(|(i, layer)| (i, short(layer))).collect();
        return (names, "by name".to_owned());
    }
    let mut firsts: Vec<(usize, &Depth)> = numbered
        .filter_map(|(i, layer)| Some((i, layer.depth.as_ref()?)))
        .collect();
    firsts.dedup_by_key(|(_, depth)| *depth);
    let mut stacks: Vec<&str> = firsts
        .iter()
        .map(|(_, depth)| depth.stack.as_str())
        .collect();
    stacks.dedup();
    if firsts.len() > 1 && stacks.len() <= NAMED.2 {
        let stacks = stacks.iter().map(|stack| match *stack {
            "" => "the file".to_owned(),
            stack => shown_name(stack),
        });
        let stacks: Vec<String> = stacks.collect();
        let numbers = firsts
            .into_iter()
            .map(|(i, depth)| (i, depth.layer.to_string()));
        return (
            numbers.collect(),
            format!("numbered in {}", stacks.join(", ")),
        );
    }
    let places = (0..layers.len()).filter(|i| (i + 1) % 5 == 0 || *i == 0);
    (
        places.map(|i| (i, (i + 1).to_string())).collect(),
        "numbered in turn".to_owned(),
    )
}
