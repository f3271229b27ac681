//! The trajectories of a training as figures over its iterations.

use super::figures::{Curve, Role, Trajectories, figures, iterations};
use crate::report::axis::Axis;
use crate::report::figure::{Color, Figure, Mark, Panel, Point, Shape, Stretch, Stroke};
use crate::report::text::shown_name;
use crate::train::TrainingRecord;

/// Rows up to here are shown as dots too.
const DOTTED: usize = 60;

/// Returns `training-error`, `training-loss`, `training-rate`, and for the watched layer number 3 of the network
/// `layer-003-values` and `layer-003-growth`, those of them that have numbers.
pub(super) fn training_figures(record: &TrainingRecord) -> Vec<Figure> {
    let iterations: Vec<f64> = iterations(record).iter().map(|&i| i as f64).collect();
    let from = iterations.first().copied().unwrap_or(0.0);
    let to = iterations.last().copied().unwrap_or(0.0);
    let x = Axis {
        words: "iteration".to_owned(),
        from,
        to: to.max(from + 1.0),
        ..Axis::default()
    };
    let starts = record.phases.iter().skip(1).map(|phase| Mark::Vertical {
        at: phase.start as f64,
        words: "a phase begins".to_owned(),
    });
    let starts: Vec<Mark> = starts.collect();
    let name = shown_name(&record.recipe.name);
    let figures = figures(record).into_iter();
    let figure = |figure: Trajectories| {
        let mut marks = lines(&figure, &iterations);
        marks.extend(band(&figure, &iterations));
        marks.extend(starts.iter().cloned());
        marks.extend(figure.level.map(|at| Mark::Level {
            at,
            words: String::new(),
        }));
        let y = Axis {
            words: figure.axis.to_owned(),
            log: figure.log,
            from: figure.from,
            to: figure.to,
            floor: figure.floor,
            ..Axis::default()
        };
        let title = format!("{name}: {}", figure.title);
        Panel::holding(x.clone(), y, marks).alone(figure.stem, title, figure.reading)
    };
    figures.map(figure).collect()
}

/// Returns the curves. Singular values after the first share an entry of the key, the last one.
fn lines(figure: &Trajectories, iterations: &[f64]) -> Vec<Mark> {
    let values = || figure.curves.iter().filter(|c| c.role == Role::Value);
    let between = match (values().next(), values().next_back()) {
        (Some(first), Some(last)) if first.words != last.words => {
            format!("{} to {}", first.words, last.words)
        }
        (first, _) => first.map_or(String::new(), |first| first.words.clone()),
    };
    let line = |curve: &Curve| {
        let (color, stroke, words) = match curve.role {
            Role::Test => (Color::Number(0), Stroke::Solid, &curve.words),
            Role::Training => (Color::Number(1), Stroke::Solid, &curve.words),
            Role::Median => (Color::Number(2), Stroke::Solid, &curve.words),
            Role::Value => (Color::Number(0), Stroke::Thin, &between),
        };
        let points = iterations.iter().zip(&curve.values);
        let points = points.map(|(&x, y)| Point {
            x,
            y: y.unwrap_or(f64::NAN),
        });
        Mark::Line {
            points: points.collect(),
            color,
            stroke,
            dots: (iterations.len() <= DOTTED && stroke == Stroke::Solid).then_some(Shape::Disc),
            words: words.clone(),
        }
    };
    figure.curves.iter().map(line).collect()
}

fn band(figure: &Trajectories, iterations: &[f64]) -> Option<Mark> {
    let [low, high] = figure.band.as_ref()?;
    let ends = low.iter().zip(high);
    let stretches = iterations
        .iter()
        .zip(ends)
        .map(|(&x, (low, high))| Stretch {
            x,
            low: low.unwrap_or(f64::NAN),
            high: high.unwrap_or(f64::NAN),
        });
    Some(Mark::Band {
        stretches: stretches.collect(),
        color: Color::Number(0),
        words: figure.band_words.to_owned(),
    })
}
