//! The table of all tensors, a row each.

use std::fmt::Write;

use super::model::kind_class;
use crate::report::analysis::spikes;
use crate::report::frame::status;
use crate::report::text::{
    escape_markup, file_name, short_number, shown_name, shown_p, shown_sentence,
};
use crate::spectrum::{Analysis, Layer, LayerSpectrum};
use crate::weights::Status;

/// Heading, title and value of a column of numbers.
type Column = (
    &'static str,
    &'static str,
    fn(&LayerSpectrum) -> Option<f64>,
);

const COLUMNS: [Column; 6] = [
    ("Spikes", "Values above the random bulk", |s| {
        spikes(s).map(|count| count as f64)
    }),
    (
        "p",
        "Chance of a largest value as large in noise; empty without a random bulk",
        |s| s.verdict.p_value,
    ),
    (
        "Alpha",
        "Exponent of the power-law tail of the eigenvalues",
        |s| s.power_law.as_ref().map(|p| p.alpha),
    ),
    (
        "Rank",
        "Effective rank: how many directions the matrix uses",
        |s| s.effective_rank,
    ),
    (
        "s₁ / R",
        "Largest singular value over its mean in random matrices",
        |s| s.random_baseline.as_ref().map(|b| b.largest_ratio),
    ),
    (
        "Distance",
        "Mean over orders of |1 − ratio| to random matrices",
        |s| s.random_baseline.as_ref().map(|b| b.mean_distance),
    ),
];

/// The class of a verdict, for its mark.
pub(super) fn class(layer: &Layer) -> &'static str {
    match (&layer.spectrum, layer.status) {
        (_, Status::Failed) => "failed",
        (Some(s), Status::Analyzed) => kind_class(s.verdict.kind),
        _ => "skipped",
    }
}

/// What the row says in words: the verdict, or why there is none.
fn finding(layer: &Layer) -> String {
    let reason = layer.reason.as_deref().unwrap_or("no reason was given");
    match (&layer.spectrum, layer.status) {
        (Some(s), Status::Analyzed) => shown_sentence(&s.verdict.text),
        (_, Status::Failed) => format!("failed: {}", shown_sentence(reason)),
        _ => format!("skipped: {}", shown_sentence(reason)),
    }
}

/// Head and body of the table; a cell's `data-v` is what its column sorts by.
pub(super) fn table(analysis: &Analysis) -> String {
    let mut out = String::from("<thead><tr>");
    let mut head = |class: &str, title: &str, heading: &str, sort: &str| {
        let _ = write!(
            out,
            "<th scope=\"col\" class=\"{class}\" aria-sort=\"{sort}\"><button title=\"{}\">{heading}</button></th>",
            escape_markup(title),
        );
    };
    head("num", "Place in the order of the files", "#", "ascending");
    head("", "Name of the tensor", "Layer", "none");
    head("", "The finding in words", "Finding", "none");
    head("num", "Stored shape", "Shape", "none");
    for (heading, title, _) in COLUMNS {
        head("num", title, heading, "none");
    }
    out.push_str("</tr></thead><tbody>");
    for (i, layer) in analysis.rows.iter().enumerate() {
        row(&mut out, i + 1, layer, analysis.files.len() > 1);
    }
    out.push_str("</tbody>");
    out
}

/// Escaped, and with places to break the line in a long name: after dots, slashes, underscores
/// and wherever none of them comes for a while.
pub(super) fn breakable(name: &str) -> String {
    /// Names up to here stay on one line.
    const ONE_LINE: usize = 36;
    /// Longest piece without a break.
    const PIECE: usize = 24;
    if name.chars().nth(ONE_LINE).is_none() {
        return escape_markup(name);
    }
    let mut out = String::new();
    let mut since = 0;
    for c in name.chars() {
        out.push_str(&escape_markup(c.encode_utf8(&mut [0; 4])));
        since += 1;
        if matches!(c, '.' | '/' | '_') || since == PIECE {
            out.push_str("<wbr>");
            since = 0;
        }
    }
    out
}

fn row(out: &mut String, position: usize, layer: &Layer, with_file: bool) {
    let file = match with_file {
        true => format!(" <small>{}</small>", breakable(&file_name(&layer.file))),
        false => String::new(),
    };
    let name = breakable(&shown_name(&layer.name));
    let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
    let shape = if shape.is_empty() {
        "scalar".to_owned()
    } else {
        shape.join("×")
    };
    let class = class(layer);
    let _ = write!(
        out,
        "<tr class=\"{}\"><td>{position}<th scope=\"row\"><a href=\"#layer-{position}\">{name}</a>{file}<td><i class=\"{class}\"></i>{}<td>{shape}",
        status(layer.status),
        escape_markup(&finding(layer)),
    );
    for (heading, _, value) in COLUMNS {
        let value = layer.spectrum.as_ref().and_then(value);
        match value.filter(|v| v.is_finite()) {
            Some(p) if heading == "p" => {
                let shown = shown_p(p, 0);
                // What is no plain number is sorted by its value.
                let _ = match shown.parse::<f64>() {
                    Ok(_) => write!(out, "<td>{shown}"),
                    Err(_) => write!(out, "<td data-v=\"{p:e}\">{shown}"),
                };
            }
            Some(value) => {
                let _ = write!(out, "<td>{}", short_number(value));
            }
            None => out.push_str("<td>"),
        }
    }
    out.push('\n');
}
