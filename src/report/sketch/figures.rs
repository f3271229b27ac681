//! The error of sketched estimates over k, and what as many numbers could do.

use crate::report::axis::{Axis, ends};
use crate::report::figure::{Figure, Panel};
use crate::report::figures::stem;
use crate::report::mark::{Color, Mark, Shape, Stretch, Stroke};
use crate::report::text::shown_name;
use crate::sketch::{Mode, SketchRun, Sketched, SweepPoint};

/// An estimate's colour, words and numbers.
type Curve = (usize, &'static str, fn(&SweepPoint) -> &Mode);

const CURVES: [Curve; 3] = [
    (1, "mode 1", |point| &point.mode1),
    (4, "mode 2", |point| &point.mode2),
    (0, "averaged", |point| &point.averaged.mode),
];

/// Errors below are those of an exact fit.
const LEAST: f64 = 1e-6;

/// Returns a figure for each of the first `most` matrices that were sketched, `layer-003-sketch`, numbered as in the run.
pub fn sketch_figures(run: &SketchRun, most: usize) -> Vec<Figure> {
    let layers = run.rows.iter().zip(1..);
    let figure = |(layer, position): (&crate::sketch::SketchLayer, usize)| {
        let found = layer.sketched.as_ref()?;
        let has_error = |point: &SweepPoint| error(point, CURVES[2].2).is_some();
        if !found.sweep.iter().any(has_error) {
            return None;
        }
        let title = format!(
            "Sketched estimates, matrix {position} {}, {} × {}, l = {}",
            shown_name(&layer.name),
            found.rows,
            found.columns,
            found.l
        );
        let stem = stem("layer", position, run.rows.len(), "sketch");
        Some(panel(found, run.settings.target).alone(stem, title, String::new()))
    };
    layers.filter_map(figure).take(most).collect()
}

/// Returns k and relative error, where it is above 0.
fn error(point: &SweepPoint, of: fn(&SweepPoint) -> &Mode) -> Option<(f64, f64)> {
    let error = of(point).relative_error.filter(|error| *error > 0.0)?;
    Some((point.k as f64, error))
}

fn panel(found: &Sketched, target: Option<f64>) -> Panel {
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
    let k = found.k as f64;
    let best = found.best_fit.as_ref();
    let fits = [
        (
            best.and_then(|fit| fit.in_space),
            Shape::Cross,
            "best fit in the same space",
        ),
        (
            best.and_then(|fit| fit.low_rank),
            Shape::Diamond,
            "low rank",
        ),
    ];
    let fits = fits.into_iter().filter_map(|(error, shape, words)| {
        let error = error.filter(|error| *error > LEAST)?;
        Some(Mark::points([(k, error)], Color::Number(2), shape, words))
    });
    let mut marks: Vec<Mark> = CURVES.iter().map(|curve| line(curve, &points)).collect();
    marks.extend(fits);
    marks.extend(
        [(1.0, "the error of 0")]
            .into_iter()
            .chain(target.map(|at| (at, "target")))
            .map(|(at, words)| Mark::Level {
                at,
                words: words.to_owned(),
            }),
    );
    // Bounds may lie far above.
    let (low, high) = ends(
        marks
            .iter()
            .flat_map(Mark::upward)
            .filter(|y| y.is_finite()),
    );
    marks.extend(CURVES.iter().map(|curve| bound(curve, &points)));
    marks.extend(CURVES.iter().flat_map(|curve| measured(curve, &points)));
    let key = [
        Mark::line([], Color::Muted, Stroke::ThinDashed, "bounds"),
        Mark::points([], Color::Muted, Shape::Disc, "measured, with intervals"),
    ];
    marks.extend(key);
    let (first, last) = ends(points.iter().map(|point| point.k as f64));
    let x = Axis::logarithmic("rows k of a sketch").between(first / 1.2, 1.2 * last);
    let y = Axis::logarithmic("relative error").between(low / 1.3, 1.8 * high);
    Panel::holding(x, y, marks)
}

fn line(&(color, words, of): &Curve, points: &[&SweepPoint]) -> Mark {
    let errors = points.iter().filter_map(|point| error(point, of));
    Mark::line(errors, Color::Number(color), Stroke::Solid, words)
}

fn bound(&(color, _, of): &Curve, points: &[&SweepPoint]) -> Mark {
    let bounds = points.iter().filter_map(|point| {
        let (k, error) = error(point, of)?;
        Some((k, error * of(point).slack?.sqrt()))
    });
    Mark::line(bounds, Color::Number(color), Stroke::ThinDashed, "")
}

/// Returns what was measured, and the intervals around it.
fn measured(&(color, _, of): &Curve, points: &[&SweepPoint]) -> [Mark; 2] {
    let color = Color::Number(color);
    let each = points.iter().filter_map(|point| {
        let (mode, (x, error)) = (of(point), error(point, of)?);
        let (exact, interval) = (mode.exact?, mode.interval?);
        let at = |variance: f64| error * (variance.max(0.0) / exact).sqrt();
        let [low, high] = interval.map(|end| at(end.max(1e-3 * exact)));
        Some(((x, at(mode.measured?)), Stretch { x, low, high }))
    });
    let (dots, intervals): (Vec<_>, Vec<_>) = each.unzip();
    // A gap between them keeps intervals from being a band.
    let gap = Stretch {
        x: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
    };
    [
        Mark::Band {
            stretches: intervals
                .into_iter()
                .flat_map(|interval| [interval, gap])
                .collect(),
            color,
            words: String::new(),
        },
        Mark::points(dots, color, Shape::Disc, ""),
    ]
}
