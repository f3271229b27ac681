//! The table of all matrices, a row each.

use std::fmt::Write;

use super::alerts::reason;
use super::words::{explained, fitted};
use crate::fit::VerdictKind;
use crate::fit::product::{ProductFit, ProductFits};
use crate::report::frame::shape;
use crate::report::page::table::breakable;
use crate::report::product::ended;
use crate::report::table::significant;
use crate::report::text::{escape_markup, file_name, shown_name};
use crate::weights::Status;

/// How to read it.
pub(super) const READING: &str = "A residual well below chance is a gain. Where the shuffled matrix does as well, the values of the entries make it and not their places; where the rotated one does, low rank makes it; where neither does, the coordinates matter.";

/// Heading, title, whether it is what chance would give, and the cell's text.
struct Column {
    heading: &'static str,
    title: &'static str,
    by_chance: bool,
    text: fn(&ProductFit) -> String,
}

const fn column(
    heading: &'static str,
    title: &'static str,
    text: fn(&ProductFit) -> String,
) -> Column {
    Column {
        heading,
        title,
        by_chance: false,
        text,
    }
}

const FIRST: [Column; 4] = [
    column("Parameters", "Coefficients of all factors", |fit| {
        fit.parameters.to_string()
    }),
    column("Share of W", "Parameters over entries", |fit| {
        format!("{:.3} %", 100.0 * fit.compression_rate)
    }),
    column("Residual", "‖W − Ŵ‖ / ‖W‖", |fit| {
        significant(Some(fit.relative_residual))
    }),
    Column {
        heading: "Chance",
        title: "√(1 − degrees of freedom / entries)",
        by_chance: true,
        text: |fit| significant(Some(fit.null_residual)),
    },
];

const CONTROLS: [Column; 2] = [
    column(
        "Shuffled",
        "The same fit to the entries in random order",
        |fit| significant(fit.shuffled_residual),
    ),
    column(
        "Rotated",
        "The same fit to W turned at the same singular values",
        |fit| significant(fit.rotated_residual),
    ),
];

const INPUTS: [Column; 2] = [
    column(
        "Fitted",
        "Residual of the outputs on the fitted inputs",
        |fit| significant(fit.inputs.map(|inputs| inputs.fitted_residual)),
    ),
    column(
        "Held out",
        "Residual of the outputs on the inputs held out",
        |fit| significant(fit.inputs.map(|inputs| inputs.held_out_residual)),
    ),
];

const LAST: [Column; 2] = [
    column("Condition", "Of the derivatives at the fit", |fit| {
        fit.condition.map_or(String::new(), |c| format!("{c:.1e}"))
    }),
    column(
        "Iterations",
        "Of the best start, all stages",
        |fit| match fit.iterations {
            0 => String::new(),
            count => count.to_string(),
        },
    ),
];

/// The columns that have something to say of these fits.
fn columns(fits: &ProductFits) -> Vec<&'static Column> {
    let has = |is_so: fn(&ProductFit) -> bool| fitted(fits).any(|(_, _, fit)| is_so(fit));
    let controls = has(|fit| fit.shuffled_residual.is_some() || fit.rotated_residual.is_some());
    let inputs = has(|fit| fit.inputs.is_some());
    let mut columns: Vec<&Column> = FIRST.iter().collect();
    if controls {
        columns.extend(&CONTROLS);
    }
    if inputs {
        columns.extend(&INPUTS);
    }
    columns.extend(&LAST);
    columns
}

/// Head and body of the table.
pub(super) fn table(fits: &ProductFits) -> String {
    let columns = columns(fits);
    let mut out = String::from(
        "<thead><tr><th scope=\"col\" class=\"num\">#<th scope=\"col\">Matrix<th scope=\"col\" class=\"num\">Shape",
    );
    for column in &columns {
        let title = escape_markup(column.title);
        let heading = column.heading;
        let _ = write!(
            out,
            "<th scope=\"col\" class=\"num\" title=\"{title}\">{heading}"
        );
    }
    out.push_str("<th scope=\"col\">Why it stopped<th scope=\"col\">Finding</thead><tbody>\n");
    for (i, row) in fits.fits.iter().enumerate() {
        let position = i + 1;
        let name = breakable(&shown_name(&row.name));
        let file = match fits.files.len() {
            0 | 1 => String::new(),
            _ => format!(" <small>{}</small>", breakable(&file_name(&row.file))),
        };
        let _ = write!(out, "<tr><td>{position}<th scope=\"row\">");
        match &row.fit {
            Some(fit) => {
                let size = shape(&row.shape).replace('x', "×");
                let _ = write!(
                    out,
                    "<a href=\"#layer-{position}\">{name}</a>{file}<td>{size}"
                );
                for column in &columns {
                    let class = if column.by_chance {
                        " class=\"chance\""
                    } else {
                        ""
                    };
                    let _ = write!(out, "<td{class}>{}", (column.text)(fit));
                }
                let _ = write!(
                    out,
                    "<td class=\"ended\">{}<td class=\"words\"><i class=\"{}\"></i>{}",
                    escape_markup(ended(fit.stopped)),
                    class(fit),
                    escape_markup(&finding(fit))
                );
            }
            None => {
                let word = match row.status {
                    Status::Failed => "failed",
                    _ => "skipped",
                };
                let _ = write!(
                    out,
                    "{name}{file}<td>{}<td class=\"reason\" colspan=\"{}\">{word}: {}",
                    shape(&row.shape).replace('x', "×"),
                    columns.len() + 2,
                    escape_markup(&reason(row))
                );
            }
        }
        out.push('\n');
    }
    out.push_str("</tbody>");
    out
}

/// The mark of a finding.
fn class(fit: &ProductFit) -> &'static str {
    match fit.verdict.as_ref().map(|verdict| verdict.kind) {
        Some(VerdictKind::Coordinates) => "coordinates",
        Some(VerdictKind::LowRank) => "rank",
        Some(VerdictKind::Both) => "both",
        _ => "nothing",
    }
}

/// The verdict, or what there is to say without the controls.
pub(super) fn finding(fit: &ProductFit) -> String {
    if let Some(verdict) = &fit.verdict {
        return verdict.text.clone();
    }
    if let Some(inputs) = fit.inputs {
        return format!(
            "{} of the outputs explained on held-out inputs",
            explained(inputs.held_out_residual)
        );
    }
    let numbers = format!(
        "{} explained, {} by as many random terms",
        explained(fit.relative_residual),
        explained(fit.null_residual)
    );
    match fit.is_chance() {
        Some(true) => format!("no gain: {numbers}"),
        _ => numbers,
    }
}
