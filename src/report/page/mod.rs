//! The report as one self-contained HTML page.
//!
//! The words and the table are in the page itself; a script of ours draws the curves from one
//! JSON block, each when it comes into sight. The page asks for nothing: its policy allows only
//! the style and the script in it, by their hashes.

mod comparison;
mod data;
mod families;
mod model;
mod product;
mod sketch;
mod spectrum_data;
mod study;
mod summary;
mod table;
mod training;

use std::fmt::Write;

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

use crate::report::TERMS;
use crate::report::text::{escape_markup, file_name, shown_name, shown_sentence};
use crate::spectrum::Analysis;
use crate::weights::FileIdentity;
pub use comparison::render_comparison;
pub use families::render_families;
pub use product::render_product;
pub use sketch::render_sketches;
pub use study::render_study;
use summary::{Alert, Level};
pub use training::render_training;

/// The length a page is kept under, in bytes, by thinning its curves.
pub const PAGE_BYTES: usize = 2_900_000;
/// Layers named by an alert.
const LINKED: usize = 6;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// Of pages that hold the pictures that leave the program.
const PICTURES_STYLE: &str = include_str!("pictures.css");
/// Of pages with a script: elements, axes, figures, tables that sort, the theme.
const SHARED_SCRIPT: &str = include_str!("shared.js");
const SCRIPT: &str = include_str!("page.js");

/// The page for an analysis. The same analysis gives the same bytes.
///
/// Numbers in it have four significant digits. Curves have at most 300 points, fewer where the
/// page would pass [`PAGE_BYTES`]; the page says so. Layers are numbered from 1, in the order of
/// the analysis, and layer 3 has the anchor `#layer-3`.
pub fn render(analysis: &Analysis) -> String {
    let mut parts = Parts {
        title: title(analysis),
        headline: summary::headline(analysis),
        account: summary::account(analysis),
        alerts: alert_list(&summary::alerts(analysis), |position| {
            shown_name(&analysis.rows[position - 1].name)
        }),
        model: model::model(analysis),
        table: table::table(analysis),
        origin: origin(
            &analysis.program,
            &[
                serde_json::to_value(&analysis.settings).unwrap_or_default(),
                serde_json::to_value(&analysis.selection).unwrap_or_default(),
            ],
            &analysis.files,
        ),
        data: String::new(),
        thinned: String::new(),
    };
    let budget = PAGE_BYTES.saturating_sub(fill(&parts).len() + 200);
    let (data, points) = data::data_block(analysis, budget);
    parts.data = data;
    let thinned = analysis
        .rows
        .iter()
        .filter_map(|layer| layer.spectrum.as_ref()?.singular_values.as_ref())
        .any(|values| values.len() > points);
    if thinned {
        parts.thinned = format!(
            " Curves keep {points} orders of a layer, the first {} one by one.",
            points / 4
        );
    }
    fill(&parts)
}

/// What goes into the template, as HTML except for the first three.
struct Parts {
    title: String,
    headline: String,
    account: String,
    alerts: String,
    model: String,
    table: String,
    origin: String,
    data: String,
    thinned: String,
}

fn fill(parts: &Parts) -> String {
    let script = scripted(SCRIPT);
    filled(TEMPLATE, |key| match key {
        "title" => escape_markup(&parts.title),
        "headline" => escape_markup(&parts.headline),
        "account" => escape_markup(&parts.account),
        "alerts" => parts.alerts.clone(),
        "model" => parts.model.clone(),
        "terms" => term_list(),
        "table" => parts.table.clone(),
        "origin" => parts.origin.clone(),
        "thinned" => parts.thinned.clone(),
        "data" => parts.data.clone(),
        "style" => STYLE.to_owned(),
        "script" => script.clone(),
        "style-hash" => policy_hash(STYLE),
        "script-hash" => policy_hash(&script),
        unknown => unreachable!("page.html has no value for {unknown}"),
    })
}

