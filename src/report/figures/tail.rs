//! Share of eigenvalues at or above λ, on logarithmic axes, with the power law and the laws.

use super::laws::{columns, laws};
use crate::report::axis::Axis;
use crate::report::curves::kept_orders;
use crate::report::figure::{Figure, Panel};
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::spectrum::{LayerSpectrum, PowerLaw};

/// Values this far below the largest eigenvalue are not part of its tail.
const DEPTH: f64 = 1e-6;

/// Returns the tail of a layer's eigenvalues; `None` where fewer than two differ.
pub(super) fn tail(s: &LayerSpectrum, points: usize) -> Option<Figure> {
    let values = s.singular_values.as_deref()?;
    let (n, count) = (columns(s), values.len() as f64);
    let eigenvalue = |s: f64| s * s / n;
    let least = eigenvalue(*values.first()?) * DEPTH;
    let kept = kept_orders(values.len(), points).into_iter();
    let is_drawn = |order: &usize| {
        let x = eigenvalue(values[order - 1]);
        x > 0.0 && x >= least
    };
    let kept: Vec<usize> = kept.filter(is_drawn).collect();
    let at = |order: &usize| (eigenvalue(values[order - 1]), *order as f64 / count);
    let (high, low) = (at(kept.first()?).0, at(kept.last()?).0);
    if high <= low {
        return None;
    }
    let mut marks = vec![Mark::points(
        kept.iter().map(at),
        Color::Number(0),
        Shape::Dot,
        "the layer",
    )];
    marks.extend(s.power_law.as_ref().map(|law| power(law, count)));
    for law in laws(s, values.len()) {
        let curve = law.places(points);
        // A floor would draw the end of the law as a shelf.
        let curve = curve.map(|s| (eigenvalue(s), law.share_above(s)));
        let curve = curve.filter(|(_, share)| *share > 1e-9);
        marks.push(Mark::line(curve, law.color, law.stroke, law.words));
    }
    let x = Axis::logarithmic("eigenvalue λ = s²/n").between(low, 1.15 * high);
    let y = Axis::logarithmic("share of values ≥ λ").between(0.7 / count, 1.3);
    let reading = "A straight fall is a power law (a heavy tail); a fall off a cliff at the end of a curve is a random matrix.";
    let title = "Tail of the eigenvalues";
    let panel = Panel::holding(x, y, marks)
        .aside("order", kept.iter().map(|order| *order as f64))
        .aside("s", kept.iter().map(|order| values[order - 1]));
    Some(panel.alone(String::new(), title.to_owned(), reading.to_owned()))
}

/// Returns the power law from where it begins to the largest value.
fn power(law: &PowerLaw, count: f64) -> Mark {
    let head = law.tail_size as f64 / count;
    let share = |x: f64| head * (x / law.x_min).powf(1.0 - law.alpha);
    let words = format!("power law, α = {:.2} ± {:.2}", law.alpha, law.alpha_error);
    let ends = [law.x_min, law.x_max].map(|x| (x, share(x)));
    Mark::line(ends, Color::Number(6), Stroke::Solid, words)
}
