//! A comparison of structured families as one self-contained page without a script.

use std::fmt::Write;

use super::summary::{self, Alert, Level};
use super::table::breakable;
use super::{PICTURES_STYLE, STYLE, alert_list, filled, origin, policy_hash};
use crate::fit::VerdictKind;
use crate::fit::families::{FamilyComparison, FamilyFit, FamilyKind, FamilyLayer, Search};
use crate::report::families::{budget, kind};
use crate::report::text::{escape_markup, file_name, short_number, shown_name, shown_sentence};
use crate::weights::Status;

const TEMPLATE: &str = include_str!("families.html");
const OWN_STYLE: &str = include_str!("families.css");

/// The page for a comparison and its pictures, file names with their contents. The same comparison
/// gives the same bytes.
///
/// Matrix 3 has the anchor `#layer-3`.
pub fn render_families(comparison: &FamilyComparison, pictures: &[(String, Vec<u8>)]) -> String {
    let style = format!("{STYLE}{PICTURES_STYLE}{OWN_STYLE}");
    let settings = [
        serde_json::to_value(&comparison.settings).unwrap_or_default(),
        serde_json::to_value(&comparison.selection).unwrap_or_default(),
    ];
    filled(TEMPLATE, |key| match key {
        "title" => escape_markup(&title(comparison)),
        "headline" => escape_markup(&headline(comparison)),
        "account" => escape_markup(&account(comparison)),
        "alerts" => alert_list(&alerts(comparison), |position| position.to_string()),
        "findings" => findings(comparison),
        "matrices" => matrices(comparison, pictures),
        "origin" => origin(&comparison.program, &settings, &comparison.files),
        "style" => style.clone(),
        "style-hash" => policy_hash(&style),
        unknown => unreachable!("families.html has no value for {unknown}"),
    })
}

fn title(comparison: &FamilyComparison) -> String {
    match comparison.files.as_slice() {
        [] => "Structured families".to_owned(),
        [file] => file_name(&file.path),
        [file, rest @ ..] => format!(
            "{} and {}",
            file_name(&file.path),
            summary::counted(rest.len(), "other file")
        ),
    }
}

fn fitted(comparison: &FamilyComparison) -> impl Iterator<Item = &FamilyLayer> {
    let layers = comparison.rows.iter();
    layers.filter(|layer| layer.status == Status::Analyzed)
}

/// In how many matrices coordinates matter and to which families, and in how many there is low rank.
fn headline(comparison: &FamilyComparison) -> String {
    let count = fitted(comparison).count();
    if count == 0 {
        return "No matrix could be fitted.".to_owned();
    }
    let share = |matrices: usize| match count {
        1 => String::new(),
        _ => format!(" in {matrices} of {count} matrices"),
    };
    let (matrices, families) = found(comparison, VerdictKind::Coordinates);
    let coordinates = match matrices {
        0 => "No family finds coordinates that matter".to_owned(),
        _ => format!("Coordinates matter{} ({families})", share(matrices)),
    };
    match found(comparison, VerdictKind::LowRank).0 {
        0 => format!("{coordinates}; no low rank beyond chance."),
        matrices => format!("{coordinates}; there is low rank{}.", share(matrices)),
    }
}

/// In how many matrices a family found this, alone or in part, and which families.
fn found(comparison: &FamilyComparison, wanted: VerdictKind) -> (usize, String) {
    let mut families: Vec<&str> = Vec::new();
    let mut matrices = 0;
    for layer in fitted(comparison) {
        let found = layer.findings.iter().filter(|finding| {
            let kind = finding.verdict.kind;
            kind == wanted || kind == VerdictKind::Both
        });
        matrices += usize::from(found.clone().next().is_some());
        for finding in found {
            if !families.contains(&finding.family.name()) {
                families.push(finding.family.name());
            }
        }
    }
    (matrices, families.join(", "))
}

fn account(comparison: &FamilyComparison) -> String {
    let count = |status| {
        let of = comparison.rows.iter().filter(|l| l.status == status);
        of.count()
    };
    format!(
        "{}: {} fitted, {} skipped, {} failed.",
        summary::counted(comparison.rows.len(), "row"),
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed)
    )
}

fn alerts(comparison: &FamilyComparison) -> Vec<Alert> {
    let failed = comparison.rows.iter().enumerate();
    let failed = failed.filter(|(_, layer)| layer.status == Status::Failed);
    let failed = failed.take(5).map(|(_, layer)| Alert {
        level: Level::Error,
        text: format!("{} failed: {}", shown_name(&layer.name), reason(layer)),
        layers: Vec::new(),
    });
    let warnings = comparison.warnings.iter().map(|warning| Alert {
        level: Level::Warning,
        text: shown_sentence(warning),
        layers: Vec::new(),
    });
    failed.chain(warnings).collect()
}

fn reason(layer: &FamilyLayer) -> String {
    shown_sentence(layer.reason.as_deref().unwrap_or("no reason was given"))
}

