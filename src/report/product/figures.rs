//! Residual against parameters, stage by stage, and the residuals of the starts beside it.

use crate::fit::product::{ProductFit, ProductFits};
use crate::report::axis::{Axis, ends};
use crate::report::figure::{Figure, Layout, Panel};
use crate::report::figures::stem;
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::text::shown_name;

/// Shortest vertical axis over the decade of its upper end, so that what is nothing looks like nothing and
/// ticks of three digits tell it apart.
const LEAST_SPAN: f64 = 0.01;
/// Most starts with discs; of more, dots.
const DISCS: usize = 30;

/// Returns a figure for each of the first `most` matrices that were fitted, `layer-003-fit`, numbered as the rows of the fits.
pub fn product_figures(fits: &ProductFits, most: usize) -> Vec<Figure> {
    let rows = fits.rows.iter().zip(1..);
    let fitted = rows.filter_map(|(row, position)| Some((position, &row.name, row.fit.as_ref()?)));
    let figure = |(position, name, fit): (usize, &String, &ProductFit)| {
        let heights = heights(fit);
        let mut panels = vec![stages(fit, heights)];
        if fit.restarts.len() > 1 {
            panels.push(starts(fit, heights));
        }
        Figure {
            stem: stem("layer", position, fits.rows.len(), "fit"),
            title: format!(
                "Matrix {position} {}, {} × {}",
                shown_name(name),
                fit.rows,
                fit.columns
            ),
            layout: Layout::Columns,
            panels,
            stops: Vec::new(),
            reading: String::new(),
        }
    };
    fitted.take(most).map(figure).collect()
}

/// Returns what stands beside the last stage: its colour, shape, words and residual. They are shuffled and rotated, or held
/// out: the controls of a fit to activations are in another norm.
fn controls(fit: &ProductFit) -> Vec<(Color, Shape, &'static str, f64)> {
    let controls = match fit.inputs {
        Some(inputs) => vec![(
            2,
            Shape::Cross,
            "inputs held out",
            Some(inputs.held_out_residual),
        )],
        None => vec![
            (3, Shape::Triangle, "shuffled", fit.shuffled_residual),
            (4, Shape::Cross, "rotated", fit.rotated_residual),
        ],
    };
    let measured = controls.into_iter();
    measured
        .filter_map(|(color, shape, words, residual)| {
            Some((Color::Number(color), shape, words, residual?))
        })
        .collect()
}

/// Returns what K terms leave by chance; `None` for activations, of which that is not known.
fn chance(fit: &ProductFit, parameters: f64) -> Option<f64> {
    let traded = fit.parameters - fit.degrees_of_freedom;
    let share = (parameters - traded as f64) / (fit.rows * fit.columns) as f64;
    let left = (1.0 - share).clamp(0.0, 1.0).sqrt();
    fit.inputs.is_none().then_some(left)
}

/// Returns lowest and highest residual of the figure. A start that is far above all ends does not press them
/// together: it stands at the upper edge.
fn heights(fit: &ProductFit) -> (f64, f64) {
    let finite = |x: &f64| x.is_finite();
    let ended = fit.stages.iter().map(|stage| stage.relative_residual);
    let chances = fit
        .stages
        .iter()
        .filter_map(|stage| chance(fit, stage.parameters as f64));
    let controls = controls(fit).into_iter().map(|control| control.3);
    let fixed: Vec<f64> = ended
        .chain(chances)
        .chain(controls)
        .filter(finite)
        .collect();
    let most = fixed.iter().copied().fold(0.0, f64::max);
    let begun = fit.stages.iter().map(|stage| stage.start_residual);
    let free = begun
        .chain(fit.restarts.iter().copied())
        .map(|x| x.min(1.1 * most));
    let (low, high) = ends(fixed.iter().copied().chain(free).filter(finite));
    let high = high.max(0.0);
    // Chance and most starts end just below 1, which is no decade of its own.
    let decade = 10f64.powf((high / 1.005).log10().floor() + 1.0).max(1.0);
    let low = low.min((high - LEAST_SPAN * decade).max(0.0));
    let high = high.max(low + LEAST_SPAN);
    let pad = 0.06 * (high - low);
    ((low - pad).max(-0.02), high + pad)
}

