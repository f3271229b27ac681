//! The table of all matrices, a row each.

use std::fmt::Write;

use super::alerts::reason;
use super::words::{explained, fitted};
use crate::fit::VerdictKind;
use crate::fit::product::{FitRow, ProductFit, ProductFits, Stopped};
use crate::report::frame::shape;
use crate::report::page::table::breakable;
use crate::report::table::significant;
use crate::report::text::{escape_markup, file_name, short_number, shown_name};
use crate::weights::Status;

/// How to read it.
const READING: &str = "A residual well below chance is a gain. Where the shuffled matrix comes as low, the places of the entries do not matter; where the rotated one does, their coordinates do not, only low rank; where neither does, the coordinates matter.";

/// How to read it for fits to activations.
const READING_ON_INPUTS: &str = "Residual and chance are of W itself; fitted and held out are of its outputs, and those were fitted. Held out well above fitted means that the fit has learned its samples.";

/// How to read the table of these fits.
pub(super) fn reading(fits: &ProductFits) -> &'static str {
    match fits.inputs_file {
        Some(_) => READING_ON_INPUTS,
        None => READING,
    }
}

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
    column("of W", "Parameters over entries", |fit| {
        format!("{} %", short_number(100.0 * fit.compression_rate))
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
        fit.condition.map_or(String::new(), short_number)
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
    let mut columns: Vec<&Column> = FIRST.iter().collect();
    if has(|fit| fit.inputs.is_some()) {
        columns.extend(&INPUTS);
    } else if controls {
        columns.extend(&CONTROLS);
    }
    columns.extend(&LAST);
    columns
}

/// Head and body of the table.
pub(super) fn table(fits: &ProductFits) -> String {
    let columns = columns(fits);
    let mut out = String::from(
        "<thead><tr><th scope=\"col\" class=\"num\">#<th scope=\"col\">Matrix<th scope=\"col\">Finding<th scope=\"col\" class=\"num\">Shape",
    );
    for column in &columns {
        let (title, heading) = (escape_markup(column.title), column.heading);
        let _ = write!(
            out,
            "<th scope=\"col\" class=\"num\" title=\"{title}\">{heading}"
        );
    }
    out.push_str("<th scope=\"col\">Why it stopped</thead><tbody>\n");
    for (i, row) in fits.rows.iter().enumerate() {
        let position = i + 1;
        let mut name = breakable(&shown_name(&row.name));
        if row.fit.is_some() {
            name = format!("<a href=\"#layer-{position}\">{name}</a>");
        }
        let file = match fits.files.len() {
            0 | 1 => String::new(),
            _ => format!(" <small>{}</small>", breakable(&file_name(&row.file))),
        };
        let size = shape(&row.shape).replace('x', "×");
        let _ = write!(
            out,
            "<tr><td>{position}<th scope=\"row\">{name}{file}<td>{}<td>{size}",
            found(row)
        );
        match &row.fit {
            Some(fit) => numbers(&mut out, &columns, fit),
            None => out.push_str(&"<td>".repeat(columns.len() + 1)),
        }
        out.push('\n');
    }
    out.push_str("</tbody>");
    out
}

fn found(row: &FitRow) -> String {
    let word = match (&row.fit, row.status) {
        (Some(fit), _) => {
            let text = escape_markup(&finding(fit));
            return format!("<i class=\"{}\"></i>{text}", class(fit));
        }
        (None, Status::Failed) => "failed",
        (None, _) => "skipped",
    };
    let reason = escape_markup(&reason(row));
    format!("<i class=\"{word}\"></i><span class=\"reason\">{word}: {reason}</span>")
}

fn numbers(out: &mut String, columns: &[&Column], fit: &ProductFit) {
    for column in columns {
        let class = match column.by_chance {
            true => " class=\"chance\"",
            false => "",
        };
        let _ = write!(out, "<td{class}>{}", (column.text)(fit));
    }
    let _ = write!(out, "<td class=\"ended\">{}", stopped(fit.stopped));
}

/// Why a fit ended, in a word or two.
pub(super) fn stopped(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Solved => "solved outright",
        Stopped::Exact => "exact",
        Stopped::Converged => "converged",
        Stopped::Stationary => "no step gains",
        Stopped::Iterations => "most iterations",
        Stopped::Interrupted => "interrupted",
    }
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
