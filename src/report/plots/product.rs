//! Residual against parameters, stage by stage, and the residuals of the starts beside it.

use plotters::prelude::*;
use rayon::prelude::*;

use super::axes::{linear, logarithmic, places};
use super::frame::{AMBER, BULK, Canvas, DATA, Drawn, MUTED, PALE, PURPLE};
use super::{Picture, PlotError, both, register_font};
use crate::fit::product::{ProductFit, ProductFits};
use crate::report::text::shown_name;

/// Shortest vertical axis over the decade of its upper end, so that what is nothing looks like nothing and
/// ticks of three digits tell it apart.
const LEAST_SPAN: f64 = 0.01;
/// Width of the starts.
const STARTS: u32 = 220;

/// The picture of one matrix.
#[derive(Debug)]
pub struct MatrixPicture {
    /// Place of the matrix among the rows of the fits, from 1.
    pub position: usize,
    /// File name and content, PNG then SVG. Names carry the position, as in `layer-003-fit.svg`; names
    /// of tensors never become paths.
    pub files: [(String, Vec<u8>); 2],
}

/// One for each of the first `most` matrices that were fitted. The same fits give the same bytes.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn product_pictures(fits: &ProductFits, most: usize) -> Result<Vec<MatrixPicture>, PlotError> {
    register_font()?;
    let digits = fits.rows.len().to_string().len().max(3);
    let rows = fits.rows.iter().enumerate();
    let fitted = rows.filter_map(|(i, row)| Some((i + 1, &row.name, row.fit.as_ref()?)));
    let chosen: Vec<(usize, &String, &ProductFit)> = fitted.take(most).collect();
    let pictures = chosen.par_iter().map(|&(position, name, fit)| {
        let name = format!("{position} {}", shown_name(name));
        let title = format!("Matrix {name}: residual against parameters, stage by stage");
        let stem = format!("layer-{position:0digits$}-fit");
        let files = both(&stem, &title, &Fit(fit, &name))?;
        Ok(MatrixPicture { position, files })
    });
    pictures.collect()
}

struct Fit<'a>(&'a ProductFit, &'a str);

impl Picture for Fit<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        let Fit(fit, name) = *self;
        let title = format!("Matrix {name}, {} × {}", fit.rows, fit.columns);
        let words = match fit.inputs {
            Some(_) => "relative residual on the fitted inputs",
            None => "relative residual",
        };
        let below = canvas.heading(&title, &key(fit), words)?;
        let heights = heights(fit);
        if fit.restarts.len() < 2 {
            return stages(&below, fit, heights);
        }
        let (left, right) = below.aside(STARTS);
        stages(&left, fit, heights)?;
        starts(&right, fit, heights)
    }
}

/// A mark at the last stage.
struct Mark {
    triangle: bool,
    color: RGBColor,
    words: &'static str,
    residual: Option<f64>,
}

/// Shuffled and rotated, or held out: the controls of a fit to activations are in another norm.
fn marks(fit: &ProductFit) -> Vec<Mark> {
    match fit.inputs {
        Some(inputs) => vec![Mark {
            triangle: false,
            color: BULK,
            words: "cross: inputs held out",
            residual: Some(inputs.held_out_residual),
        }],
        None => vec![
            Mark {
                triangle: true,
                color: AMBER,
                words: "triangle: shuffled",
                residual: fit.shuffled_residual,
            },
            Mark {
                triangle: false,
                color: PURPLE,
                words: "cross: rotated",
                residual: fit.rotated_residual,
            },
        ],
    }
}

fn key(fit: &ProductFit) -> Vec<(RGBColor, &'static str)> {
    let mut key = vec![(DATA, "stage, from ring to dot")];
    if fit.inputs.is_none() {
        key.push((MUTED, "dashes: chance"));
    }
    let drawn = marks(fit).into_iter();
    let drawn = drawn.filter(|mark| mark.residual.is_some());
    key.extend(drawn.map(|mark| (mark.color, mark.words)));
    key
}

/// What K terms leave by chance; nothing for activations, of which that is not known.
fn null(fit: &ProductFit, parameters: f64) -> Option<f64> {
    let traded = fit.parameters - fit.degrees_of_freedom;
    let share = (parameters - traded as f64) / (fit.rows * fit.columns) as f64;
    let left = (1.0 - share).clamp(0.0, 1.0).sqrt();
    fit.inputs.is_none().then_some(left)
}

