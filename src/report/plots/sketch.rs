//! The error of sketched estimates over k, and what as many numbers could do.

use plotters::prelude::*;
use rayon::prelude::*;

use super::axes::logarithmic;
use super::frame::{BULK, Canvas, DATA, Drawn, INK, LAW, MUTED, PURPLE};
use super::{Picture, PlotError, both, register_font};
use crate::report::text::shown_name;
use crate::sketch::{Mode, SketchRun, Sketched, SweepPoint};

/// An estimate's colour, words and numbers.
type Curve = (RGBColor, &'static str, fn(&SweepPoint) -> &Mode);

const CURVES: [Curve; 3] = [
    (LAW, "mode 1", |point| &point.mode1),
    (PURPLE, "mode 2", |point| &point.mode2),
    (DATA, "averaged", |point| &point.averaged.mode),
];

/// As SVG and PNG, one for each of the first `most` matrices that were sketched:
/// `layer-003-sketch.svg`, numbered as in the run. The same run gives the same bytes.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn sketch_pictures(run: &SketchRun, most: usize) -> Result<Vec<(String, Vec<u8>)>, PlotError> {
    register_font()?;
    let digits = run.rows.len().to_string().len().max(3);
    let layers = run.rows.iter().enumerate();
    let drawable = layers.filter_map(|(i, layer)| {
        let found = layer.sketched.as_ref()?;
        let visible = found.sweep.iter().any(|p| curve(p, CURVES[2].2).is_some());
        visible.then_some((i, layer, found))
    });
    let chosen: Vec<_> = drawable.take(most).collect();
    let files = chosen.par_iter().map(|(i, layer, found)| {
        let stem = format!("layer-{:0digits$}-sketch", i + 1);
        let name = format!("{} {}", i + 1, shown_name(&layer.name));
        let title = format!("Matrix {name}: error of sketched estimates over k");
        both(&stem, &title, &Sketches(found, &name, run.settings.target))
    });
    Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
}

struct Sketches<'a>(&'a Sketched, &'a str, Option<f64>);

impl Picture for Sketches<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        draw(canvas, self.0, self.1, self.2)
    }
}

/// k and relative error, where it is above 0.
fn curve(point: &SweepPoint, of: fn(&SweepPoint) -> &Mode) -> Option<(f64, f64)> {
    let error = of(point).relative_error.filter(|error| *error > 0.0)?;
    Some((point.k as f64, error))
}

fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    found: &Sketched,
    name: &str,
    target: Option<f64>,
) -> Drawn<DB> {
    let mut key: Vec<(RGBColor, &str)> = CURVES.iter().map(|c| (c.0, c.1)).collect();
    key.push((MUTED, "thin dashes: bounds, and 1, the error of 0"));
    key.push((INK, "dots: measured, with intervals"));
    key.push((BULK, "cross: best fit in the same space; bar: low rank"));
    let title = format!(
        "Sketched estimates, matrix {name}, {} x {}, l = {}",
        found.rows, found.columns, found.l
    );
    let below = canvas.heading(&title, &key, "relative error")?;
    let own = SweepPoint {
        k: found.k,
        compression_rate: found.compression_rate,
        mode1: found.mode1.clone(),
        mode2: found.mode2.clone(),
        averaged: found.averaged.clone(),
    };
    let mut points: Vec<&SweepPoint> = found.sweep.iter().chain([&own]).collect();
    points.sort_by_key(|point| point.k);
    points.dedup_by_key(|point| point.k);
    let best = found.best_fit.as_ref();
    let fits = [best.and_then(|b| b.in_space), best.and_then(|b| b.low_rank)];
    let fits = fits.map(|error| error.filter(|error| *error > 1e-6));
    let errors = points
        .iter()
        .flat_map(|p| CURVES.iter().filter_map(|c| curve(p, c.2)));
    let errors = errors
        .map(|p| p.1)
        .chain(fits.into_iter().flatten())
        .chain(target);
    let (low, high) = errors.fold((1.0f64, 1.0f64), |(a, b), x| (a.min(x), b.max(x)));
    let (first, last) = (points[0].k as f64, points[points.len() - 1].k as f64);
    let (first, last) = (first / 1.2, last * 1.2);
    let mut chart = below.chart(
        logarithmic(first, last),
        logarithmic(low / 1.3, high * 1.8),
        "rows k of a sketch",
        9,
    )?;
    chart.draw_series(below.thin_dashes(vec![(first, 1.0), (last, 1.0)], MUTED))?;
    if let Some(target) = target {
        chart.draw_series(below.thin_dashes(vec![(first, target), (last, target)], INK))?;
    }
    for (color, _, of) in CURVES {
        let line: Vec<(f64, f64)> = points.iter().filter_map(|p| curve(p, of)).collect();
        chart.draw_series(LineSeries::new(line, below.stroke(color, 2)))?;
        let bound = points.iter().filter_map(|p| {
            let (k, error) = curve(p, of)?;
            Some((k, error * of(p).slack?.sqrt()))
        });
        let bound: Vec<(f64, f64)> = bound.filter(|p| p.1 < high * 1.8).collect();
        chart.draw_series(below.thin_dashes(bound, color))?;
        for point in &points {
            let mode = of(point);
            let Some((k, error)) = curve(point, of) else {
                continue;
            };
            let (Some(exact), Some(measured), Some(interval)) =
                (mode.exact, mode.measured, mode.interval)
            else {
                continue;
            };
            let at = |variance: f64| (k, error * (variance.max(0.0) / exact).sqrt());
            let bar = interval.map(|end| at(end.max(exact * 1e-3)));
            chart.draw_series([PathElement::new(bar, below.stroke(color, 2))])?;
            chart.draw_series([Circle::new(at(measured), below.px(3), color.filled())])?;
        }
    }
    let k = found.k as f64;
    if let Some(error) = fits[0] {
        chart.draw_series([Cross::new((k, error), below.px(5), below.stroke(BULK, 2))])?;
    }
    if let Some(error) = fits[1] {
        let line = [(k / 1.1, error), (k * 1.1, error)];
        chart.draw_series([PathElement::new(line, below.stroke(BULK, 3))])?;
    }
    Ok(())
}
