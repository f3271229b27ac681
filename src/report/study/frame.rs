//! What was measured on each run, as a table.

use super::thin::{kept, table_places};
use crate::report::frame::text;
use crate::study::{Observation, RunReport, StudyReport};
use polars::prelude::{Column, DataFrame, NamedFrom, PolarsResult, Series};

/// Columns besides the variables.
const OTHERS: [&str; 7] = ["group", "seed", "key", "measure", "over", "at", "value"];

/// A number of a run.
struct Row<'a> {
    run: &'a RunReport,
    observation: &'a Observation,
    place: usize,
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
    let texts = |name: &str, value: &dyn Fn(&Row<'_>) -> Option<String>| -> Column {
        text(name, rows.iter().map(value))
    };
    let numbers = |name: &str, value: fn(&Row<'_>) -> f64| -> Column {
        let values = rows.iter().map(value);
        let values: Vec<Option<f64>> = values.map(|x| Some(x).filter(|x| x.is_finite())).collect();
        Column::from(Series::new(name.into(), values))
    };
    let mut columns = vec![texts("group", &|row| Some(row.run.group.clone()))];
    for name in variables {
        let title = match OTHERS.contains(&name) {
            true => format!("variable {name}"),
            false => name.to_owned(),
        };
        let mut values = report.runs.iter().filter_map(|run| run.variables.get(name));
        columns.push(if values.all(|value| value.number().is_some()) {
            let numbers = rows.iter().map(|row| row.run.variables.get(name)?.number());
            Column::from(Series::new(title.into(), numbers.collect::<Vec<_>>()))
        } else {
            texts(&title, &|row| {
                Some(row.run.variables.get(name)?.to_string())
            })
        });
    }
    let seeds: Vec<u64> = rows.iter().map(|row| row.run.seed).collect();
    columns.extend([
        Column::from(Series::new("seed".into(), seeds)),
        texts("key", &|row| row.run.key.clone()),
        texts("measure", &|row| Some(row.observation.measure.clone())),
        texts("over", &|row| Some(row.observation.curve.over?.to_owned())),
        numbers("at", |row| row.observation.curve.at[row.place]),
        numbers("value", |row| row.observation.curve.values[row.place]),
    ]);
    DataFrame::new(rows.len(), columns)
}
