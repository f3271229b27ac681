//! The table of all tensors, a row each.

use std::fmt::Write;

use crate::report::text::{escape_markup, file_name, short_number, shown_name, shown_sentence};
use crate::spectrum::{Analysis, Layer, LayerSpectrum, VerdictKind};
use crate::weights::Status;

/// Heading, title and value of a column of numbers.
type Column = (
    &'static str,
    &'static str,
    fn(&LayerSpectrum) -> Option<f64>,
);

const COLUMNS: [Column; 8] = [
    (
        "Spikes",
        "Values significantly above the fitted bulk",
        |s| s.fitted_bulk.as_ref().map(|bulk| bulk.spikes as f64),
    ),
    (
        "KS",
        "Kolmogorov-Smirnov distance to the Marchenko-Pastur law of the fitted bulk",
        |s| s.fitted_bulk.as_ref().map(|bulk| bulk.ks_distance),
    ),
    (
        "p",
        "p-value of that distance among random matrices of the same shape",
        |s| s.fitted_bulk.as_ref().and_then(|bulk| bulk.ks_p_value),
    ),
    (
        "Alpha",
        "Exponent of the power-law tail of the eigenvalues",
        |s| s.power_law.as_ref().map(|p| p.alpha),
    ),
    (
        "Distance",
        "Mean over orders of |1 − ratio| to random matrices",
        |s| s.random_baseline.as_ref().map(|b| b.mean_distance),
    ),
    (
        "s₁ / R",
        "Largest singular value over its mean in random matrices",
        |s| s.random_baseline.as_ref().map(|b| b.largest_ratio),
    ),
    (
        "Stable rank",
        "Squared Frobenius norm over squared spectral norm",
        |s| s.stable_rank,
    ),
    ("Variance", "Variance of the entries", |s| Some(s.variance)),
];

/// The class of a verdict, for its mark.
pub(super) fn class(layer: &Layer) -> &'static str {
    match (&layer.spectrum, layer.status) {
        (_, Status::Failed) => "failed",
        (Some(s), Status::Analyzed) => match s.verdict.kind {
            VerdictKind::Noise => "noise",
            VerdictKind::Spikes => "spikes",
            VerdictKind::HeavyTail => "heavy_tail",
            VerdictKind::NoBulk => "no_bulk",
            VerdictKind::LowRank => "low_rank",
            VerdictKind::Degenerate => "degenerate",
        },
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
    head("num", "Position in the file", "#", "ascending");
    head("", "Name of the tensor", "Layer", "none");
    head("", "The finding in words", "Finding", "none");
    head("num", "Stored shape", "Shape", "none");
    for (heading, title, _) in COLUMNS {
        head("num", title, heading, "none");
    }
    out.push_str("</tr></thead><tbody>");
    for (i, layer) in analysis.layers.iter().enumerate() {
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
        "<tr><td>{position}<th scope=\"row\"><a href=\"#layer-{position}\">{name}</a>{file}<td><i class=\"{class}\"></i>{}<td>{shape}",
        escape_markup(&finding(layer)),
    );
    for (_, _, value) in COLUMNS {
        match layer
            .spectrum
            .as_ref()
            .and_then(value)
            .filter(|v| v.is_finite())
        {
            Some(value) => {
                let _ = write!(out, "<td>{}", short_number(value));
            }
            None => out.push_str("<td>"),
        }
    }
    out.push('\n');
}
