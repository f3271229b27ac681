//! A table of one row a matrix and number of rows of its sketches, for CSV and Parquet.

use crate::report::frame::{Number, frame, shape, status, text};
use crate::sketch::{Mode, SketchLayer, SketchRun, Sketched, SweepPoint};
use polars::prelude::{Column, DataFrame, PolarsResult};

/// A matrix with one k, or a tensor without sketches.
struct Row<'a> {
    layer: &'a SketchLayer,
    found: Option<(&'a Sketched, Option<&'a SweepPoint>)>,
}

impl Row<'_> {
    fn found(&self) -> Option<&Sketched> {
        Some(self.found?.0)
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

fn numbers<'a>() -> Vec<Number<Row<'a>>> {
    vec![
        ("rows", |r| Some(r.found()?.rows as f64)),
        ("columns", |r| Some(r.found()?.columns as f64)),
        ("k", |r| {
            let (own, point) = r.found?;
            Some(point.map_or(own.k, |point| point.k) as f64)
        }),
        ("l", |r| Some(r.found()?.l as f64)),
        ("trials", |r| Some(r.found()?.trials as f64)),
        ("parameters", |r| match r.found? {
            (own, None) => Some(own.cost.parameters as f64),
            _ => None,
        }),
        ("multiply_adds", |r| match r.found? {
            (own, None) => Some(own.cost.multiply_adds as f64),
            _ => None,
        }),
        ("compression_rate", |r| {
            let (own, point) = r.found?;
            Some(point.map_or(own.compression_rate, |point| point.compression_rate))
        }),
        ("mode1_exact", |r| r.mode(0)?.exact),
        ("mode1_bound", |r| r.mode(0)?.bound),
        ("mode1_measured", |r| r.mode(0)?.measured),
        ("mode1_low", |r| Some(r.mode(0)?.interval?[0])),
        ("mode1_high", |r| Some(r.mode(0)?.interval?[1])),
        ("mode1_relative_error", |r| r.mode(0)?.relative_error),
        ("mode2_exact", |r| r.mode(1)?.exact),
        ("mode2_bound", |r| r.mode(1)?.bound),
        ("mode2_measured", |r| r.mode(1)?.measured),
        ("mode2_low", |r| Some(r.mode(1)?.interval?[0])),
        ("mode2_high", |r| Some(r.mode(1)?.interval?[1])),
        ("mode2_relative_error", |r| r.mode(1)?.relative_error),
        ("averaged_exact", |r| r.mode(2)?.exact),
        ("averaged_bound", |r| r.mode(2)?.bound),
        ("averaged_printed_bound", |r| r.averaged_printed()),
        ("averaged_measured", |r| r.mode(2)?.measured),
        ("averaged_low", |r| Some(r.mode(2)?.interval?[0])),
        ("averaged_high", |r| Some(r.mode(2)?.interval?[1])),
        ("averaged_relative_error", |r| r.mode(2)?.relative_error),
        ("deviation", |r| match r.found? {
            (own, None) => Some(own.exceedance.as_ref()?.deviation),
            _ => None,
        }),
        ("exceedance_at_most", |r| match r.found? {
            (own, None) => Some(own.exceedance.as_ref()?.chebyshev),
            _ => None,
        }),
        ("exceedance_measured", |r| match r.found? {
            (own, None) => Some(own.exceedance.as_ref()?.measured?.estimate),
            _ => None,
        }),
        ("best_fit_error", |r| match r.found? {
            (own, None) => own.best_fit.as_ref()?.in_space,
            _ => None,
        }),
        ("low_rank_error", |r| match r.found? {
            (own, None) => own.best_fit.as_ref()?.low_rank,
            _ => None,
        }),
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
    ];
    let all: Vec<Option<&Row<'_>>> = rows.iter().map(Some).collect();
    frame(texts, &numbers(), &all)
}
