//! Which cells a figure is of, and which of them have no number.

use super::words::cell_words;
use crate::report::text::shown_sentence;
use crate::study::{
    Cell, FigureSettings, Group, Measure, RunEnd, RunReport, Several, Source, StudyReport, Value,
};
use std::collections::BTreeMap;

/// Cells that are named; of more, the number is said.
const NAMED: usize = 12;

/// Returns the value of a variable in a cell; `group` is the name of its group.
pub(super) fn variable(group: &str, cell: &Cell, name: &str) -> Option<Value> {
    match name {
        "group" => Some(Value::Word(group.to_owned())),
        name => cell.get(name).cloned(),
    }
}

/// Whether the figure draws a cell of a group.
pub(super) fn is_drawn(settings: &FigureSettings, group: &str, cell: &Cell) -> bool {
    let of_group = settings.groups.is_empty() || settings.groups.iter().any(|name| name == group);
    of_group && is_among(&settings.only, group, cell)
}

fn is_among(only: &BTreeMap<String, Several>, group: &str, cell: &Cell) -> bool {
    let mut all = only.iter();
    all.all(|(name, wanted)| variable(group, cell, name).is_some_and(|value| wanted.has(&value)))
}

/// Whether `larger` has all the variables of `cell`, with the same values.
pub(super) fn has(larger: &Cell, cell: &Cell) -> bool {
    let mut all = cell.iter();
    all.all(|(name, value)| larger.get(name).is_some_and(|own| own.equals(value)))
}

/// Returns sentences that name the figure's cells without a number and those with runs that are not finished; nothing where
/// there are none.
pub(super) fn missing(report: &StudyReport, settings: &FigureSettings) -> String {
    let names = settings.y.iter().chain(&settings.beside);
    let mut measures: Vec<&Measure> = names
        .filter_map(|name| report.study.measure(name))
        .collect();
    let is_of = |group: &&Group| measures.iter().any(|measure| measure.is_of(&group.name));
    let groups: Vec<&Group> = report.study.groups.iter().filter(is_of).collect();
    measures.extend(report.study.measure(&settings.x));
    let mut without: Vec<String> = Vec::new();
    let mut unfinished: Vec<String> = Vec::new();
    for group in &groups {
        for cell in cells(report, group) {
            if !is_drawn(settings, &group.name, &cell) {
                continue;
            }
            let own = measures.iter().filter(|measure| measure.is_of(&group.name));
            let lacking = own.filter(|measure| !is_measured(report, measure, &group.name, &cell));
            let end = end(report, &group.name, &cell);
            let words = cell_words(&group.name, &cell, groups.len() == 1);
            match (lacking.count(), end) {
                (0, None) => {}
                (0, Some(end)) => unfinished.push(format!("{words} ({end})")),
                (_, end) => {
                    let end = end.unwrap_or_else(|| "not measured".to_owned());
                    without.push(format!("{words} ({end})"));
                }
            }
        }
    }
    let sentences = [
        ("Without a number", without),
        ("With unfinished runs", unfinished),
    ];
    let sentences = sentences.into_iter().filter(|(_, cells)| !cells.is_empty());
    sentences
        .map(|(start, cells)| {
            let more = match cells.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = &cells[..cells.len().min(NAMED)];
            format!(" {start}: {}{more}.", named.join("; "))
        })
        .collect()
}

/// Returns the cells that a group should have: those of its grid, or of a table those that were read.
fn cells(report: &StudyReport, group: &Group) -> Vec<Cell> {
    match (group.source(), group.cells()) {
        (Some(Source::Table(_)), _) | (_, Err(_)) => {
            let own = report.runs.iter().filter(|run| run.group == group.name);
            let mut cells: Vec<Cell> = Vec::new();
            for run in own {
                if !cells.contains(&run.variables) {
                    cells.push(run.variables.clone());
                }
            }
            cells
        }
        (_, Ok(cells)) => cells,
    }
}

/// Whether a measure has a number in a cell, of a curve at its end.
fn is_measured(report: &StudyReport, measure: &Measure, group: &str, cell: &Cell) -> bool {
    report.values.iter().any(|value| {
        let own = value.group == group && value.measure == measure.name;
        own && has(&value.variables, cell) && value.mean.last().is_some_and(Option::is_some)
    })
}

/// Returns how the runs of a cell ended; `None` where all are finished.
fn end(report: &StudyReport, group: &str, cell: &Cell) -> Option<String> {
    let own = |run: &&RunReport| run.group == group && has(&run.variables, cell);
    let runs: Vec<&RunReport> = report.runs.iter().filter(own).collect();
    let kinds = [RunEnd::Diverged, RunEnd::Failed, RunEnd::NotRun];
    let parts = kinds.into_iter().filter_map(|kind| {
        let mut of = runs.iter().filter(|run| run.ended == kind);
        let count = of.clone().count();
        let first = of.next()?;
        let seeds = match (count, runs.len()) {
            (1, 1) => String::new(),
            (count, all) => format!("{count} of {all} seeds "),
        };
        let reason = match (&first.reason, kind) {
            (Some(reason), RunEnd::Failed | RunEnd::NotRun) => {
                format!(": {}", shown_sentence(reason.trim_end_matches('.')))
            }
            _ => String::new(),
        };
        Some(format!("{seeds}{}{reason}", super::words::ended(kind)))
    });
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
