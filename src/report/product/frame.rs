//! The columns of fits: a row a matrix.

use crate::fit::product::{FitRow, ProductFit, ProductFits};
use crate::report::column::{Column, series};
use crate::report::format::Format::{Fixed, Percent, Significant, Whole};
use crate::report::frame::{key, shape, status};
use polars::prelude::{DataFrame, PolarsResult};

#[rustfmt::skip]
const ROW: [Column<FitRow>; 8] = [
    Column::text("name", |row| Some(row.name.clone())),
    Column::text("file", |row| Some(row.file.clone())),
    Column::text("status", |row| Some(status(row.status).into())),
    Column::text("reason", |row| row.reason.clone()),
    Column::text("shape", |row| Some(shape(&row.shape))),
    Column::text("method", |row| key(&row.fit.as_ref()?.method)),
    Column::text("stopped", |row| key(&row.fit.as_ref()?.stopped)),
    Column::text("verdict", |row| {
        Some(row.fit.as_ref()?.verdict.as_ref()?.text.clone())
    }),
];

/// Numbers of a fit.
#[rustfmt::skip]
pub(in crate::report) const FIT: [Column<ProductFit>; 14] = [
    Column::number("factors", |f| Some(f.factors.len() as f64)),
    Column::shown("parameters", "parameters", Whole, "Coefficients of all factors", |f| Some(f.parameters as f64)),
    Column::number("degrees_of_freedom", |f| Some(f.degrees_of_freedom as f64)),
    Column::shown("compression_rate", "of W", Percent(3), "Parameters over entries", |f| Some(f.compression_rate)),
    Column::number("frobenius_norm", |f| Some(f.frobenius_norm)),
    Column::number("distance", |f| Some(f.distance)),
    Column::shown("relative_residual", "residual", Significant, "‖W − Ŵ‖ / ‖W‖", |f| Some(f.relative_residual)),
    Column::by_chance("null_residual", "chance", Significant, "√(1 − degrees of freedom / entries)", |f| Some(f.null_residual)),
    Column::shown("shuffled_residual", "shuffled", Significant, "The same fit to the entries in random order", |f| f.shuffled_residual),
    Column::shown("rotated_residual", "rotated", Significant, "The same fit to W turned at the same singular values", |f| f.rotated_residual),
    Column::shown("fitted_residual", "fitted", Significant, "Residual of the outputs on the fitted inputs", |f| Some(f.inputs?.fitted_residual)),
    Column::shown("held_out_residual", "held out", Significant, "Residual of the outputs on the inputs held out", |f| Some(f.inputs?.held_out_residual)),
    Column::shown("condition", "condition", Fixed(0), "Of the derivatives at the fit", |f| f.condition),
    Column::shown("iterations", "iterations", Whole, "Of the best start, all stages", |f| Some(f.iterations as f64)),
];

/// One row a matrix, without the coefficients.
///
/// # Errors
///
/// Polars' own.
pub fn product_frame(fits: &ProductFits) -> PolarsResult<DataFrame> {
    let rows: Vec<Option<&FitRow>> = fits.rows.iter().map(Some).collect();
    let own: Vec<Option<&ProductFit>> = fits.rows.iter().map(|row| row.fit.as_ref()).collect();
    let columns = [series(&ROW, &rows), series(&FIT, &own)];
    DataFrame::new(rows.len(), columns.concat())
}
