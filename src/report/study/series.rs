//! The values of a study's figure, sorted into lines.

use super::cells::{is_drawn, variable};
use crate::report::text::{natural_order, shown_name};
use crate::study::{Cell, CellValue, FigureSettings, Measure, StudyReport, Value};
use std::cmp::Ordering;

/// The cells of one line: one group, one measure, and one value of each of the variables that tell lines apart.
pub(super) struct Series<'a> {
    /// The measure.
    pub measure: &'a Measure,
    /// The place among the measures of its kind.
    pub order: usize,
    /// Whether it is drawn beside the others.
    pub beside: bool,
    /// The group.
    pub group: &'a str,
    /// The values of the variables that tell lines apart, `None` of those that the group does not have.
    pub values: Vec<Option<Value>>,
    /// The cells, in the report's order.
    pub cells: Vec<&'a CellValue>,
}

impl<'a> Series<'a> {
    /// Returns the lines of a figure: those of its measures, then those beside them, each by group and values.
    pub(super) fn all(report: &'a StudyReport, settings: &'a FigureSettings) -> Vec<Series<'a>> {
        let drawn = (0..)
            .zip(&settings.y)
            .map(|(order, name)| (false, order, name));
        let beside = (0..)
            .zip(&settings.beside)
            .map(|(order, name)| (true, order, name));
        let mut all: Vec<Series<'a>> = Vec::new();
        for (beside, order, name) in drawn.chain(beside) {
            let Some(measure) = report.study.measure(name) else {
                continue;
            };
            let own = report.values.iter().filter(|value| {
                value.measure == measure.name && is_drawn(settings, &value.group, &value.variables)
            });
            for value in own {
                let values = apart(settings, &value.group, &value.variables);
                let found = all.iter_mut().find(|series| {
                    (series.beside, series.order) == (beside, order)
                        && series.is_of(settings, &value.group, &values)
                });
                match found {
                    Some(series) => series.cells.push(value),
                    None => all.push(Series {
                        measure,
                        order,
                        beside,
                        group: &value.group,
                        values,
                        cells: vec![value],
                    }),
                }
            }
        }
        let place = |group: &str| report.study.groups.iter().position(|own| own.name == group);
        all.sort_by(|one, other| {
            (one.beside, one.order, place(one.group))
                .cmp(&(other.beside, other.order, place(other.group)))
                .then_with(|| compared(&one.values, &other.values))
        });
        all
    }

    /// Whether a cell of this group with these values belongs to the line. Where groups stand on the horizontal axis,
    /// they tell no lines apart.
    pub(super) fn is_of(
        &self,
        settings: &FigureSettings,
        group: &str,
        values: &[Option<Value>],
    ) -> bool {
        let is_same = |pair: (&Option<Value>, &Option<Value>)| match pair {
            (Some(one), Some(other)) => one.equals(other),
            (one, other) => one.is_none() && other.is_none(),
        };
        let mut pairs = self.values.iter().zip(values);
        (settings.x == "group" || self.group == group) && pairs.all(is_same)
    }

    /// Returns what the line is: its measure and its group where they tell it from others, and its values.
    pub(super) fn words(&self, settings: &FigureSettings, measures: bool, groups: bool) -> String {
        let mut parts: Vec<String> = Vec::new();
        if measures {
            parts.push(shown_name(self.measure.title()));
        }
        if groups && settings.x != "group" {
            parts.push(shown_name(self.group));
        }
        let named = settings.lines.iter().zip(&self.values);
        let named = named.filter(|(name, _)| !(groups && name.as_str() == "group"));
        parts.extend(named.filter_map(|(name, value)| {
            Some(shown_name(&format!("{name} = {}", value.as_ref()?)))
        }));
        if parts.is_empty() {
            shown_name(self.measure.title())
        } else {
            parts.join(", ")
        }
    }
}

/// Returns the values in a cell of the variables that tell lines apart.
pub(super) fn apart(settings: &FigureSettings, group: &str, cell: &Cell) -> Vec<Option<Value>> {
    let names = settings.lines.iter();
    names.map(|name| variable(group, cell, name)).collect()
}

/// Orders values variable by variable: those without one first, numbers by size, words as people read them.
fn compared(one: &[Option<Value>], other: &[Option<Value>]) -> Ordering {
    let orders = one.iter().zip(other).map(|pair| match pair {
        (Some(one), Some(other)) => match (one.number(), other.number()) {
            (Some(one), Some(other)) => one.total_cmp(&other),
            (None, None) => natural_order(&one.to_string(), &other.to_string()),
            (one, other) => other.is_some().cmp(&one.is_some()),
        },
        (one, other) => one.is_some().cmp(&other.is_some()),
    });
    orders.fold(Ordering::Equal, Ordering::then)
}
