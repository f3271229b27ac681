//! Variance ratio, largest ratio and mean distance over the checkpoints of a run.

use plotters::prelude::*;

use super::axes::linear;
use super::frame::{BULK, Canvas, DATA, Drawn, LAW};
use crate::report::tensors::Tensor;
use crate::spectrum::{Pair, Sisters};

/// A number of a pair.
type Number = fn(&Sisters) -> Option<f64>;

/// A row's name, its curve, and what a random matrix has.
const ROWS: [(&str, Number, Number); 3] = [
    (
        "variance ratio",
        |s| s.variance_ratio,
        |s| Some(s.expected_ratio),
    ),
    (
        "largest value over R’s",
        |s| s.largest_ratio,
        |s| s.expected_level,
    ),
    ("mean distance", |s| s.mean_distance, |s| s.chance_distance),
];

/// Step and number, in runs without a gap.
fn runs(tensor: &Tensor<'_>, number: Number) -> Vec<Vec<(f64, f64)>> {
    let value = |pair: &Pair| {
        let value = pair.sisters.as_ref().and_then(number)?;
        value.is_finite().then_some((pair.step as f64, value))
    };
    tensor
        .pairs
        .iter()
        .map(|pair| value(pair))
        .collect::<Vec<_>>()
        .split(Option::is_none)
        .map(|run| run.iter().copied().flatten().collect())
        .filter(|run: &Vec<_>| !run.is_empty())
        .collect()
}

pub(super) fn is_drawable(tensor: &Tensor<'_>) -> bool {
    ROWS.iter()
        .any(|(_, number, _)| !runs(tensor, *number).is_empty())
}

pub(super) fn draw<DB: DrawingBackend>(canvas: &Canvas<DB>, tensor: &Tensor<'_>) -> Drawn<DB> {
    let key = [
        (DATA, "the run"),
        (LAW, "dashes: a random matrix"),
        (BULK, "distance about the level expected at random"),
    ];
    let title = format!("Course of the run, {} {}", tensor.number, tensor.name());
    let below = canvas.heading(&title, &key, "by checkpoint, in the order given, from 0")?;
    let steps = tensor.pairs.iter().map(|pair| pair.step);
    let (first, last) = (
        steps.clone().min().unwrap_or_default(),
        steps.max().unwrap_or_default(),
    );
    let about_level: Number = |s| s.mean_distance_from_expected;
    for ((words, number, random), row) in ROWS.into_iter().zip(below.rows(ROWS.len())) {
        let mut solid = vec![(DATA, runs(tensor, number))];
        if words == "mean distance" {
            solid.insert(0, (BULK, runs(tensor, about_level)));
        }
        let dashed = runs(tensor, random);
        let heights: Vec<f64> = solid
            .iter()
            .flat_map(|(_, runs)| runs)
            .chain(&dashed)
            .flatten()
            .map(|point| point.1)
            .collect();
        let least = heights.iter().copied().fold(f64::INFINITY, f64::min);
        let most = heights.iter().copied().fold(0.0, f64::max);
        let pad = 0.08 * (most - least);
        row.label(words)?;
        let mut chart = row.chart(
            linear(first as f64 - 0.5, last as f64 + 0.5),
            linear((least - pad).min(most), most + pad),
            "",
            3,
        )?;
        for run in dashed {
            chart.draw_series(row.thin_dashes(run, LAW))?;
        }
        for (color, runs) in solid {
            for run in runs {
                let dots = run.clone();
                chart.draw_series(LineSeries::new(run, row.stroke(color, 2)))?;
                let size = if tensor.pairs.len() > 60 { 1 } else { 3 };
                chart.draw_series(
                    dots.into_iter()
                        .map(|p| Circle::new(p, row.px(size), color.filled())),
                )?;
            }
        }
    }
    below.positions(first, last + 1 - first)
}
