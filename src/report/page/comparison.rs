//! A comparison as one self-contained page without a script: its numbers, its pictures, words.

use std::fmt::Write;

use super::summary::{self, Alert, Level};
use super::table::breakable;
use super::{PICTURES_STYLE, STYLE, alert_list, filled, origin, policy_hash};
use crate::report::plots::TensorPictures;
use crate::report::tensors::{Tensor, other, tensors};
use crate::report::text::{escape_markup, file_name, short_number, shown_name, shown_sentence};
use crate::spectrum::{Comparison, Pair, Sisters};
use crate::weights::Status;

const TEMPLATE: &str = include_str!("comparison.html");
const OWN_STYLE: &str = include_str!("comparison.css");

/// How to read the two kinds of pictures: part of their file names, heading, sentence.
const PICTURES: [(&str, &str, &str); 2] = [
    (
        "ratios",
        "Order by order",
        "Each curve is OTHER’s singular values over the means of R’s, largest first: a curve along its dashed level is a random layer (many small blocks droop at the right end even so), a rise at its left end is what training put into the largest values, and a level off 1 means that OTHER’s variance is not ONE’s times OTHER’s number of blocks.",
    ),
    (
        "course",
        "Over the run",
        "Each checkpoint is one point: where a blue curve leaves its dashes, the layer has left what its start and chance would give; in blocks the mean distance to R is mostly that of the level, so hold the green curve, taken about the level, against the dashes.",
    ),
];

/// Heading, title, value, and whether it is what another column would be at random.
type Column = (
    &'static str,
    &'static str,
    fn(&Sisters) -> Option<f64>,
    bool,
);

const COLUMNS: [Column; 9] = [
    (
        "Variance ratio",
        "Variance of OTHER over variance of ONE",
        |s| s.variance_ratio,
        false,
    ),
    (
        "at start",
        "The variance ratio at initialisation",
        |s| Some(s.expected_ratio),
        true,
    ),
    (
        "s₁ / R",
        "OTHER’s largest singular value over the mean of R’s",
        |s| s.largest_ratio,
        false,
    ),
    (
        "sₖ / R",
        "OTHER’s smallest singular value over the mean of R’s",
        |s| s.smallest_ratio,
        false,
    ),
    (
        "level",
        "Where OTHER’s values stand over R’s when both are random",
        |s| s.expected_level,
        true,
    ),
    (
        "Distance",
        "Mean over orders of |1 − ratio to R|",
        |s| s.mean_distance,
        false,
    ),
    (
        "about level",
        "Mean over orders of |1 − ratio / level|",
        |s| s.mean_distance_from_expected,
        false,
    ),
    (
        "chance",
        "The distance about the level of random blocks of OTHER’s shape",
        |s| s.chance_distance,
        true,
    ),
    (
        "to blocks",
        "Mean over orders of |1 − ratio| to random blocks of OTHER’s shape and variance",
        |s| s.mean_distance_matched,
        false,
    ),
];

/// The page for a comparison and its pictures. The same comparison gives the same bytes.
///
/// Tensor 3 of ONE has the anchor `#tensor-3`.
pub fn render_comparison(comparison: &Comparison, pictures: &[TensorPictures]) -> String {
    let style = format!("{STYLE}{PICTURES_STYLE}{OWN_STYLE}");
    let tensors = tensors(comparison);
    let settings = [
        serde_json::to_value(&comparison.settings).unwrap_or_default(),
        serde_json::to_value(&comparison.selection).unwrap_or_default(),
    ];
    filled(TEMPLATE, |key| match key {
        "title" => escape_markup(&title(comparison)),
        "headline" => escape_markup(&headline(comparison)),
        "account" => escape_markup(&account(comparison)),
        "alerts" => alert_list(&alerts(comparison), |position| position.to_string()),
        "table" => table(&tensors, pictures),
        "figures" => PICTURES
            .map(|kind| figures(kind, &tensors, pictures))
            .concat(),
        "origin" => origin(&comparison.program, &settings, &comparison.files),
        "style" => style.clone(),
        "style-hash" => policy_hash(&style),
        unknown => unreachable!("comparison.html has no value for {unknown}"),
    })
}

/// The first file's name, and how many others there are.
fn title(comparison: &Comparison) -> String {
    let others = match comparison.settings.track {
        true => "later checkpoint",
        false => "sister",
    };
    match comparison.files.as_slice() {
        [] => "Sister spectra".to_owned(),
        [one, rest @ ..] => format!(
            "{} and {}",
            file_name(&one.path),
            summary::counted(rest.len(), others)
        ),
    }
}

