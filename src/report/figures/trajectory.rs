//! Variance ratio, largest ratio and mean distance over the checkpoints of a run.

use crate::report::axis::{Axis, ends};
use crate::report::figure::{Figure, Layout, Panel};
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::tensors::Tensor;
use crate::spectrum::Sisters;

/// Checkpoints up to here are dots too.
const DOTTED: usize = 60;

/// A number of a pair.
type Number = fn(&Sisters) -> Option<f64>;

/// A row's words, its curve, what a random matrix has, and a curve beside it.
const ROWS: [(&str, Number, Number, Option<Number>); 3] = [
    (
        "variance ratio",
        |s| s.variance_ratio,
        |s| Some(s.expected_ratio),
        None,
    ),
    (
        "largest value over R’s",
        |s| s.largest_ratio,
        |s| s.expected_level,
        None,
    ),
    (
        "mean distance",
        |s| s.mean_distance,
        |s| s.chance_distance,
        Some(|s| s.mean_distance_from_expected),
    ),
];

/// Returns the numbers of a tensor over the checkpoints.
pub(super) fn trajectory(tensor: &Tensor<'_>) -> Figure {
    let steps = || tensor.pairs.iter().map(|pair| pair.step as f64);
    let (first, last) = ends(steps());
    let x = Axis {
        whole: true,
        ..Axis::linear("checkpoint, in the order given, from 0").between(first - 0.5, last + 0.5)
    };
    let points = |number: Number| {
        let value = move |pair: &&crate::spectrum::Pair| pair.sisters.as_ref().and_then(number);
        steps()
            .zip(tensor.pairs.iter().map(value))
            .map(|(x, y)| (x, y.unwrap_or(f64::NAN)))
    };
    let curve = |number, color, words: &str| {
        let line = Mark::line(points(number), color, Stroke::Solid, words);
        if tensor.pairs.len() > DOTTED {
            line
        } else {
            line.dotted(Shape::Disc)
        }
    };
    let panel = |(words, number, random, beside): (&str, Number, Number, Option<Number>)| {
        let mut marks = vec![
            curve(number, Color::Number(0), "the run"),
            Mark::line(
                points(random),
                Color::Number(1),
                Stroke::ThinDashed,
                "a random matrix",
            ),
        ];
        let about = "distance about the level expected at random";
        marks.extend(beside.map(|number| curve(number, Color::Number(2), about)));
        Panel::holding(x.clone(), Axis::linear(words), marks)
    };
    Figure {
        stem: String::new(),
        title: "Course of the run, ".to_owned(),
        layout: Layout::Rows,
        panels: ROWS.map(panel).to_vec(),
        stops: Vec::new(),
        reading: String::new(),
    }
}
