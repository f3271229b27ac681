//! The rows of a training as the horizontal axis that all its figures share.

use crate::report::axis::{Axis, drawable, ends, span};
use crate::report::figure::{Figure, Panel, Stop};
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::text::short_number;
use crate::train::{Row, TrainingRecord};

/// Rows up to here are shown as dots too.
const DOTTED: usize = 60;

/// The rows of a training as the horizontal axis of all its figures.
pub(super) struct Sheet<'a> {
    /// The rows that are drawn.
    pub rows: &'a [&'a Row],
    x: Axis,
    stops: Vec<Stop>,
    starts: Vec<Mark>,
}

/// The vertical axis of a figure.
pub(super) struct Upward {
    /// The label.
    pub words: &'static str,
    /// Their unit.
    pub unit: &'static str,
    /// A range of more than so many times has a logarithmic axis.
    pub wide: f64,
    /// On a logarithmic axis, smaller numbers are drawn here.
    pub floor: Option<f64>,
}

impl Upward {
    pub(super) fn new(words: &'static str, wide: f64) -> Upward {
        Upward {
            words,
            unit: "",
            wide,
            floor: None,
        }
    }

    /// Returns the axis of these marks, with a level where they have one to be held against.
    pub(super) fn axis(&self, marks: &[Mark]) -> Axis {
        let floor = self.floor.unwrap_or(0.0);
        let has_level = marks.iter().any(|mark| matches!(mark, Mark::Level { .. }));
        let numbers = marks.iter().flat_map(Mark::upward);
        let numbers: Vec<f64> = numbers.filter(|x| drawable(*x)).collect();
        let log = is_wide(numbers.iter().map(|x| x.max(floor)), self.wide);
        let placed = numbers.iter().map(|x| if log { x.max(floor) } else { *x });
        let (from, to) = span(placed, log, !has_level);
        Axis {
            words: self.words.to_owned(),
            unit: self.unit.to_owned(),
            log,
            from,
            to,
            floor: self.floor.filter(|_| log),
            ..Axis::default()
        }
    }
}

impl<'a> Sheet<'a> {
    pub(super) fn new(record: &TrainingRecord, rows: &'a [&'a Row]) -> Sheet<'a> {
        let iteration = |row: Option<&&Row>| row.map_or(0.0, |row| row.iteration as f64);
        let (from, to) = (iteration(rows.first()), iteration(rows.last()));
        let has_phases = record.phases.len() > 1;
        let stop = |row: &&Row| Stop {
            x: row.iteration as f64,
            words: format!(
                "iteration {}, epoch {}{}",
                row.iteration,
                short_number(row.epoch),
                if has_phases {
                    format!(", phase {}", row.phase)
                } else {
                    String::new()
                }
            ),
            link: None,
        };
        let start = |at: u64| Mark::Vertical {
            at: at as f64,
            words: "a phase begins".to_owned(),
        };
        Sheet {
            rows,
            x: Axis {
                whole: true,
                ..Axis::linear("iteration").between(from, to.max(from + 1.0))
            },
            stops: rows.iter().map(stop).collect(),
            starts: record
                .phases
                .iter()
                .skip(1)
                .map(|phase| start(phase.start))
                .collect(),
        }
    }

    /// Returns a curve of a number a row, which has none where it cannot be drawn.
    pub(super) fn curve(
        &self,
        number: Color,
        stroke: Stroke,
        words: impl Into<String>,
        values: impl Iterator<Item = Option<f64>>,
    ) -> Mark {
        let values = values.map(|y| y.filter(|y| drawable(*y)).unwrap_or(f64::NAN));
        let points = self.rows.iter().map(|row| row.iteration as f64).zip(values);
        let line = Mark::line(points, number, stroke, words);
        if self.rows.len() <= DOTTED && stroke == Stroke::Solid {
            line.dotted(Shape::Disc)
        } else {
            line
        }
    }

    /// Returns the figure of these marks; without any where no curve has a number.
    pub(super) fn figure(
        &self,
        stem: String,
        title: String,
        y: &Upward,
        mut marks: Vec<Mark>,
        reading: String,
    ) -> Figure {
        let is_empty = |mark: &Mark| matches!(mark, Mark::Line { points, .. } if points.iter().all(|point| point.y.is_nan()));
        marks.retain(|mark| !is_empty(mark));
        let axis = y.axis(&marks);
        marks.extend(self.starts.iter().cloned());
        Figure {
            stops: self.stops.clone(),
            ..Panel::holding(self.x.clone(), axis, marks).alone(stem, title, reading)
        }
    }
}

/// Whether numbers are positive and range over more than so many times.
fn is_wide(numbers: impl Iterator<Item = f64>, times: f64) -> bool {
    let (least, most) = ends(numbers);
    least > 0.0 && most > times * least
}

#[cfg(test)]
mod tests {
    use super::{Color, Mark, Stroke, Upward, is_wide};

    /// Would catch an axis that cuts a number off, has no length, or takes the logarithm of 0.
    #[test]
    fn axes_hold_their_numbers() {
        for (values, level, floor, log) in [
            (&[90.0, 5.0, 0.0][..], None, Some(0.025), true),
            (&[3.0, 2.5, 2.0], None, Some(0.025), false),
            (&[0.02, 0.01, 0.0], None, None, false),
            (&[1.0, 1.0], Some(1.0), None, false),
            (&[1.0, 40.0], Some(1.0), None, true),
            (&[0.0], None, None, false),
            (&[-2.0, -1.0], None, None, false),
            (&[1e-9], None, None, false),
        ] {
            let points = values.iter().map(|y| (0.0, *y));
            let mut marks = vec![Mark::line(points, Color::Muted, Stroke::Solid, "")];
            marks.extend(level.map(|at| Mark::Level {
                at,
                words: String::new(),
            }));
            let upward = Upward {
                floor,
                ..Upward::new("", 3.0)
            };
            let axis = upward.axis(&marks);
            assert_eq!(axis.log, log, "{values:?}");
            assert!(axis.from < axis.to, "{values:?}");
            assert!(!log || axis.from > 0.0);
            for x in values.iter().copied().chain(level) {
                let x = if log { x.max(floor.unwrap_or(0.0)) } else { x };
                assert!((axis.from..=axis.to).contains(&x), "{values:?}: {x}");
            }
        }
    }

    /// Would catch a range told by its smallest number where that is 0, or at exactly the limit.
    #[test]
    fn wide_ranges() {
        assert!(is_wide([1.0, 3.1].into_iter(), 3.0));
        assert!(!is_wide([1.0, 3.0].into_iter(), 3.0));
        assert!(!is_wide([0.0, 3.0].into_iter(), 3.0));
        assert!(!is_wide([].into_iter(), 3.0));
    }
}