/// The pair farthest from random, in units of what chance gives.
fn headline(comparison: &Comparison) -> String {
    let times = |pair: &Pair| {
        let s = pair.sisters.as_ref()?;
        let times = s.mean_distance_from_expected? / s.chance_distance?;
        times.is_finite().then_some(times)
    };
    let farthest = comparison
        .rows
        .iter()
        .filter_map(|pair| Some((times(pair)?, pair)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match farthest {
        None => "No pair of matrices could be compared.".to_owned(),
        Some((times, pair)) => format!(
            "Farthest from random: {} of {}, {} times the distance that chance gives.",
            shown_name(&pair.name),
            file_name(&pair.other),
            short_number(times)
        ),
    }
}

fn account(comparison: &Comparison) -> String {
    let count = |status| {
        comparison
            .rows
            .iter()
            .filter(|p| p.status == status)
            .count()
    };
    format!(
        "{}: {} analysed, {} skipped, {} failed.",
        summary::counted(comparison.rows.len(), "pair"),
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed)
    )
}

fn alerts(comparison: &Comparison) -> Vec<Alert> {
    let warnings = comparison.warnings.iter().map(|warning| Alert {
        level: Level::Warning,
        text: shown_sentence(warning),
        layers: Vec::new(),
    });
    let failed = comparison
        .rows
        .iter()
        .filter(|p| p.status == Status::Failed);
    let failed = failed.take(5).map(|pair| Alert {
        level: Level::Error,
        text: format!(
            "{} of {} failed: {}",
            shown_name(&pair.name),
            file_name(&pair.other),
            reason(pair)
        ),
        layers: Vec::new(),
    });
    failed.chain(warnings).collect()
}

fn reason(pair: &Pair) -> String {
    shown_sentence(pair.reason.as_deref().unwrap_or("no reason was given"))
}

fn table(tensors: &[Tensor<'_>], pictures: &[TensorPictures]) -> String {
    let mut out = String::from(
        "<thead><tr><th scope=\"col\" class=\"num\">#<th scope=\"col\">Tensor<th scope=\"col\">OTHER<th scope=\"col\" class=\"num\">Shape<th scope=\"col\" class=\"num\">Blocks",
    );
    for (heading, title, _, _) in COLUMNS {
        let title = escape_markup(title);
        let _ = write!(
            out,
            "<th scope=\"col\" class=\"num\" title=\"{title}\">{heading}"
        );
    }
    out.push_str("</thead><tbody>\n");
    for tensor in tensors {
        let number = tensor.number;
        let mut name = breakable(&tensor.name());
        if pictures
            .iter()
            .any(|p| p.number == number && !p.files.is_empty())
        {
            name = format!("<a href=\"#tensor-{number}\">{name}</a>");
        }
        let first = tensor.pairs[0];
        let alike = |pair: &&Pair| pair.status == Status::Skipped && pair.reason == first.reason;
        let all_alike = tensor.pairs.iter().all(alike);
        let rows = if all_alike { 1 } else { tensor.pairs.len() };
        for pair in &tensor.pairs[..rows] {
            let _ = write!(out, "<tr><td>{number}<th scope=\"row\">{name}<td>");
            if !all_alike {
                let _ = write!(out, "{} ", breakable(&other(pair)));
            }
            match &pair.sisters {
                Some(sisters) => numbers(&mut out, sisters),
                None => {
                    let word = match pair.status {
                        Status::Failed => "failed",
                        _ => "skipped",
                    };
                    let reason = escape_markup(&reason(pair));
                    let _ = write!(out, "<span class=\"reason\">{word}: {reason}</span>");
                    out.push_str(&"<td>".repeat(2 + COLUMNS.len()));
                }
            }
            out.push('\n');
        }
    }
    out.push_str("</tbody>");
    out
}

fn numbers(out: &mut String, s: &Sisters) {
    let _ = write!(
        out,
        "<td>{}×{}<td>{} to {}",
        s.rows, s.columns, s.blocks_one, s.blocks_other
    );
    for (_, _, value, at_random) in COLUMNS {
        out.push_str(if at_random {
            "<td class=\"random\">"
        } else {
            "<td>"
        });
        if let Some(value) = value(s).filter(|v| v.is_finite()) {
            out.push_str(&short_number(value));
        }
    }
}

/// All pictures of a kind under a heading, or nothing.
fn figures(
    (what, heading, reading): (&str, &str, &str),
    tensors: &[Tensor<'_>],
    pictures: &[TensorPictures],
) -> String {
    let ending = format!("-{what}.svg");
    let mut all = String::new();
    for (tensor, drawn) in tensors.iter().zip(pictures) {
        let svg = drawn.files.iter().find(|(name, _)| name.ends_with(&ending));
        if let Some((_, svg)) = svg {
            let number = tensor.number;
            let id = match what {
                "ratios" => format!(" id=\"tensor-{number}\""),
                _ => String::new(),
            };
            let name = breakable(&tensor.name());
            let svg = String::from_utf8_lossy(svg);
            let _ = writeln!(all, "<figure{id}><h3>{number} {name}</h3>\n{svg}</figure>");
        }
    }
    if all.is_empty() {
        return all;
    }
    format!(
        "<section aria-labelledby=\"{what}\">\n<h2 id=\"{what}\">{heading}</h2>\n<p class=\"reading\">{reading}</p>\n<div class=\"figures\">\n{all}</div>\n</section>\n"
    )
}
