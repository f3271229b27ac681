//! One row a matrix.

use crate::fit::product::{FitRow, ProductFit, ProductFits};
use crate::report::frame::{Number, frame, shape, status, text};
use polars::prelude::{DataFrame, PolarsResult};
use serde::Serialize;

const NUMBERS: &[Number<ProductFit>] = &[
    ("factors", |f| Some(f.factors.len() as f64)),
    ("parameters", |f| Some(f.parameters as f64)),
    ("degrees_of_freedom", |f| Some(f.degrees_of_freedom as f64)),
    ("compression_rate", |f| Some(f.compression_rate)),
    ("frobenius_norm", |f| Some(f.frobenius_norm)),
    ("distance", |f| Some(f.distance)),
    ("relative_residual", |f| Some(f.relative_residual)),
    ("null_residual", |f| Some(f.null_residual)),
    ("shuffled_residual", |f| f.shuffled_residual),
    ("rotated_residual", |f| f.rotated_residual),
    ("fitted_residual", |f| f.inputs.map(|i| i.fitted_residual)),
    ("held_out_residual", |f| {
        f.inputs.map(|i| i.held_out_residual)
    }),
    ("condition", |f| f.condition),
    ("iterations", |f| Some(f.iterations as f64)),
];

/// One row a matrix, without the coefficients.
///
/// # Errors
///
/// Polars' own.
pub fn product_frame(fits: &ProductFits) -> PolarsResult<DataFrame> {
    let words = |name, of: fn(&FitRow) -> Option<String>| text(name, fits.rows.iter().map(of));
    let texts = vec![
        words("name", |row| Some(row.name.clone())),
        words("file", |row| Some(row.file.clone())),
        words("status", |row| Some(status(row.status).into())),
        words("reason", |row| row.reason.clone()),
        words("shape", |row| Some(shape(&row.shape))),
        words("method", |row| named(&row.fit.as_ref()?.method)),
        words("stopped", |row| named(&row.fit.as_ref()?.stopped)),
        words("verdict", |row| {
            Some(row.fit.as_ref()?.verdict.as_ref()?.text.clone())
        }),
    ];
    let rows: Vec<_> = fits.rows.iter().map(|row| row.fit.as_ref()).collect();
    frame(texts, NUMBERS, &rows)
}

/// The name of a plain variant in JSON.
pub(super) fn named<T: Serialize>(value: &T) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(String::from)
}
