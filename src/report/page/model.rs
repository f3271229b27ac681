//! The whole model on top of the page: by verdict and role, along the depth, and the layers to look at by name.

use super::table::{breakable, class};
use crate::report::analysis::spikes;
use crate::report::summary::{counted, percent, role_words, verdict_words};
use crate::report::text::{escape_markup, file_name, grouped, shown_name, shown_sentence};
use crate::spectrum::{Analysis, Group, Layer, Mention, VerdictKind};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Names in a list.
const NAMED: usize = 8;
/// Stacks of layers that are drawn.
const STACKS: usize = 12;
/// Marks in one place of a stack.
const MARKS: usize = 4;

/// The section's content; empty where nothing was analysed.
pub(super) fn model(analysis: &Analysis) -> String {
    let summary = &analysis.summary;
    if summary.matrices == 0 {
        return String::new();
    }
    let mut out = format!(
        "<p class=\"account\">{} parameters in {}, {} of them in the {} analysed.</p>\n",
        grouped(summary.parameters as usize),
        counted(summary.tensors, "tensor", "tensors"),
        grouped(summary.matrix_parameters as usize),
        counted(summary.matrices, "matrix", "matrices"),
    );
    roles(&mut out, analysis);
    depths(&mut out, analysis);
    out.push_str("<div class=\"lists\">\n");
    // Of several files each layer says in which it is.
    let several = analysis.files.len() > 1;
    let said = |layer: &Mention, words: String| {
        let file = if several {
            file_name(&layer.file)
        } else {
            String::new()
        };
        let between = if file.is_empty() || words.is_empty() {
            ""
        } else {
            ": "
        };
        (layer.clone(), format!("{file}{between}{words}"))
    };
    list(
        &mut out,
        "Like noise: are they trained?",
        "verdict:noise",
        summary
            .like_noise
            .iter()
            .map(|layer| said(layer, String::new()))
            .collect(),
    );
    let compressible = summary.compressible.iter().map(|c| {
        let words = format!(
            "effective rank {} of the possible; rank {} holds 90 % of Σs² in {} of the numbers",
            percent(c.effective_rank_share),
            c.energy_rank,
            percent(c.parameter_share)
        );
        said(&c.layer, words)
    });
    list(&mut out, "Most compressible", "", compressible.collect());
    let suspicious = summary.suspicious.iter();
    list(
        &mut out,
        "Look at these",
        "",
        suspicious
            .map(|s| said(&s.layer, s.reason.clone()))
            .collect(),
    );
    out.push_str("</div>\n");
    out
}

/// A table of a row a role, each with a button that filters by it.
fn roles(out: &mut String, analysis: &Analysis) {
    let summary = &analysis.summary;
    out.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Roles, can be scrolled sideways\">\n<table class=\"roles\"><thead><tr><th scope=\"col\">Role<th scope=\"col\">Verdicts<th scope=\"col\" class=\"num\">Matrices<th scope=\"col\" class=\"num\">Parameters<th scope=\"col\" class=\"num\">Effective rank<th scope=\"col\" class=\"num\">Alpha</tr></thead><tbody>\n",
    );
    let mut row = |name: &str, group: &Group| {
        let verdicts = group.verdicts.iter().map(|count| {
            let class = kind_class(count.kind);
            format!(
                "<span><i class=\"{class}\"></i>{} {}</span>",
                count.matrices,
                verdict_words(count.kind)
            )
        });
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{name}<td class=\"verdicts\">{}<td>{}<td>{}<td>{}<td>{}",
            verdicts.collect::<Vec<_>>().join(" "),
            group.matrices,
            grouped(group.parameters as usize),
            group.effective_rank_share.map_or(String::new(), percent),
            group
                .heavy_alpha
                .map_or(String::new(), |alpha| format!("{alpha:.1}")),
        );
    };
    if summary.roles.len() > 1 {
        for role in &summary.roles {
            let key = escape_markup(&shown_name(role.role.key()));
            let words = escape_markup(&role_words(role.role.key()));
            row(
                &format!("<button type=\"button\" data-filter=\"role:{key}\">{words}</button>"),
                &role.group,
            );
        }
    }
    let all = Group {
        matrices: summary.matrices,
        parameters: summary.matrix_parameters,
        verdicts: summary.verdicts.clone(),
        ..Group::default()
    };
    row("all", &all);
    out.push_str("</tbody></table>\n</div>\n<p class=\"caption\">Effective rank: median share of the number of singular values. Alpha: median over the matrices with a heavy tail.</p>\n");
}

/// Cells of a stack: the layers of each role at each depth, by their places among the rows.
type Cells<'a> = BTreeMap<(usize, usize), Vec<(usize, &'a Layer)>>;

