//! What was measured on each run, as a table.

use super::thin::{kept, table_places};
use crate::report::column::{Column, series};
use crate::report::frame::{counts, numbers, texts};
use crate::study::{Observation, RunReport, StudyReport};
use polars::prelude::{DataFrame, PolarsResult};

/// Columns besides the variables.
const OTHERS: [&str; 7] = ["group", "seed", "key", "measure", "over", "at", "value"];

/// A number of a run.
struct Row<'a> {
    run: &'a RunReport,
    observation: &'a Observation,
    place: usize,
}

/// The columns after the variables and the seed.
fn measured<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        Column::text("key", |row| row.run.key.clone()),
        Column::text("measure", |row| Some(row.observation.measure.clone())),
        Column::text("over", |row| Some(row.observation.curve.over?.to_owned())),
        Column::number("at", |row| Some(row.observation.curve.at[row.place])),
        Column::number("value", |row| Some(row.observation.curve.values[row.place])),
    ]
}

/// Returns one row a run, measure and place: the run's group, variables, seed and key, the measure, what its places are, the
/// place and the number there. Numbers that are not finite are null. A variable is a column of numbers unless one of its
/// values is a word; one called like another column is `variable NAME`. Curves keep all their places while there are some 6,000 rows, then fewer.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn study_frame(report: &StudyReport) -> PolarsResult<DataFrame> {
    let curves = report.observations.iter();
    let curves = curves.filter(|observation| observation.curve.over.is_some());
    let limit = table_places(curves.count());
    let mut rows: Vec<Row<'_>> = Vec::new();
    for observation in &report.observations {
        let Some(run) = report.runs.get(observation.run) else {
            continue;
        };
        let curve = &observation.curve;
        let places = kept(curve.over, curve.at.len().min(curve.values.len()), limit);
        rows.extend(places.into_iter().map(|place| Row {
            run,
            observation,
            place,
        }));
    }
    let mut variables: Vec<&str> = Vec::new();
    for name in report.runs.iter().flat_map(|run| run.variables.keys()) {
        if !variables.contains(&name.as_str()) {
            variables.push(name);
        }
    }
    variables.sort_unstable();
    let text = |name: &str, value: &dyn Fn(&Row<'_>) -> Option<String>| {
        texts(name, rows.iter().map(value))
    };
    let mut columns = vec![text("group", &|row| Some(row.run.group.clone()))];
    for name in variables {
        let title = if OTHERS.contains(&name) {
            format!("variable {name}")
        } else {
            name.to_owned()
        };
        let mut values = report.runs.iter().filter_map(|run| run.variables.get(name));
        columns.push(if values.all(|value| value.number().is_some()) {
            numbers(
                &title,
                rows.iter().map(|row| row.run.variables.get(name)?.number()),
            )
        } else {
            text(&title, &|row| {
                Some(row.run.variables.get(name)?.to_string())
            })
        });
    }
    columns.push(counts("seed", rows.iter().map(|row| Some(row.run.seed))));
    columns.extend(series(
        &measured(),
        &rows.iter().map(Some).collect::<Vec<_>>(),
    ));
    DataFrame::new(rows.len(), columns)
}
