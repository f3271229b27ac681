//! The whole model on top of the page: by verdict and role, along the depth, and the layers to look at by name.

use super::html::breakable;
use super::mark::{class, kind_class};
use crate::report::format::fixed;
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::summary::{all, percent, role_words, verdict_words};
use crate::report::text::{counted, file_name, grouped, shown_name, shown_sentence};
use crate::spectrum::{Analysis, DepthSummary, Group, Layer, Mention, Summary, VerdictKind};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Names in a list.
const NAMED: usize = 8;
/// Stacks of layers that are drawn.
const STACKS: usize = 12;
/// Marks in one place of a stack.
const MARKS: usize = 4;

/// Returns the section's content; nothing where nothing was analysed.
pub(super) fn model(analysis: &Analysis) -> Markup {
    let summary = &analysis.summary;
    if summary.matrices == 0 {
        return html! {};
    }
    html! {
        p.account {
            (grouped(summary.parameters as usize)) " parameters in " (counted(summary.tensors, "tensor")) ", "
            (grouped(summary.matrix_parameters as usize)) " of them in the " (counted(summary.matrices, "matrix")) " analysed."
        }
        "\n"
        (roles(summary))
        p.caption { "Effective rank: median share of the number of singular values. Alpha: median over the matrices with a heavy tail." } "\n"
        (depths(analysis))
        (lists(analysis))
    }
}

/// Returns a table of a row a role, each with a button that filters by it.
fn roles(summary: &Summary) -> Grid {
    let mut grid = Grid::new("Roles, can be scrolled sideways")
        .class("roles")
        .heads(Kind::Name, ["Role"])
        .heads(Kind::Words, ["Verdicts"])
        .heads(
            Kind::Number,
            ["Matrices", "Parameters", "Effective rank", "Alpha"],
        );
    let mut row = |name: Markup, group: &Group| {
        let verdicts = html! {
            @for count in &group.verdicts {
                span { i class=(kind_class(count.kind)) {} (count.matrices) " " (verdict_words(count.kind)) } " "
            }
        };
        let rank = group.effective_rank_share.map_or(String::new(), percent);
        grid.row(vec![
            name.into(),
            Cell::from(verdicts).class("verdicts"),
            group.matrices.into(),
            grouped(group.parameters as usize).into(),
            rank.into(),
            fixed(group.heavy_alpha, 1).into(),
        ]);
    };
    if summary.roles.len() > 1 {
        for role in &summary.roles {
            let key = shown_name(role.role.key());
            let name = html! {
                button type="button" data-filter={ "role:" (key) } { (role_words(role.role.key())) }
            };
            row(name, &role.group);
        }
    }
    row(html! { "all" }, &all(summary));
    grid
}

/// Returns one table a stack: a row a role, a column a layer, a mark a matrix that leads to it.
fn depths(analysis: &Analysis) -> Markup {
    let summary = &analysis.summary;
    let stacks: Vec<_> = summary
        .depths
        .chunk_by(|a, b| (&a.file, &a.stack) == (&b.file, &b.stack))
        .filter(|layers| layers.len() > 1)
        .collect();
    if stacks.is_empty() {
        return html! {};
    }
    html! {
        h3 { "Along the depth" } "\n"
        div.scroll tabindex="0" role="region" aria-label="Verdicts along the depth, can be scrolled sideways" { "\n"
            @for layers in stacks.iter().take(STACKS) { (stack(analysis, layers)) }
        }
        "\n"
        p.caption.key {
            @for count in &summary.verdicts {
                span { i class=(kind_class(count.kind)) {} (verdict_words(count.kind)) } " "
            }
            "A mark is a matrix and leads to it"
            @if stacks.len() > STACKS { "; " (stacks.len() - STACKS) " more stacks are in the table below" }
            "."
        }
        "\n"
    }
}

