//! A table of one row a fit, for CSV and Parquet.

use crate::fit::families::{FamilyComparison, FamilyFit, FamilyLayer};
use crate::report::frame::{Number, frame, shape, status, text};
use polars::prelude::{Column, DataFrame, PolarsResult};

/// A fit with its matrix, or a tensor without fits.
struct Row<'a> {
    layer: &'a FamilyLayer,
    fit: Option<&'a FamilyFit>,
}

fn numbers<'a>() -> [Number<Row<'a>>; 10] {
    [
        ("rows", |r| r.layer.rows.map(|x| x as f64)),
        ("columns", |r| r.layer.columns.map(|x| x as f64)),
        ("budget", |r| Some(r.fit?.budget)),
        ("parameters", |r| Some(r.fit?.parameters? as f64)),
        ("degrees_of_freedom", |r| {
            Some(r.fit?.degrees_of_freedom? as f64)
        }),
        ("compression_rate", |r| r.fit?.compression_rate),
        ("relative_residual", |r| r.fit?.relative_residual),
        ("null_residual", |r| r.fit?.null_residual),
        ("shuffled_residual", |r| r.fit?.shuffled_residual),
        ("rotated_residual", |r| r.fit?.rotated_residual),
    ]
}

/// One row a matrix, family and budget, and one for each tensor without fits; numbers that are
/// undefined are null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn family_frame(comparison: &FamilyComparison) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for layer in &comparison.layers {
        rows.extend(layer.families.iter().map(|fit| Row {
            layer,
            fit: Some(fit),
        }));
        if layer.families.is_empty() {
            rows.push(Row { layer, fit: None });
        }
    }
    let column = |name: &str, value: fn(&Row<'_>) -> Option<String>| -> Column {
        text(name, rows.iter().map(value))
    };
    let texts = vec![
        column("name", |r| Some(r.layer.name.clone())),
        column("file", |r| Some(r.layer.file.clone())),
        column("status", |r| Some(status(r.layer.status).into())),
        column("reason", |r| r.layer.reason.clone()),
        column("dtype", |r| Some(r.layer.dtype.clone())),
        column("shape", |r| Some(shape(&r.layer.shape))),
        column("family", |r| Some(r.fit?.family.name().into())),
        column("finding", |r| Some(super::kind(r.fit?.verdict.kind).into())),
        column("verdict", |r| Some(r.fit?.verdict.text.clone())),
        column("detail", |r| r.fit?.detail.clone()),
    ];
    let all: Vec<Option<&Row<'_>>> = rows.iter().map(Some).collect();
    frame(texts, &numbers(), &all)
}