/// Lowest and highest residual of the picture. A start that is far above all ends does not press them
/// together: it stands at the upper edge.
fn heights(fit: &ProductFit) -> (f64, f64) {
    let ends = fit.stages.iter().map(|stage| stage.relative_residual);
    let chance = fit.stages.iter();
    let chance = chance.filter_map(|stage| null(fit, stage.parameters as f64));
    let marked = marks(fit).into_iter().filter_map(|mark| mark.residual);
    let fixed: Vec<f64> = ends.chain(chance).chain(marked).collect();
    let most = fixed
        .iter()
        .copied()
        .filter(|x| x.is_finite())
        .fold(0.0, f64::max);
    let begins = fit.stages.iter().map(|stage| stage.start_residual);
    let free = begins.chain(fit.restarts.iter().copied());
    let free = free.map(|x| x.min(1.1 * most));
    let all = fixed.iter().copied().chain(free).filter(|x| x.is_finite());
    let (low, high) = all.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), x| {
        (low.min(x), high.max(x))
    });
    // Chance and most starts end just below 1, which is no decade of its own.
    let decade = 10f64.powf((high / 1.005).log10().floor() + 1.0).max(1.0);
    let low = low.min((high - LEAST_SPAN * decade).max(0.0));
    let high = high.max(low + LEAST_SPAN);
    let pad = 0.06 * (high - low);
    ((low - pad).max(-0.02), high + pad)
}

fn stages<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    fit: &ProductFit,
    (low, high): (f64, f64),
) -> Drawn<DB> {
    let sizes = fit.stages.iter().map(|stage| stage.parameters as f64);
    let (first, last) = sizes.fold((f64::INFINITY, 1.0), |(first, last): (f64, f64), x| {
        (first.min(x), last.max(x))
    });
    let margin = match last > first {
        true => (last / first).powf(0.2).max(1.3),
        false => 2.0,
    };
    let (from, to) = (first / margin, last * margin);
    let mut chart = canvas.chart(logarithmic(from, to), linear(low, high), "parameters", 6)?;
    // Level after the last stage, so that the marks stand against its chance.
    let curve = (0..=100).filter_map(|i| {
        let x = from * (to / from).powf(f64::from(i) / 100.0);
        let y = null(fit, x.min(fit.parameters as f64));
        Some((x, y.filter(|y| (low..=high).contains(y))?))
    });
    chart.draw_series(canvas.thin_dashes(curve.collect(), MUTED))?;
    let shown = |x: usize, y: f64| (x as f64, y.min(high));
    let finite = fit
        .stages
        .iter()
        .filter(|s| s.relative_residual.is_finite());
    let ends: Vec<_> = finite
        .map(|s| {
            let x = s.parameters;
            (shown(x, s.start_residual), shown(x, s.relative_residual))
        })
        .collect();
    let course = ends.iter().flat_map(|&(begin, end)| [begin, end]);
    chart.draw_series(LineSeries::new(course, canvas.stroke(DATA, 2)))?;
    // Beside the last stage, one after the other, so that none hides another.
    let beside = (1..).map(|i| fit.parameters as f64 * (to / from).powf(0.035 * f64::from(i)));
    for (x, mark) in beside.zip(marks(fit)) {
        let Some(y) = mark.residual.filter(|y| y.is_finite()) else {
            continue;
        };
        let (point, style) = ((x, y.min(high)), canvas.stroke(mark.color, 2));
        if mark.triangle {
            let size = canvas.px(6);
            chart.draw_series([TriangleMarker::new(point, size, style.filled())])?;
        } else {
            chart.draw_series([Cross::new(point, canvas.px(5), style)])?;
        }
    }
    for &(begin, end) in &ends {
        let size = canvas.px(4);
        chart.draw_series([
            Circle::new(begin, size, WHITE.filled()),
            Circle::new(begin, size, canvas.stroke(DATA, 2)),
            Circle::new(end, size, DATA.filled()),
        ])?;
    }
    Ok(())
}

fn starts<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    fit: &ProductFit,
    (low, high): (f64, f64),
) -> Drawn<DB> {
    let count = fit.restarts.len();
    let (left, right) = (0.5, count as f64 + 0.5);
    let mut chart = canvas.chart(places(count), linear(low, high), "start", 6)?;
    let chance = null(fit, fit.parameters as f64).into_iter();
    for y in chance {
        chart.draw_series(canvas.thin_dashes(vec![(left, y), (right, y)], MUTED))?;
    }
    let all = fit.restarts.iter().enumerate();
    let points = all.map(|(i, y)| ((i + 1) as f64, y.min(high)));
    let best = points.clone().reduce(|a, b| if b.1 < a.1 { b } else { a });
    let size = canvas.px(if count > 30 { 2 } else { 4 });
    chart.draw_series(points.clone().map(|p| Circle::new(p, size, PALE.filled())))?;
    chart.draw_series(points.map(|p| Circle::new(p, size, canvas.stroke(DATA, 1))))?;
    chart.draw_series(
        best.into_iter()
            .map(|p| Circle::new(p, size, DATA.filled())),
    )?;
    Ok(())
}