/// Matrices down, families across, the kind of finding in each cell and its sentence as a title.
fn findings(comparison: &FamilyComparison) -> String {
    let mut out = String::from(
        "<thead><tr><th scope=\"col\" class=\"num\">#<th scope=\"col\">Matrix<th scope=\"col\" class=\"num\">Shape",
    );
    let families = comparison.settings.families.iter();
    let families: Vec<FamilyKind> = families.copied().filter(|f| !f.is_null_line()).collect();
    for family in &families {
        let _ = write!(out, "<th scope=\"col\">{}", escape_markup(family.name()));
    }
    out.push_str("</thead><tbody>\n");
    for (i, layer) in comparison.rows.iter().enumerate() {
        let position = i + 1;
        let name = breakable(&shown_name(&layer.name));
        let _ = write!(out, "<tr><td>{position}<th scope=\"row\">");
        match (layer.rows, layer.columns) {
            (Some(m), Some(n)) => {
                let _ = write!(out, "<a href=\"#layer-{position}\">{name}</a><td>{m}×{n}");
                for &family in &families {
                    out.push_str(&cell(layer, family));
                }
            }
            _ => {
                let word = match layer.status {
                    Status::Failed => "failed",
                    _ => "skipped",
                };
                let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
                let _ = write!(
                    out,
                    "{name}<td>{}<td class=\"reason\" colspan=\"{}\">{word}: {}",
                    shape.join("×"),
                    families.len(),
                    escape_markup(&reason(layer))
                );
            }
        }
        out.push('\n');
    }
    out.push_str("</tbody>");
    out
}

/// What a family has found in a matrix, or that it was left out.
fn cell(layer: &FamilyLayer, family: FamilyKind) -> String {
    let finding = layer.findings.iter().find(|f| f.family == family);
    let left_out = layer.left_out.iter().find(|l| l.family == family);
    match (finding, left_out) {
        (Some(finding), _) => format!(
            "<td class=\"found {}\" title=\"at {}, {}\">{}",
            class(finding.verdict.kind),
            budget(finding.budget),
            escape_markup(&finding.verdict.text),
            kind(finding.verdict.kind)
        ),
        (None, Some(left_out)) => format!(
            "<td class=\"found nothing\" title=\"{}\">left out",
            escape_markup(&left_out.reason)
        ),
        (None, None) => "<td>".to_owned(),
    }
}

fn class(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Coordinates => "coordinates",
        VerdictKind::LowRank => "rank",
        VerdictKind::Both => "both",
        VerdictKind::Entries | VerdictKind::NoGain | VerdictKind::Undefined => "nothing",
    }
}

/// A picture and a table a matrix.
fn matrices(comparison: &FamilyComparison, pictures: &[(String, Vec<u8>)]) -> String {
    let digits = comparison.rows.len().to_string().len().max(3);
    let mut out = String::new();
    for (i, layer) in comparison.rows.iter().enumerate() {
        if layer.status != Status::Analyzed {
            continue;
        }
        let position = i + 1;
        let name = breakable(&shown_name(&layer.name));
        let _ = writeln!(
            out,
            "<section id=\"layer-{position}\" aria-labelledby=\"name-{position}\">\n<h2 id=\"name-{position}\">{position} {name}</h2>"
        );
        for note in &layer.notes {
            let note = escape_markup(&shown_sentence(note));
            let _ = writeln!(out, "<p class=\"notes\">{note}.</p>");
        }
        for left_out in &layer.left_out {
            let (family, reason) = (left_out.family.name(), escape_markup(&left_out.reason));
            let _ = writeln!(out, "<p class=\"notes\">{family} left out: {reason}.</p>");
        }
        let file = format!("layer-{position:0digits$}-families.svg");
        if let Some((_, svg)) = pictures.iter().find(|(name, _)| *name == file) {
            let svg = String::from_utf8_lossy(svg);
            let _ = writeln!(out, "<figure>{svg}</figure>");
        }
        let _ = writeln!(
            out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of matrix {position}, can be scrolled sideways\">\n<table>{}</table>\n</div>\n</section>",
            residuals(layer, &comparison.settings.budgets)
        );
    }
    out
}

/// Families down, budgets across.
fn residuals(layer: &FamilyLayer, budgets: &[f64]) -> String {
    let mut out = String::from("<thead><tr><th scope=\"col\">Family");
    for &share in budgets {
        let _ = write!(out, "<th scope=\"col\" class=\"num\">{}", budget(share));
    }
    out.push_str(
        "<th scope=\"col\">Where it gains most</thead><tbody>\n<tr><th scope=\"row\">null line",
    );
    for share in budgets {
        let null = short_number((1.0 - share).sqrt());
        let _ = write!(out, "<td class=\"random\">{null}");
    }
    out.push_str("<td>\n");
    let kinds = layer.families.chunk_by(|a, b| a.family == b.family);
    for fits in kinds.filter(|fits| !fits[0].family.is_null_line()) {
        let family = fits[0].family;
        let searched = if fits[0].search == Search::BestFound {
            ", best found"
        } else {
            ""
        };
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}{searched}",
            escape_markup(family.name())
        );
        for fit in fits {
            let _ = write!(out, "<td title=\"{}\">", escape_markup(&details(fit)));
            match fit.relative_residual {
                Some(residual) => out.push_str(&short_number(residual)),
                None => out.push('–'),
            }
        }
        let finding = layer.findings.iter().find(|f| f.family == family);
        if let Some(finding) = finding {
            let kind = class(finding.verdict.kind);
            let _ = write!(
                out,
                "<td class=\"words\"><i class=\"{kind}\"></i>at {}, {}",
                budget(finding.budget),
                escape_markup(&finding.verdict.text)
            );
        }
        out.push('\n');
    }
    out.push_str("</tbody>");
    out
}

/// What a cell says when pointed at.
fn details(fit: &FamilyFit) -> String {
    let number = |x: Option<f64>| x.map_or("–".into(), short_number);
    match (fit.parameters, fit.degrees_of_freedom, &fit.detail) {
        (Some(parameters), Some(freedom), Some(detail)) => format!(
            "{detail}: {parameters} parameters, {freedom} degrees of freedom; null {}, shuffled {} (the mean of {}), rotated {}",
            number(fit.null_residual),
            number(fit.shuffled_residual),
            fit.shuffles,
            number(fit.rotated_residual)
        ),
        _ => fit.verdict.text.clone(),
    }
}
