//! The singular values of sister layers over those of random matrices, a curve a sister.

use plotters::prelude::*;

use super::axes::linear;
use super::frame::{ALARM, AMBER, BULK, Canvas, DATA, Drawn, LAW, MUTED, PURPLE};
use crate::report::curves::kept_orders;
use crate::report::tensors::{Tensor, other};
use crate::spectrum::{Pair, Sisters};

/// Points of a curve: about the pixels of its width.
const POINTS: usize = 640;
/// Most curves that are told apart by name; of more, only the first and the last are named.
const NAMED: usize = 8;
/// Colours of sisters without order in time.
const SISTERS: [RGBColor; 6] = [DATA, LAW, BULK, PURPLE, AMBER, ALARM];

struct Curve {
    words: String,
    level: Option<f64>,
    points: Vec<(f64, f64)>,
}

impl Curve {
    fn of(pair: &Pair) -> Option<Curve> {
        let s = pair.sisters.as_ref()?;
        let points = points(s);
        let blocks = match s.blocks_other {
            1 => "1 block".to_owned(),
            count => format!("{count} blocks"),
        };
        (!points.is_empty()).then(|| Curve {
            words: format!("{}, {blocks}", cut(&other(pair))),
            level: s.expected_level.filter(|level| level.is_finite()),
            points,
        })
    }
}

/// Order and ratio, where it is finite.
fn points(s: &Sisters) -> Vec<(f64, f64)> {
    kept_orders(s.ratios.len(), POINTS)
        .into_iter()
        .map(|order| (order as f64, s.ratios[order - 1]))
        .filter(|(_, ratio)| ratio.is_finite())
        .collect()
}

/// A file's name with `…` for its middle where it is too long for a key.
fn cut(name: &str) -> String {
    /// Characters kept of the beginning, and of the end.
    const SIDE: usize = 20;
    let all: Vec<char> = name.chars().collect();
    if all.len() <= 2 * SIDE + 1 {
        return name.to_owned();
    }
    let (head, tail) = (&all[..SIDE], &all[all.len() - SIDE..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// Distinct colours for few sisters; from pale to dark for many, or for times.
fn color(place: usize, count: usize, in_order: bool) -> RGBColor {
    const PALE: [f64; 3] = [150.0, 196.0, 226.0];
    const DARK: [f64; 3] = [0.0, 42.0, 82.0];
    if !in_order && count <= SISTERS.len() {
        return SISTERS[place];
    }
    let part = (place + 1) as f64 / count as f64;
    let [r, g, b] = [0, 1, 2].map(|c| (PALE[c] + part * (DARK[c] - PALE[c])).round() as u8);
    RGBColor(r, g, b)
}

pub(super) fn is_drawable(tensor: &Tensor<'_>) -> bool {
    let sisters = tensor.pairs.iter().filter_map(|p| p.sisters.as_ref());
    sisters.into_iter().any(|s| !points(s).is_empty())
}

pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    tensor: &Tensor<'_>,
    in_order: bool,
) -> Drawn<DB> {
    let curves: Vec<Curve> = tensor.pairs.iter().filter_map(|p| Curve::of(p)).collect();
    let count = curves.len();
    let named = |place: usize| count <= NAMED || place == 0 || place + 1 == count;
    let between = format!("{} between, in order", count.saturating_sub(2));
    let mut key: Vec<(RGBColor, &str)> = Vec::new();
    for (place, curve) in curves.iter().enumerate() {
        if named(place) {
            key.push((color(place, count, in_order), &curve.words));
        } else if place == count / 2 {
            key.push((color(place, count, in_order), &between));
        }
    }
    let title = format!(
        "Ratio to random matrices R, {} {}",
        tensor.number,
        tensor.name()
    );
    let plot = canvas.heading(
        &title,
        &key,
        "ratio to R (dashes: level expected at random)",
    )?;

    let ratios = curves.iter().flat_map(|c| c.points.iter().map(|p| p.1));
    let heights: Vec<f64> = ratios
        .chain(curves.iter().filter_map(|c| c.level))
        .collect();
    let (least, most) = (
        heights.iter().copied().fold(f64::INFINITY, f64::min),
        heights.iter().copied().fold(0.0, f64::max),
    );
    // The blocks of a run stand at 1/√b all along: 1 would only press their curves together.
    let (low, high) = (least.min(1.0), most.max(1.0));
    let has_one = !in_order || most - least > 0.2 * (high - low);
    let (least, most) = if has_one { (low, high) } else { (least, most) };
    let pad = 0.06 * (most - least);
    let last = curves
        .iter()
        .filter_map(|c| Some(c.points.last()?.0))
        .fold(1.0, f64::max);
    let mut chart = plot.chart(
        linear(1.0, last),
        linear(least - pad, most + pad),
        "order i",
        5,
    )?;
    if has_one {
        let one = [(1.0, 1.0), (last, 1.0)];
        chart.draw_series(LineSeries::new(one, plot.stroke(MUTED, 1)))?;
    }
    for (place, curve) in curves.iter().enumerate() {
        let color = color(place, count, in_order);
        if let Some(level) = curve.level.filter(|_| named(place)) {
            chart.draw_series(plot.thin_dashes(vec![(1.0, level), (last, level)], color))?;
        }
        chart.draw_series(LineSeries::new(
            curve.points.iter().copied(),
            plot.stroke(color, 2),
        ))?;
        // The first orders stand alone, so that spikes can be counted.
        let alone = curve
            .points
            .iter()
            .take(if count <= NAMED { 40 } else { 1 });
        chart.draw_series(alone.map(|&p| Circle::new(p, plot.px(2), color.filled())))?;
    }
    Ok(())
}
