//! Tables of a record: one row an interval, and the singular values of the watched layers.

use crate::report::column::{Column, series};
use crate::report::frame::{counts, numbers, texts};
use crate::train::{Row, TrainingRecord, Watched};
use polars::prelude::{DataFrame, PolarsResult};

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

const ROW: [Column<Row>; 8] = [
    Column::count("iteration", |row| row.iteration),
    Column::number("epoch", |row| Some(row.epoch)),
    Column::count("phase", |row| row.phase as u64),
    Column::number("loss", |row| row.loss),
    Column::number("training_accuracy", |row| row.training_accuracy),
    Column::number("test_accuracy", |row| row.test_accuracy),
    Column::number("test_loss", |row| row.test_loss),
    Column::number("rate", |row| Some(row.rate)),
];

/// One row an interval; of a watched layer NAME the columns `variance NAME` and `s1 NAME`, its largest
/// singular value. What was not measured is null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn record_frame(record: &TrainingRecord) -> PolarsResult<DataFrame> {
    let rows: Vec<Option<&Row>> = record.rows.iter().map(Some).collect();
    let mut columns = series(&ROW, &rows);
    for layer in watched_layers(record) {
        let own = || record.rows.iter().map(|row| watched(row, layer));
        let variance = own().map(|watched| Some(watched?.variance));
        let largest = own().map(|watched| watched?.singular_values.first().copied());
        columns.push(numbers(&format!("variance {layer}"), variance));
        columns.push(numbers(&format!("s1 {layer}"), largest));
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
    let columns = vec![
        counts("iteration", all().map(|(iteration, ..)| Some(iteration))),
        texts("layer", all().map(|(_, layer, ..)| Some(layer.clone()))),
        counts("order", all().map(|(_, _, order, _)| Some(order))),
        numbers("singular_value", all().map(|(.., value)| Some(value))),
    ];
    DataFrame::new(all().count(), columns)
}