/// A template with `{{key}}` replaced, in one pass, so that no replacement is itself replaced.
fn filled(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for piece in template.split("{{") {
        match piece.split_once("}}") {
            Some((key, rest)) => out.extend([value(key).as_str(), rest]),
            None => out.push_str(piece),
        }
    }
    out
}

/// The script of a page after what all scripts share.
fn scripted(own: &str) -> String {
    format!("\"use strict\";\n(() => {{\n{SHARED_SCRIPT}\n{own}}})();\n")
}

/// A hash as a content security policy writes it.
fn policy_hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// The first file's name, and how many more there are.
fn title(analysis: &Analysis) -> String {
    match analysis.files.as_slice() {
        [] => "Weight spectra".to_owned(),
        [file] => file_name(&file.path),
        [file, rest @ ..] => format!(
            "{} and {}",
            file_name(&file.path),
            summary::counted(rest.len(), "other file")
        ),
    }
}

/// What the phrases of verdicts mean and what to do next.
fn term_list() -> String {
    let mut out = String::new();
    for term in &TERMS {
        let [phrase, meaning, next] = [term.phrase, term.meaning, term.next].map(escape_markup);
        let _ = writeln!(
            out,
            "<div><dt>{phrase}</dt><dd>{meaning} <em>{next}</em></dd></div>"
        );
    }
    out
}

/// The alerts, with links to what they are about, each under the name of its position (from 1).
fn alert_list(alerts: &[Alert], name: impl Fn(usize) -> String) -> String {
    let mut out = String::new();
    for alert in alerts {
        let (class, word) = match alert.level {
            Level::Error => ("error", "Error"),
            Level::Warning => ("warning", "Warning"),
            Level::Note => ("note", "Note"),
        };
        let text = alert.text.trim_end_matches('.');
        let _ = write!(out, "<li class=\"{class}\"><b>{word}</b> <span>");
        if let [position] = alert.layers[..]
            && let Some(rest) = text.strip_prefix(&name(position))
        {
            let name = table::breakable(&name(position));
            let rest = escape_markup(rest);
            let _ = writeln!(
                out,
                "<a href=\"#layer-{position}\">{name}</a>{rest}.</span></li>"
            );
            continue;
        }
        out.push_str(&escape_markup(text));
        for (i, position) in alert.layers.iter().take(LINKED).enumerate() {
            let before = if i == 0 { ": " } else { ", " };
            let name = table::breakable(&name(*position));
            let _ = write!(out, "{before}<a href=\"#layer-{position}\">{name}</a>");
        }
        match alert.layers.len().saturating_sub(LINKED) {
            0 => out.push('.'),
            more => {
                let _ = write!(out, " and {more} more.");
            }
        }
        out.push_str("</span></li>\n");
    }
    out
}

/// Program, settings and files, so that the numbers can be had again.
fn origin(program: &str, settings: &[serde_json::Value], files: &[FileIdentity]) -> String {
    let mut out = String::new();
    let mut row = |term: &str, text: &str| {
        let _ = writeln!(
            out,
            "<div><dt>{}</dt><dd>{}</dd></div>",
            escape_markup(term),
            escape_markup(text)
        );
    };
    row("Program", &shown_name(program));
    for (key, value) in settings.iter().filter_map(|v| v.as_object()).flatten() {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => "not set".to_owned(),
            serde_json::Value::Array(all) if all.is_empty() && key == "tensor" => "all".to_owned(),
            serde_json::Value::Array(none) if none.is_empty() => "none".to_owned(),
            serde_json::Value::Object(none) if none.is_empty() => "none".to_owned(),
            other => other.to_string(),
        };
        row(&key.replace('_', " "), &shown_sentence(&text));
    }
    for file in files {
        row(
            "file",
            &format!(
                "{} ({}, {} bytes, header {})",
                shown_name(&file.path),
                shown_name(&file.format),
                file.bytes,
                shown_name(&file.header_hash)
            ),
        );
    }
    out
}
