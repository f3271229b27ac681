//! The figures of a watch: a curve a layer of each number that is followed.

use crate::report::axis::Axis;
use crate::report::figure::{Figure, Panel};
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::text::{capitalised, shown_name};
use crate::watch::{METRICS, Metric, Snapshot};

/// Layers up to here have a colour of their own.
const COLOURED: usize = 10;
/// Checkpoints up to here are dots too.
const DOTTED: usize = 60;

/// Returns a figure for each number that some layer has.
pub(in crate::report) fn watch_figures(snapshots: &[Snapshot], layers: &[&str]) -> Vec<Figure> {
    let figures = METRICS
        .iter()
        .map(|metric| figure(metric, snapshots, layers));
    figures.filter(Figure::is_drawable).collect()
}

/// Returns where a snapshot is drawn: at its step, those without one nowhere; where none has one, at its place, from 1.
fn places(snapshots: &[Snapshot]) -> (&'static str, Vec<f64>) {
    let steps = || snapshots.iter().map(|snapshot| snapshot.step);
    if steps().any(|step| step.is_some()) {
        let places = steps().map(|step| step.map_or(f64::NAN, |step| step as f64));
        return ("step", places.collect());
    }
    let places = (1..=snapshots.len()).map(|place| place as f64);
    ("checkpoint, in the order of their times", places.collect())
}

fn figure(metric: &Metric, snapshots: &[Snapshot], layers: &[&str]) -> Figure {
    let (words, places) = places(snapshots);
    let number = |snapshot: &Snapshot, layer: &str| {
        let number = snapshot.layer(layer)?.numbers.get(metric.key);
        number.copied().flatten()
    };
    let points = |of: &dyn Fn(&Snapshot) -> Option<f64>| {
        let values = snapshots.iter().map(|s| of(s).unwrap_or(f64::NAN));
        places.iter().copied().zip(values).collect::<Vec<_>>()
    };
    let is_few = layers.len() <= COLOURED;
    let mut marks: Vec<Mark> = (0..)
        .zip(layers)
        .map(|(place, layer)| {
            let points = points(&|snapshot| number(snapshot, layer));
            let name = shown_name(layer);
            if !is_few {
                return Mark::line(points, Color::Muted, Stroke::Thin, name);
            }
            let line = Mark::line(points, Color::Number(place), Stroke::Solid, name);
            if snapshots.len() > DOTTED {
                line
            } else {
                line.dotted(Shape::of(place))
            }
        })
        .collect();
    if !is_few {
        let median = |snapshot: &Snapshot| {
            let numbers = layers.iter().filter_map(|layer| number(snapshot, layer));
            median(numbers.collect())
        };
        let points = points(&median);
        marks.insert(
            0,
            Mark::line(
                points,
                Color::Number(0),
                Stroke::Solid,
                "median of the layers",
            ),
        );
    }
    let x = Axis {
        whole: true,
        ..Axis::linear(words)
    };
    let title = capitalised(metric.words);
    let panel = Panel::holding(x, Axis::linear(metric.words), marks);
    panel.alone(
        format!("watch-{}", metric.key),
        title,
        metric.reading.to_owned(),
    )
}

/// Returns the middle number, of two the mean; `None` of none.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = numbers[(numbers.len() - 1) / 2];
    Some(0.5 * (lower + upper))
}

#[cfg(test)]
mod tests {
    use super::watch_figures;
    use crate::report::mark::Mark;
    use crate::spectrum::VerdictKind;
    use crate::watch::{Observed, Snapshot, Stamp};

    fn snapshot(step: Option<u64>, norms: &[f64]) -> Snapshot {
        let layer = |(place, norm): (usize, &f64)| Observed {
            name: format!("fc{place}"),
            role: "other".to_owned(),
            kind: VerdictKind::Noise,
            verdict: String::new(),
            numbers: [("spectral_norm".to_owned(), Some(*norm))].into(),
        };
        Snapshot {
            checkpoint: String::new(),
            step,
            seed: 0,
            stamp: Stamp {
                bytes: 0,
                modified: 0.0,
            },
            layers: norms.iter().enumerate().map(layer).collect(),
            failed: Vec::new(),
        }
    }

    /// Would catch curves at the wrong steps, a missing layer that shifts the others, and a median that is none.
    #[test]
    fn curves_stand_at_their_steps() {
        let snapshots = [
            snapshot(Some(100), &[1.0, 2.0]),
            snapshot(Some(300), &[3.0]),
        ];
        let figures = watch_figures(&snapshots, &["fc0", "fc1"]);
        assert_eq!(figures.len(), 1, "numbers that no layer has are drawn");
        let marks = &figures[0].panels[0].marks;
        assert_eq!(marks[0].across(), [100.0, 300.0]);
        assert_eq!(marks[0].upward(), [1.0, 3.0]);
        assert!(marks[1].upward()[1].is_nan());
        let many: Vec<f64> = (0..12).map(f64::from).collect();
        let names: Vec<String> = (0..12).map(|place| format!("fc{place}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let figures = watch_figures(&[snapshot(None, &many)], &names);
        let marks = &figures[0].panels[0].marks;
        assert_eq!(
            (marks.len(), marks[0].across(), marks[0].upward()),
            (13, vec![1.0], vec![5.5])
        );
        assert!(matches!(&marks[0], Mark::Line { words, .. } if words == "median of the layers"));
    }
}