/// Returns the map of a stack.
fn stack(analysis: &Analysis, layers: &[DepthSummary]) -> Markup {
    let (file, stack) = (&layers[0].file, &layers[0].stack);
    let roles = &analysis.summary.roles;
    // The layers of each role at each depth, by their places among the rows.
    let mut cells: BTreeMap<(usize, usize), Vec<(usize, &Layer)>> = BTreeMap::new();
    for (position, layer) in (1..).zip(&analysis.rows) {
        let role = roles.iter().position(|role| role.role == layer.role);
        if let (Some(depth), Some(role), Some(_)) = (&layer.depth, role, &layer.spectrum)
            && layer.file == *file
            && depth.stack == *stack
        {
            let cell = cells.entry((role, depth.layer)).or_default();
            cell.push((position, layer));
        }
    }
    let name = match (stack.as_str(), analysis.files.len() > 1) {
        ("", false) => "layer".to_owned(),
        (stack, false) => shown_name(stack),
        (stack, true) => format!("{} {}", file_name(file), shown_name(stack)),
    };
    let mut rows: Vec<usize> = cells.keys().map(|&(role, _)| role).collect();
    rows.dedup();
    html! {
        table.map {
            thead { tr {
                th scope="col" { (breakable(&name)) }
                @for layer in layers { th scope="col" { (layer.layer) } }
            } }
            tbody { "\n"
                @for role in rows {
                    tr {
                        th scope="row" { (role_words(roles[role].role.key())) }
                        @for layer in layers {
                            td {
                                @let marks = cells.get(&(role, layer.layer)).map_or(&[][..], Vec::as_slice);
                                @for (position, layer) in marks.iter().take(MARKS) { (mark(*position, layer)) }
                                @if marks.len() > MARKS { small { "+" (marks.len() - MARKS) } }
                            }
                        }
                    }
                    "\n"
                }
            }
        }
        "\n"
    }
}

fn mark(position: usize, layer: &Layer) -> Markup {
    let kind = layer.spectrum.as_ref().map(|s| s.verdict.kind);
    let finding = match (kind, layer.spectrum.as_ref().and_then(|s| s.spikes())) {
        (Some(VerdictKind::Spikes), Some(count)) if count > 0 => counted(count, "spike"),
        (Some(kind), _) => verdict_words(kind).to_owned(),
        (None, _) => String::new(),
    };
    let words = format!("{}: {finding}", shown_name(&layer.name));
    html! { a href={ "#layer-" (position) } aria-label=(words) { i class=(class(layer)) {} } }
}

/// Returns the lists of layers to look at.
fn lists(analysis: &Analysis) -> Markup {
    let summary = &analysis.summary;
    // Of several files each layer says in which it is.
    let several = analysis.files.len() > 1;
    let said = |layer: &Mention, words: String| {
        let file = several.then(|| file_name(&layer.file));
        let words = [file.unwrap_or_default(), words];
        let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
        (layer.row, layer.name.clone(), words.join(": "))
    };
    let noise = summary.like_noise.iter();
    let noise = noise.map(|layer| said(layer, String::new()));
    let compressible = summary.compressible.iter().map(|c| {
        let words = format!(
            "effective rank {} of the possible; rank {} holds 90 % of Σs² in {} of the numbers",
            percent(c.effective_rank_share),
            c.energy_rank,
            percent(c.parameter_share)
        );
        said(&c.layer, words)
    });
    let suspicious = summary.suspicious.iter();
    let suspicious = suspicious.map(|s| said(&s.layer, s.reason.clone()));
    html! {
        div.lists { "\n"
            (list("Like noise: are they trained?", Some("verdict:noise"), noise.collect()))
            (list("Most compressible", None, compressible.collect()))
            (list("Look at these", None, suspicious.collect()))
        }
        "\n"
    }
}

/// Returns a list of layers, by row, name and words, with links; nothing where there are none. `filter` shows all of them
/// in the table.
fn list(heading: &str, filter: Option<&str>, items: Vec<(usize, String, String)>) -> Markup {
    if items.is_empty() {
        return html! {};
    }
    let more = items.len().saturating_sub(NAMED);
    html! {
        div {
            h3 { (heading) } "\n"
            ul { "\n"
                @for (row, name, words) in items.iter().take(NAMED) {
                    li {
                        a href={ "#layer-" (row) } { (breakable(&shown_name(name))) }
                        @if !words.is_empty() { " " small { (shown_sentence(words)) } }
                    }
                    "\n"
                }
            }
            "\n"
            @match (more, filter) {
                (0, _) => {}
                (_, None) => p.account { "and " (more) " more" },
                (_, Some(filter)) => p {
                    button type="button" data-filter=(filter) { "all " (items.len()) " in the table" }
                },
            }
        }
        "\n"
    }
}