/// One table a stack: a row a role, a column a layer, a mark a matrix that leads to it.
fn depths(out: &mut String, analysis: &Analysis) {
    let summary = &analysis.summary;
    let stacks: Vec<_> = summary
        .depths
        .chunk_by(|a, b| (&a.file, &a.stack) == (&b.file, &b.stack))
        .filter(|layers| layers.len() > 1)
        .collect();
    if stacks.is_empty() {
        return;
    }
    out.push_str("<h3>Along the depth</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Verdicts along the depth, can be scrolled sideways\">\n");
    for layers in stacks.iter().take(STACKS) {
        let (file, stack) = (&layers[0].file, &layers[0].stack);
        let mut cells: Cells<'_> = BTreeMap::new();
        for (i, layer) in analysis.rows.iter().enumerate() {
            let Some(depth) = &layer.depth else {
                continue;
            };
            let role = summary
                .roles
                .iter()
                .position(|role| role.role == layer.role);
            if let (true, true, Some(role), Some(_)) = (
                layer.file == *file,
                depth.stack == *stack,
                role,
                &layer.spectrum,
            ) {
                cells
                    .entry((role, depth.layer))
                    .or_default()
                    .push((i + 1, layer));
            }
        }
        let several = analysis.files.len() > 1;
        let name = match (stack.as_str(), several) {
            ("", false) => "layer".to_owned(),
            (stack, false) => shown_name(stack),
            (stack, true) => format!("{} {}", file_name(file), shown_name(stack)),
        };
        let _ = write!(
            out,
            "<table class=\"map\"><thead><tr><th scope=\"col\">{}",
            breakable(&name)
        );
        for layer in *layers {
            let _ = write!(out, "<th scope=\"col\">{}", layer.layer);
        }
        out.push_str("</tr></thead><tbody>\n");
        let mut roles: Vec<usize> = cells.keys().map(|&(role, _)| role).collect();
        roles.dedup();
        for role in roles {
            let words = role_words(summary.roles[role].role.key());
            let _ = write!(out, "<tr><th scope=\"row\">{}", escape_markup(&words));
            for layer in *layers {
                out.push_str("<td>");
                let marks = cells
                    .get(&(role, layer.layer))
                    .map_or(&[][..], Vec::as_slice);
                for (position, layer) in marks.iter().take(MARKS) {
                    mark(out, *position, layer);
                }
                if marks.len() > MARKS {
                    let _ = write!(out, "<small>+{}</small>", marks.len() - MARKS);
                }
            }
            out.push('\n');
        }
        out.push_str("</tbody></table>\n");
    }
    out.push_str("</div>\n<p class=\"caption key\">");
    for count in &summary.verdicts {
        let _ = write!(
            out,
            "<span><i class=\"{}\"></i>{}</span> ",
            kind_class(count.kind),
            verdict_words(count.kind)
        );
    }
    out.push_str("A mark is a matrix and leads to it");
    if stacks.len() > STACKS {
        let _ = write!(
            out,
            "; {} more stacks are in the table below",
            stacks.len() - STACKS
        );
    }
    out.push_str(".</p>\n");
}

fn mark(out: &mut String, position: usize, layer: &Layer) {
    let kind = layer.spectrum.as_ref().map(|s| s.verdict.kind);
    let finding = match (kind, layer.spectrum.as_ref().and_then(spikes)) {
        (Some(VerdictKind::Spikes), Some(count)) if count > 0 => counted(count, "spike", "spikes"),
        (Some(kind), _) => verdict_words(kind).to_owned(),
        (None, _) => String::new(),
    };
    let words = format!("{}: {finding}", shown_name(&layer.name));
    let words = escape_markup(&words);
    let _ = write!(
        out,
        "<a href=\"#layer-{position}\" aria-label=\"{words}\"><i class=\"{}\"></i></a>",
        class(layer)
    );
}

/// A list of layers with links; nothing where there are none. `filter` shows all of them in the table.
fn list(out: &mut String, heading: &str, filter: &str, items: Vec<(Mention, String)>) {
    if items.is_empty() {
        return;
    }
    let _ = write!(out, "<div><h3>{heading}</h3>\n<ul>\n");
    for (layer, words) in items.iter().take(NAMED) {
        let name = breakable(&shown_name(&layer.name));
        let words = match words.as_str() {
            "" => String::new(),
            words => format!(" <small>{}</small>", escape_markup(&shown_sentence(words))),
        };
        let _ = writeln!(
            out,
            "<li><a href=\"#layer-{}\">{name}</a>{words}",
            layer.row
        );
    }
    out.push_str("</ul>\n");
    let more = items.len().saturating_sub(NAMED);
    if more > 0 && filter.is_empty() {
        let _ = writeln!(out, "<p class=\"account\">and {more} more</p>");
    } else if more > 0 {
        let _ = writeln!(
            out,
            "<p><button type=\"button\" data-filter=\"{filter}\">all {} in the table</button></p>",
            items.len()
        );
    }
    out.push_str("</div>\n");
}

/// The class of a verdict's mark.
pub(super) fn kind_class(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Noise => "noise",
        VerdictKind::Spikes => "spikes",
        VerdictKind::HeavyTail => "heavy_tail",
        VerdictKind::NoBulk => "no_bulk",
        VerdictKind::LowRank => "low_rank",
        VerdictKind::Degenerate => "degenerate",
    }
}
