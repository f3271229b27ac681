//! The singular values of sister layers over those of random matrices, a curve a sister.

use super::{ALONE, POINTS};
use crate::report::axis::{Axis, ends};
use crate::report::curves::kept_orders;
use crate::report::figure::{Figure, Panel};
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::tensors::{Tensor, other};
use crate::spectrum::Pair;

/// Most curves that are told apart by name; of more, only the first and the last are named.
const NAMED: usize = 8;
/// Most curves without order in time that have colours of their own.
const DISTINCT: usize = 6;

struct Curve {
    words: String,
    level: Option<f64>,
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// Returns the ratios of a pair that are finite, over their orders; `None` without any.
    fn of(pair: &Pair) -> Option<Curve> {
        let s = pair.sisters.as_ref()?;
        let points = kept_orders(s.ratios.len(), POINTS).into_iter();
        let points = points.map(|order| (order as f64, s.ratios[order - 1]));
        let points: Vec<(f64, f64)> = points.filter(|(_, ratio)| ratio.is_finite()).collect();
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

/// Returns a file's name with `…` for its middle where it is too long for a key.
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

/// Returns the ratios of a tensor's pairs, of a run in the order of time; `None` without any.
pub(super) fn sisters(tensor: &Tensor<'_>, in_order: bool) -> Option<Figure> {
    let curves: Vec<Curve> = tensor
        .pairs
        .iter()
        .filter_map(|pair| Curve::of(pair))
        .collect();
    let (count, last) = (curves.len(), curves.len().checked_sub(1)?);
    let color = |place: usize| {
        if !in_order && count <= DISTINCT {
            Color::Number(place)
        } else {
            Color::Ramp(place as f64 / last.max(1) as f64)
        }
    };
    let is_named = |place: usize| count <= NAMED || place == 0 || place == last;
    let words = |place: usize| {
        if is_named(place) {
            curves[place].words.clone()
        } else if place == count / 2 {
            format!("{} between, in order", count - 2)
        } else {
            String::new()
        }
    };
    let orders = curves
        .iter()
        .filter_map(|curve| Some(curve.points.last()?.0));
    let end = orders.fold(1.0, f64::max);
    let mut marks = Vec::new();
    for (place, curve) in curves.iter().enumerate() {
        let points = || curve.points.iter().copied();
        marks.push(Mark::line(
            points(),
            color(place),
            Stroke::Solid,
            words(place),
        ));
        let alone = points().take(if count <= NAMED { ALONE } else { 1 });
        marks.push(Mark::points(alone, color(place), Shape::Dot, ""));
    }
    let levels = curves
        .iter()
        .enumerate()
        .filter(|(place, _)| is_named(*place));
    let levels = levels.filter_map(|(place, curve)| Some((place, curve.level?)));
    let levels = levels.map(|(place, level)| {
        let ends = [(1.0, level), (end, level)];
        Mark::line(ends, color(place), Stroke::ThinDashed, "")
    });
    marks.extend(levels);

    let (least, most) = ends(marks.iter().flat_map(Mark::upward));
    // The blocks of a run stand at 1/√b all along: 1 would only press their curves together.
    let (low, high) = (least.min(1.0), most.max(1.0));
    let has_one = !in_order || most - least > 0.2 * (high - low);
    let (least, most) = if has_one { (low, high) } else { (least, most) };
    if has_one {
        marks.push(Mark::Level {
            at: 1.0,
            words: String::new(),
        });
    }
    let pad = 0.06 * (most - least);
    let x = Axis {
        whole: true,
        ..Axis::linear("order i").between(1.0, end)
    };
    let y = Axis::linear("ratio to R (dashes: level expected at random)")
        .between(least - pad, most + pad);
    let title = "Ratio to random matrices R, ".to_owned();
    Some(Panel::holding(x, y, marks).alone(String::new(), title, String::new()))
}
