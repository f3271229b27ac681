//! Each singular value over its mean in random matrices, with the band of chance.

use super::ALONE;
use crate::report::axis::{Axis, ends};
use crate::report::curves::kept_orders;
use crate::report::figure::{Figure, Panel};
use crate::report::mark::{Color, Mark, Shape, Stretch, Stroke};
use crate::report::text::short_number;
use crate::spectrum::RandomBaseline;

/// Ratios that range over more than so many times have a logarithmic axis.
const RANGE: f64 = 12.0;

/// The kind of random matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// The layer.
    Layer,
    /// The layer's blocks.
    Blocks,
    /// A full matrix, where the layer is of blocks.
    Full,
}

/// Returns the ratios over the orders; `None` where fewer than two are finite.
pub(super) fn ratio(b: &RandomBaseline, beside: Beside, points: usize) -> Option<Figure> {
    let row = |order: usize| {
        let (ratio, mean) = (*b.ratios.get(order - 1)?, *b.mean.get(order - 1)?);
        let [low, high] = [&b.lower, &b.upper].map(|bound| Some(bound.get(order - 1)? / mean));
        let (low, high) = (low?, high?);
        let finite = [ratio, low, high].iter().all(|x| x.is_finite());
        finite.then_some((
            order as f64,
            ratio,
            Stretch {
                x: order as f64,
                low,
                high,
            },
        ))
    };
    let kept = kept_orders(b.ratios.len(), points);
    let rows: Vec<(f64, f64, Stretch)> = kept.into_iter().filter_map(row).collect();
    let [(first, ..), .., (last, ..)] = rows[..] else {
        return None;
    };
    let color = Color::Number(0);
    let line = || rows.iter().map(|&(order, ratio, _)| (order, ratio));
    let marks = vec![
        Mark::line(line(), color, Stroke::Solid, "ratio sᵢ / R"),
        Mark::Band {
            stretches: rows.iter().map(|row| row.2).collect(),
            color,
            words: format!("{} % of {} draws", short_number(100.0 * b.level), b.draws),
        },
        Mark::points(
            line().take_while(|(order, _)| *order <= ALONE as f64),
            color,
            Shape::Disc,
            "",
        ),
        Mark::Level {
            at: 1.0,
            words: String::new(),
        },
    ];
    let numbers = rows
        .iter()
        .flat_map(|(_, ratio, s)| [*ratio, s.low, s.high]);
    let (least, most) = ends(numbers.chain([1.0]).filter(|x| *x > 0.0));
    let words = format!(
        "ratio to R, at a mean distance of {} from 1",
        short_number(b.mean_distance)
    );
    let y = if most > RANGE * least {
        Axis {
            floor: Some(least.max(1e-4 * most)),
            ..Axis::logarithmic(words).between(least.max(1e-4 * most) / 1.1, 1.1 * most)
        }
    } else {
        let (least, most) = ends(marks.iter().flat_map(Mark::upward));
        let pad = 0.06 * (most - least);
        Axis::linear(words).between(least - pad, most + pad)
    };
    let x = Axis {
        whole: true,
        ..Axis::linear("order i").between(first, last)
    };
    let (title, reading) = match beside {
        Beside::Full => (
            "Ratio to R of the full shape",
            "Each singular value of all blocks together over that of one random matrix of the full shape: with many blocks of plain noise the curve still leaves the band.",
        ),
        Beside::Layer | Beside::Blocks => (
            "Ratio to random matrices",
            "Inside the band a value is what chance gives; on the left the largest values rise above it where the layer has learned something.",
        ),
    };
    let of = if beside == Beside::Blocks {
        " of the same blocks"
    } else {
        ""
    };
    Some(Panel::holding(x, y, marks).alone(
        String::new(),
        format!("{title}{of}"),
        reading.to_owned(),
    ))
}
