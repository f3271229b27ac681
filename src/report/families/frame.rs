//! A table of one row a fit, for CSV and Parquet.

use crate::fit::families::{FamilyComparison, FamilyFit, FamilyLayer, LeftOut, Search};
use crate::report::column::{Column, frame};
use crate::report::frame::{shape, status};
use polars::prelude::{DataFrame, PolarsResult};

/// A fit with its matrix, or a tensor without fits.
struct Row<'a> {
    layer: &'a FamilyLayer,
    fit: Option<&'a FamilyFit>,
    left_out: Option<&'a LeftOut>,
}

#[rustfmt::skip]
fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        Column::text("name", |r| Some(r.layer.name.clone())),
        Column::text("file", |r| Some(r.layer.file.clone())),
        Column::text("status", |r| Some(status(r.layer.status).into())),
        Column::text("reason", |r| match r.left_out {
            Some(left_out) => Some(format!("left out: {}", left_out.reason)),
            None => r.layer.reason.clone(),
        }),
        Column::text("dtype", |r| Some(r.layer.dtype.clone())),
        Column::text("shape", |r| Some(shape(&r.layer.shape))),
        Column::text("family", |r| {
            let family = r.fit.map(|fit| fit.family);
            let family = family.or(r.left_out.map(|left_out| left_out.family));
            Some(family?.name().into())
        }),
        Column::text("finding", |r| Some(super::kind(r.fit?.verdict.kind).into())),
        Column::text("verdict", |r| Some(r.fit?.verdict.text.clone())),
        Column::text("detail", |r| r.fit?.detail.clone()),
        Column::text("search", |r| {
            Some(match r.fit?.search {
                Search::Exact => "exact".into(),
                Search::BestFound => "best found".into(),
            })
        }),
        Column::number("rows", |r| r.layer.rows.map(|x| x as f64)),
        Column::number("columns", |r| r.layer.columns.map(|x| x as f64)),
        Column::number("budget", |r| Some(r.fit?.budget)),
        Column::number("parameters", |r| Some(r.fit?.parameters? as f64)),
        Column::number("degrees_of_freedom", |r| Some(r.fit?.degrees_of_freedom? as f64)),
        Column::number("compression_rate", |r| r.fit?.compression_rate),
        Column::number("relative_residual", |r| r.fit?.relative_residual),
        Column::number("null_residual", |r| r.fit?.null_residual),
        Column::number("shuffled_residual", |r| r.fit?.shuffled_residual),
        Column::number("rotated_residual", |r| r.fit?.rotated_residual),
        Column::number("shuffles", |r| Some(r.fit?.shuffles as f64)),
        Column::number("least_gain", |r| r.fit?.least_gain),
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
    frame(&columns(), &rows)
}
