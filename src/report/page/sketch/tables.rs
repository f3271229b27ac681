//! Tables of errors and of estimates.

use super::words::sentences;
use super::{reason, sketched};
use crate::report::page::table::breakable;
use crate::report::text::{escape_markup, short_number, shown_name, shown_sentence};
use crate::sketch::{Mode, SketchRun, Sketched};
use crate::weights::Status;
use std::fmt::Write;

/// A line a matrix: its errors, and what as many numbers could do.
pub(super) fn overview(run: &SketchRun) -> String {
    let mut out = String::from(
        "<thead><tr><th scope=\"col\" class=\"num\">#<th scope=\"col\">Matrix<th scope=\"col\" class=\"num\">Shape",
    );
    for name in [
        "Numbers kept",
        "Mode 1",
        "Mode 2",
        "Averaged",
        "Best fit",
        "Low rank",
    ] {
        let _ = write!(out, "<th scope=\"col\" class=\"num\">{name}");
    }
    out.push_str("</thead><tbody>\n");
    for (i, layer) in run.rows.iter().enumerate() {
        let position = i + 1;
        let name = breakable(&shown_name(&layer.name));
        let _ = write!(out, "<tr><td>{position}<th scope=\"row\">");
        if let Some(found) = &layer.sketched {
            let (m, n) = (found.rows, found.columns);
            let _ = write!(out, "<a href=\"#layer-{position}\">{name}</a><td>{m}×{n}");
            for x in [
                Some(found.compression_rate),
                found.mode1.relative_error,
                found.mode2.relative_error,
                found.averaged.mode.relative_error,
                found.best_fit.as_ref().and_then(|best| best.in_space),
                found.best_fit.as_ref().and_then(|best| best.low_rank),
            ] {
                let _ = write!(out, "<td>{}", error(x));
            }
        } else {
            let word = match layer.status {
                Status::Failed => "failed",
                _ => "skipped",
            };
            let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
            let _ = write!(
                out,
                "{name}<td>{}<td class=\"reason\" colspan=\"6\">{word}: {}",
                shape.join("×"),
                escape_markup(&reason(layer))
            );
        }
        out.push('\n');
    }
    out.push_str("</tbody>");
    out
}

pub(super) fn number(x: Option<f64>) -> String {
    x.map_or("–".into(), short_number)
}

/// Rounding errors of what is exact are not told apart.
fn error(x: Option<f64>) -> String {
    match x {
        Some(x) if x > 0.0 && x < 1e-12 => "&lt;1e−12".into(),
        x => number(x),
    }
}

/// A picture, a table and sentences a matrix.
pub(super) fn matrices(run: &SketchRun, pictures: &[(String, Vec<u8>)]) -> String {
    let digits = run.rows.len().to_string().len().max(3);
    let mut out = String::new();
    for (position, layer, found) in sketched(run) {
        let name = breakable(&shown_name(&layer.name));
        let _ = writeln!(
            out,
            "<section id=\"layer-{position}\" aria-labelledby=\"name-{position}\">\n<h2 id=\"name-{position}\">{position} {name}</h2>"
        );
        for note in &layer.notes {
            let note = escape_markup(&shown_sentence(note));
            let _ = writeln!(out, "<p class=\"notes\">{note}.</p>");
        }
        let file = format!("layer-{position:0digits$}-sketch.svg");
        if let Some((_, svg)) = pictures.iter().find(|(name, _)| *name == file) {
            let svg = String::from_utf8_lossy(svg);
            let _ = writeln!(out, "<figure>{svg}</figure>");
        }
        let _ = writeln!(
            out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of matrix {position}, can be scrolled sideways\">\n<table>{}</table>\n</div>",
            estimates(found)
        );
        for sentence in sentences(found, run) {
            let _ = writeln!(out, "<p>{}</p>", escape_markup(&sentence));
        }
        out.push_str("</section>\n");
    }
    out
}

fn estimates(found: &Sketched) -> String {
    let mut out = String::from("<thead><tr><th scope=\"col\">Estimate");
    for name in [
        "Variance",
        "Bound",
        "Slack",
        "Measured",
        "Interval",
        "Relative error",
        "Numbers",
    ] {
        let _ = write!(out, "<th scope=\"col\" class=\"num\">{name}");
    }
    out.push_str("</thead><tbody>\n");
    let mut line = |name: &str, mode: &Mode, numbers: usize| {
        let interval = mode.interval.map_or("–".to_owned(), |[low, high]| {
            format!("{} to {}", short_number(low), short_number(high))
        });
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{name}<td>{}<td>{}<td>{}<td>{}<td>{interval}<td>{}<td>{numbers}",
            number(mode.exact),
            number(mode.bound),
            number(mode.slack),
            number(mode.measured),
            number(mode.relative_error)
        );
    };
    line("mode 1", &found.mode1, found.k * found.columns);
    line("mode 2", &found.mode2, found.k * found.area * found.rows);
    line("averaged", &found.averaged.mode, found.cost.parameters);
    let mut fit = |name: &str, left: Option<f64>, numbers: usize| {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{name}<td>–<td>–<td>–<td>–<td>–<td>{}<td>{numbers}",
            error(left)
        );
    };
    if let Some(best) = &found.best_fit {
        fit("best fit", best.in_space, best.parameters);
        let rank = format!("rank {}", best.rank);
        let numbers = best.rank * (found.rows + found.columns);
        fit(&rank, best.low_rank, numbers);
    }
    out.push_str("</tbody>");
    out
}
