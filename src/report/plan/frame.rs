//! A table of one row a layer and budget, for CSV and Parquet.

use crate::plan::{Budget, ModelPlan, PlanRow, Sized};
use crate::report::column::{Column, frame};
use crate::report::frame::{shape, status};
use polars::prelude::{DataFrame, PolarsResult};

/// A layer in a budget, or a tensor outside of it.
struct Row<'a> {
    row: &'a PlanRow,
    found: Option<(&'a Budget, &'a Sized, &'a Sized)>,
}

#[rustfmt::skip]
fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        Column::text("name", |r| Some(r.row.name.clone())),
        Column::text("file", |r| Some(r.row.file.clone())),
        Column::text("status", |r| Some(status(r.row.status).into())),
        Column::text("reason", |r| r.row.reason.clone()),
        Column::text("dtype", |r| Some(r.row.dtype.clone())),
        Column::text("shape", |r| Some(shape(&r.row.shape))),
        Column::text("role", |r| Some(r.row.layer.as_ref()?.role.key().into())),
        Column::text("weight_type", |r| Some(r.row.layer.as_ref()?.weight_type.clone())),
        Column::text("family", |r| Some(r.found?.1.family.name().into())),
        Column::number("rows", |r| Some(r.row.layer.as_ref()?.rows as f64)),
        Column::number("columns", |r| Some(r.row.layer.as_ref()?.columns as f64)),
        Column::number("dense_cost", |r| Some(r.row.layer.as_ref()?.cost as f64)),
        Column::number("alpha", |r| r.row.layer.as_ref()?.alpha),
        Column::number("budget", |r| Some(r.found?.0.share)),
        Column::number("size", |r| Some(r.found?.1.size? as f64)),
        Column::number("cost", |r| Some(r.found?.1.cost as f64)),
        Column::number("share", |r| Some(r.found?.1.share)),
        Column::number("error_calibration", |r| Some(r.found?.1.error.calibration)),
        Column::number("error_held_out", |r| r.found?.1.error.held_out),
        Column::number("loss", |r| Some(r.found?.1.loss)),
        Column::number("uniform_size", |r| Some(r.found?.2.size? as f64)),
        Column::number("uniform_share", |r| Some(r.found?.2.share)),
        Column::number("uniform_loss", |r| Some(r.found?.2.loss)),
    ]
}

/// One row a layer and budget, and one for each tensor outside of the budget.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn plan_frame(plan: &ModelPlan) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for found in &plan.budgets {
        for (sized, uniform) in found.layers.iter().zip(&found.uniform.layers) {
            rows.push(Row {
                row: &plan.rows[sized.row],
                found: Some((found, sized, uniform)),
            });
        }
    }
    let has_budgets = !plan.budgets.is_empty();
    let others = plan
        .rows
        .iter()
        .filter(|row| row.layer.is_none() || !has_budgets);
    rows.extend(others.map(|row| Row { row, found: None }));
    frame(&columns(), &rows)
}
