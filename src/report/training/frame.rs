//! Tables of a record: one row an interval, and the singular values of the watched layers.

use crate::report::frame::text;
use crate::train::{Row, TrainingRecord, Watched};
use polars::prelude::{Column, DataFrame, NamedFrom, PolarsResult, Series};

/// Layers that some row has watched, in the order in which they are met.
pub(in crate::report) fn watched_layers(record: &TrainingRecord) -> Vec<&str> {
    let mut layers: Vec<&str> = Vec::new();
    for watched in record.rows.iter().flat_map(|row| &row.watched) {
        if !layers.contains(&watched.layer.as_str()) {
            layers.push(&watched.layer);
        }
    }
    layers
}

/// What `row` says of `layer`.
pub(in crate::report) fn watched<'a>(row: &'a Row, layer: &str) -> Option<&'a Watched> {
    row.watched.iter().find(|watched| watched.layer == layer)
}

fn numbers(name: &str, rows: &[Row], number: impl Fn(&Row) -> Option<f64>) -> Column {
    let values = rows.iter().map(|row| number(row).filter(|x| x.is_finite()));
    let values: Vec<Option<f64>> = values.collect();
    Column::from(Series::new(name.into(), values))
}

fn counts(name: &str, values: impl Iterator<Item = u64>) -> Column {
    let values: Vec<u64> = values.collect();
    Column::from(Series::new(name.into(), values))
}

/// One row an interval; of a watched layer NAME the columns `variance NAME` and `s1 NAME`, its largest
/// singular value. What was not measured is null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn record_frame(record: &TrainingRecord) -> PolarsResult<DataFrame> {
    let rows = &record.rows;
    let mut columns = vec![
        counts("iteration", rows.iter().map(|row| row.iteration)),
        numbers("epoch", rows, |row| Some(row.epoch)),
        counts("phase", rows.iter().map(|row| row.phase as u64)),
        numbers("loss", rows, |row| row.loss),
        numbers("training_accuracy", rows, |row| row.training_accuracy),
        numbers("test_accuracy", rows, |row| row.test_accuracy),
        numbers("test_loss", rows, |row| row.test_loss),
        numbers("rate", rows, |row| Some(row.rate)),
    ];
    for layer in watched_layers(record) {
        columns.push(numbers(&format!("variance {layer}"), rows, |row| {
            Some(watched(row, layer)?.variance)
        }));
        columns.push(numbers(&format!("s1 {layer}"), rows, |row| {
            watched(row, layer)?.singular_values.first().copied()
        }));
    }
    DataFrame::new(rows.len(), columns)
}

/// One row a singular value: `iteration`, `layer`, `order` from 1, `singular_value`.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn spectra_frame(record: &TrainingRecord) -> PolarsResult<DataFrame> {
    let all = || {
        let watched = record.rows.iter().flat_map(|row| {
            let each = row.watched.iter();
            each.map(|watched| (row.iteration, watched))
        });
        watched.flat_map(|(iteration, watched)| {
            let values = (1u64..).zip(&watched.singular_values);
            values.map(move |(order, value)| (iteration, &watched.layer, order, *value))
        })
    };
    let values: Vec<f64> = all().map(|(.., value)| value).collect();
    let columns = vec![
        counts("iteration", all().map(|(iteration, ..)| iteration)),
        text("layer", all().map(|(_, layer, ..)| Some(layer.clone()))),
        counts("order", all().map(|(_, _, order, _)| order)),
        Column::from(Series::new("singular_value".into(), &values)),
    ];
    DataFrame::new(values.len(), columns)
}
