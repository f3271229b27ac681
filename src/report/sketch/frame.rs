//! A table of one row a matrix and number of rows of its sketches, for CSV and Parquet.

use crate::report::column::{Column, frame};
use crate::report::frame::{shape, status};
use crate::sketch::{Mode, SketchLayer, SketchRun, Sketched, SweepPoint};
use polars::prelude::{DataFrame, PolarsResult};

/// A matrix with one k, or a tensor without sketches.
struct Row<'a> {
    layer: &'a SketchLayer,
    found: Option<(&'a Sketched, Option<&'a SweepPoint>)>,
}

impl Row<'_> {
    fn found(&self) -> Option<&Sketched> {
        Some(self.found?.0)
    }

    /// Returns the numbers that only the k that was asked for has; `None` in a row of the sweep.
    fn own(&self) -> Option<&Sketched> {
        let (own, point) = self.found?;
        point.is_none().then_some(own)
    }

    /// Mode 1, mode 2 and the average.
    fn mode(&self, which: usize) -> Option<&Mode> {
        let (own, point) = self.found?;
        Some(match (which, point) {
            (0, None) => &own.mode1,
            (1, None) => &own.mode2,
            (_, None) => &own.averaged.mode,
            (0, Some(point)) => &point.mode1,
            (1, Some(point)) => &point.mode2,
            (_, Some(point)) => &point.averaged.mode,
        })
    }

    fn averaged_printed(&self) -> Option<f64> {
        let (own, point) = self.found?;
        point
            .map_or(&own.averaged, |point| &point.averaged)
            .printed_bound
    }
}

#[rustfmt::skip]
fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        Column::text("name", |r| Some(r.layer.name.clone())),
        Column::text("file", |r| Some(r.layer.file.clone())),
        Column::text("status", |r| Some(status(r.layer.status).into())),
        Column::text("reason", |r| r.layer.reason.clone()),
        Column::text("dtype", |r| Some(r.layer.dtype.clone())),
        Column::text("shape", |r| Some(shape(&r.layer.shape))),
        Column::number("rows", |r| Some(r.found()?.rows as f64)),
        Column::number("columns", |r| Some(r.found()?.columns as f64)),
        Column::number("k", |r| {
            let (own, point) = r.found?;
            Some(point.map_or(own.k, |point| point.k) as f64)
        }),
        Column::number("l", |r| Some(r.found()?.l as f64)),
        Column::number("trials", |r| Some(r.found()?.trials as f64)),
        Column::number("parameters", |r| Some(r.own()?.cost.parameters as f64)),
        Column::number("multiply_adds", |r| Some(r.own()?.cost.multiply_adds as f64)),
        Column::number("compression_rate", |r| {
            let (own, point) = r.found?;
            Some(point.map_or(own.compression_rate, |point| point.compression_rate))
        }),
        Column::number("mode1_exact", |r| r.mode(0)?.exact),
        Column::number("mode1_bound", |r| r.mode(0)?.bound),
        Column::number("mode1_measured", |r| r.mode(0)?.measured),
        Column::number("mode1_low", |r| Some(r.mode(0)?.interval?[0])),
        Column::number("mode1_high", |r| Some(r.mode(0)?.interval?[1])),
        Column::number("mode1_relative_error", |r| r.mode(0)?.relative_error),
        Column::number("mode2_exact", |r| r.mode(1)?.exact),
        Column::number("mode2_bound", |r| r.mode(1)?.bound),
        Column::number("mode2_measured", |r| r.mode(1)?.measured),
        Column::number("mode2_low", |r| Some(r.mode(1)?.interval?[0])),
        Column::number("mode2_high", |r| Some(r.mode(1)?.interval?[1])),
        Column::number("mode2_relative_error", |r| r.mode(1)?.relative_error),
        Column::number("averaged_exact", |r| r.mode(2)?.exact),
        Column::number("averaged_bound", |r| r.mode(2)?.bound),
        Column::number("averaged_printed_bound", |r| r.averaged_printed()),
        Column::number("averaged_measured", |r| r.mode(2)?.measured),
        Column::number("averaged_low", |r| Some(r.mode(2)?.interval?[0])),
        Column::number("averaged_high", |r| Some(r.mode(2)?.interval?[1])),
        Column::number("averaged_relative_error", |r| r.mode(2)?.relative_error),
        Column::number("deviation", |r| Some(r.own()?.exceedance.as_ref()?.deviation)),
        Column::number("exceedance_at_most", |r| Some(r.own()?.exceedance.as_ref()?.chebyshev)),
        Column::number("exceedance_measured", |r| Some(r.own()?.exceedance.as_ref()?.measured?.estimate)),
        Column::number("best_fit_error", |r| r.own()?.best_fit.as_ref()?.in_space),
        Column::number("low_rank_error", |r| r.own()?.best_fit.as_ref()?.low_rank),
    ]
}

/// First the k that was asked for, then those of the sweep, matrix by matrix; one row for each tensor
/// without sketches. Numbers that are undefined are null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn sketch_frame(run: &SketchRun) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for layer in &run.rows {
        let Some(own) = &layer.sketched else {
            rows.push(Row { layer, found: None });
            continue;
        };
        let points = own.sweep.iter().map(Some);
        rows.extend([None].into_iter().chain(points).map(|point| Row {
            layer,
            found: Some((own, point)),
        }));
    }
    frame(&columns(), &rows)
}
