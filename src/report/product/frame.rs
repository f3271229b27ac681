//! One row a matrix.

use crate::fit::product::{FitRow, ProductFit, ProductFits};
use crate::report::frame::{frame, shape, text};
use polars::prelude::{DataFrame, PolarsResult};

const NUMBERS: &[(&str, fn(&ProductFit) -> Option<f64>)] = &[
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
    let rows = &fits.fits;
    let words = |of: fn(&FitRow) -> Option<String>| rows.iter().map(of);
    let mut columns = vec![
        text("name", words(|row| Some(row.name.clone()))),
        text("file", words(|row| Some(row.file.clone()))),
        text("status", words(|row| named(&row.status))),
        text("reason", words(|row| row.reason.clone())),
        text("shape", words(|row| Some(shape(&row.shape)))),
        text("method", words(|row| named(&row.fit.as_ref()?.method))),
        text("stopped", words(|row| named(&row.fit.as_ref()?.stopped))),
        text(
            "verdict",
            words(|row| Some(row.fit.as_ref()?.verdict.as_ref()?.text.clone())),
        ),
    ];
    let fitted: Vec<Option<&ProductFit>> = rows.iter().map(|row| row.fit.as_ref()).collect();
    frame(&mut columns, &fitted, NUMBERS)
}

/// The name that a plain variant has in JSON.
pub(super) fn named<T: serde::Serialize>(value: &T) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(String::from)
}
