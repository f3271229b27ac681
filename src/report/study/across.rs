//! The horizontal axis of a study's figure: where a cell, or a place of its curve, stands on it.

use super::cells::{has, is_drawn, variable};
use crate::report::axis::Axis;
use crate::report::text::{shown_name, shown_sentence};
use crate::study::{Cell, CellValue, FigureSettings, Measure, StudyReport, Value};

/// What stands on the horizontal axis.
pub(super) enum Across<'a> {
    /// The places of curves.
    Curve(&'a str),
    /// A measure of the cells.
    Measure(&'a Measure),
    /// A variable of the cells, and its values where they are words.
    Variable(&'a str, Vec<String>),
}

impl<'a> Across<'a> {
    /// Returns what a figure's `x` is: of its measures' curves the places, a measure, or else a variable.
    pub(super) fn new(report: &'a StudyReport, settings: &'a FigureSettings) -> Across<'a> {
        let name = settings.x.as_str();
        let drawn = |value: &&CellValue| {
            let mut measures = settings.y.iter().chain(&settings.beside);
            is_drawn(settings, &value.group, &value.variables)
                && measures.any(|measure| *measure == value.measure)
        };
        let values: Vec<&CellValue> = report.values.iter().filter(drawn).collect();
        let own = values.iter();
        let own: Vec<Value> = own
            .filter_map(|value| variable(&value.group, &value.variables, name))
            .collect();
        if own.is_empty() && ["iteration", "order", "value"].contains(&name) {
            return Across::Curve(name);
        }
        // Of a table's cells, a column may be both.
        if let (true, Some(measure)) = (own.len() < values.len(), report.study.measure(name)) {
            return Across::Measure(measure);
        }
        let mut names: Vec<String> = Vec::new();
        if own.iter().any(|value| value.number().is_none()) {
            for value in own.iter().map(Value::to_string) {
                if !names.contains(&value) {
                    names.push(value);
                }
            }
        }
        Across::Variable(name, names)
    }

    /// Whether it has words in the place of numbers.
    pub(super) fn has_names(&self) -> bool {
        matches!(self, Across::Variable(_, names) if !names.is_empty())
    }

    /// Returns where a cell stands; `None` where it has no such variable or measure, and on the places of curves.
    pub(super) fn x(&self, report: &StudyReport, group: &str, cell: &Cell) -> Option<f64> {
        match self {
            Across::Curve(_) => None,
            Across::Measure(measure) => {
                let own = report.values.iter().find(|value| {
                    value.measure == measure.name
                        && value.group == group
                        && has(&value.variables, cell)
                });
                last(own?)
            }
            Across::Variable(name, names) => {
                let value = variable(group, cell, name)?;
                match names.iter().position(|own| *own == value.to_string()) {
                    Some(place) => Some((place + 1) as f64),
                    None => value.number(),
                }
            }
        }
    }

    /// Returns the axis, without ends.
    pub(super) fn axis(&self, settings: &FigureSettings) -> Axis {
        let (words, percent, names) = match self {
            Across::Curve(name) => (*name, false, &[][..]),
            Across::Measure(measure) => (measure.title(), measure.percent, &[][..]),
            Across::Variable(name, names) => (*name, false, &names[..]),
        };
        let words = shown_sentence(settings.x_words.as_deref().unwrap_or(words));
        Axis {
            unit: unit(percent, &words),
            words,
            log: settings.log_x,
            names: names.iter().map(|name| shown_name(name)).collect(),
            ..Axis::default()
        }
    }
}

/// Returns the number of a measure, of a curve that at its end.
pub(super) fn last(value: &CellValue) -> Option<f64> {
    value.mean.last().copied().flatten()
}

/// Returns `%` for measures in per cent, unless the axis says so itself.
pub(super) fn unit(percent: bool, words: &str) -> String {
    if percent && !words.contains('%') {
        "%".to_owned()
    } else {
        String::new()
    }
}