fn stages(fit: &ProductFit, (low, high): (f64, f64)) -> Panel {
    let (first, last) = ends(fit.stages.iter().map(|stage| stage.parameters as f64));
    let margin = if last > first {
        (last / first).powf(0.2).max(1.3)
    } else {
        2.0
    };
    let (from, to) = (first / margin, last * margin);
    let finite = fit
        .stages
        .iter()
        .filter(|stage| stage.relative_residual.is_finite());
    let path = finite.flat_map(|stage| {
        let [begun, ended] = [stage.start_residual, stage.relative_residual].map(|y| y.min(high));
        [
            (stage.parameters as f64, begun),
            (stage.parameters as f64, ended),
        ]
    });
    let path: Vec<(f64, f64)> = path.collect();
    let color = Color::Number(0);
    let every = |place: usize| path.iter().copied().skip(place).step_by(2);
    let mut marks = vec![
        Mark::line(path.iter().copied(), color, Stroke::Solid, ""),
        Mark::points(every(0), color, Shape::Ring, "where a stage begins"),
        Mark::points(every(1), color, Shape::Disc, "where it ends"),
    ];
    // Beside the last stage, one after the other, so that none hides another.
    let beside = (1..).map(|i| fit.parameters as f64 * (to / from).powf(0.035 * f64::from(i)));
    for (x, (color, shape, words, residual)) in beside.zip(controls(fit)) {
        marks.push(Mark::points([(x, residual.min(high))], color, shape, words));
    }
    // Level after the last stage, so that the controls stand against its chance.
    let curve = (0..=100).filter_map(|i| {
        let x = from * (to / from).powf(f64::from(i) / 100.0);
        Some((x, chance(fit, x.min(fit.parameters as f64))?))
    });
    let curve: Vec<(f64, f64)> = curve.collect();
    if !curve.is_empty() {
        marks.push(Mark::line(
            curve,
            Color::Muted,
            Stroke::ThinDashed,
            "chance",
        ));
    }
    let words = match fit.inputs {
        Some(_) => "relative residual on the fitted inputs",
        None => "relative residual",
    };
    let x = Axis::logarithmic("parameters").between(from, to);
    Panel {
        share: 2,
        ..Panel::holding(x, Axis::linear(words).between(low, high), marks)
    }
}

fn starts(fit: &ProductFit, (low, high): (f64, f64)) -> Panel {
    let (left, right) = (0.5, fit.restarts.len() as f64 + 0.5);
    let ends = fit.restarts.iter().zip(1u32..);
    let ends: Vec<(f64, f64)> = ends.map(|(y, x)| (f64::from(x), y.min(high))).collect();
    let best = ends
        .iter()
        .copied()
        .reduce(|a, b| if b.1 < a.1 { b } else { a });
    let is_many = ends.len() > DISCS;
    let (all, kept) = if is_many {
        (Shape::Dot, Shape::Disc)
    } else {
        (Shape::Ring, Shape::Disc)
    };
    let color = Color::Number(0);
    let mut marks = vec![
        Mark::points(ends, color, all, ""),
        Mark::points(best, color, kept, ""),
    ];
    let level = chance(fit, fit.parameters as f64);
    marks.extend(level.map(|y| {
        Mark::line(
            [(left, y), (right, y)],
            Color::Muted,
            Stroke::ThinDashed,
            "",
        )
    }));
    let x = Axis {
        whole: true,
        ..Axis::linear("start").between(left, right)
    };
    Panel::holding(
        x,
        Axis::linear("relative residual").between(low, high),
        marks,
    )
}
