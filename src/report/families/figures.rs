//! Error against parameters: the families on a matrix, on its entries shuffled, and rotated.

use crate::fit::families::{FamilyComparison, FamilyFit, FamilyKind, FamilyLayer};
use crate::report::axis::{Axis, ends};
use crate::report::figure::{Figure, Layout, Panel};
use crate::report::figures::stem;
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::text::shown_name;

/// Residuals below are drawn on the lower edge: members that are exact but for rounding.
const LEAST: f64 = 1e-3;

/// A residual of a fit.
type Residual = fn(&FamilyFit) -> Option<f64>;

/// A panel's title and its residual.
const PANELS: [(&str, Residual); 3] = [
    ("W", |fit| fit.relative_residual),
    ("entries shuffled", |fit| fit.shuffled_residual),
    ("rotated", |fit| fit.rotated_residual),
];

/// Returns a figure for each of the first `most` matrices that were fitted, `layer-003-families`, numbered as in the
/// comparison.
pub fn family_figures(comparison: &FamilyComparison, most: usize) -> Vec<Figure> {
    let layers = comparison.rows.iter().zip(1..);
    let fitted =
        layers.filter(|(layer, _)| layer.families.iter().any(|fit| fit.parameters.is_some()));
    let figure = |(layer, position): (&FamilyLayer, usize)| Figure {
        stem: stem("layer", position, comparison.rows.len(), "families"),
        title: format!(
            "Structured families, matrix {position} {}, {} × {}",
            shown_name(&layer.name),
            layer.rows.unwrap_or(0),
            layer.columns.unwrap_or(0)
        ),
        layout: Layout::Columns,
        panels: panels(layer),
        stops: Vec::new(),
        reading: String::new(),
    };
    fitted.take(most).map(figure).collect()
}

/// Returns the place of a family among all, which has its colour and shape in every picture; `None` of the line that random
/// terms draw.
fn place(kind: FamilyKind) -> Option<usize> {
    let mut drawn = FamilyKind::all().iter().filter(|kind| !kind.is_null_line());
    drawn.position(|other| *other == kind)
}

fn panels(layer: &FamilyLayer) -> Vec<Panel> {
    let kinds = layer.families.chunk_by(|a, b| a.family == b.family);
    let kinds = kinds.filter_map(|fits| Some((place(fits[0].family)?, fits)));
    let kinds: Vec<(usize, &[FamilyFit])> = kinds.collect();
    let points = |fits: &[FamilyFit], residual: Residual| {
        let points = fits.iter();
        let points =
            points.filter_map(|fit| Some((fit.compression_rate?, residual(fit)?.max(LEAST))));
        let mut points: Vec<(f64, f64)> = points.collect();
        points.dedup();
        points
    };
    let all = PANELS
        .iter()
        .flat_map(|(_, residual)| kinds.iter().map(|(_, fits)| points(fits, *residual)));
    let all = all.collect::<Vec<_>>().concat();
    let (first, last) = ends(all.iter().map(|point| point.0));
    let least = all.iter().map(|point| point.1).fold(0.9, f64::min);
    let x = Axis::logarithmic("parameters / entries").between(first / 1.2, (1.2 * last).min(1.0));
    // Room for the panel's name above the curves.
    let y = Axis::logarithmic("relative residual").between(least / 1.05, least.powf(-0.12));
    let chance = (0..=100).map(|i| x.from * (x.to / x.from).powf(f64::from(i) / 100.0));
    let chance: Vec<(f64, f64)> = chance.map(|x| (x, (1.0 - x).max(0.0).sqrt())).collect();
    let panel = |(title, residual): (&str, Residual)| {
        let line = |(place, fits): &(usize, &[FamilyFit])| {
            let color = Color::Number(*place);
            let name = fits[0].family.name();
            Mark::line(points(fits, residual), color, Stroke::Solid, name).dotted(Shape::of(*place))
        };
        let mut marks: Vec<Mark> = kinds.iter().map(line).collect();
        let words = "as many random terms";
        marks.push(Mark::line(
            chance.clone(),
            Color::Number(6),
            Stroke::ThinDashed,
            words,
        ));
        Panel {
            title: title.to_owned(),
            ..Panel::holding(x.clone(), y.clone(), marks)
        }
    };
    PANELS.map(panel).to_vec()
}
