//! A table of one row a fit, for CSV and Parquet.

use crate::fit::families::{FamilyComparison, FamilyFit, FamilyLayer, LeftOut, Search};
use crate::report::frame::{Number, frame, shape, status, text};
use polars::prelude::{Column, DataFrame, PolarsResult};

/// A fit with its matrix, or a tensor without fits.
struct Row<'a> {
    layer: &'a FamilyLayer,
    fit: Option<&'a FamilyFit>,
    left_out: Option<&'a LeftOut>,
}

fn numbers<'a>() -> [Number<Row<'a>>; 12] {
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
        ("shuffles", |r| Some(r.fit?.shuffles as f64)),
        ("least_gain", |r| r.fit?.least_gain),
    ]
}

/// One row a matrix, family and budget, one for each family left out, and one for each tensor without fits; numbers that
/// are undefined are null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn family_frame(comparison: &FamilyComparison) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for layer in &comparison.rows {
        rows.extend(layer.families.iter().map(|fit| Row {
            layer,
            fit: Some(fit),
            left_out: None,
        }));
        rows.extend(layer.left_out.iter().map(|left_out| Row {
            layer,
            fit: None,
            left_out: Some(left_out),
        }));
        if layer.families.is_empty() && layer.left_out.is_empty() {
            rows.push(Row {
                layer,
                fit: None,
                left_out: None,
            });
        }
    }
    let column = |name: &str, value: fn(&Row<'_>) -> Option<String>| -> Column {
        text(name, rows.iter().map(value))
    };
    let texts = vec![
        column("name", |r| Some(r.layer.name.clone())),
        column("file", |r| Some(r.layer.file.clone())),
        column("status", |r| Some(status(r.layer.status).into())),
        column("reason", |r| match r.left_out {
            Some(left_out) => Some(format!("left out: {}", left_out.reason)),
            None => r.layer.reason.clone(),
        }),
        column("dtype", |r| Some(r.layer.dtype.clone())),
        column("shape", |r| Some(shape(&r.layer.shape))),
        column("family", |r| {
            let family = r.fit.map(|fit| fit.family);
            let family = family.or(r.left_out.map(|left_out| left_out.family));
            Some(family?.name().into())
        }),
        column("finding", |r| Some(super::kind(r.fit?.verdict.kind).into())),
        column("verdict", |r| Some(r.fit?.verdict.text.clone())),
        column("detail", |r| r.fit?.detail.clone()),
        column("search", |r| {
            Some(match r.fit?.search {
                Search::Exact => "exact".into(),
                Search::BestFound => "best found".into(),
            })
        }),
    ];
    let all: Vec<Option<&Row<'_>>> = rows.iter().map(Some).collect();
    frame(texts, &numbers(), &all)
}
