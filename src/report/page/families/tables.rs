//! Tables of findings and of residuals.

use crate::fit::VerdictKind;
use crate::fit::families::{FamilyComparison, FamilyFit, FamilyKind, FamilyLayer, Search};
use crate::report::families::{budget, kind};
use crate::report::figures::stem;
use crate::report::format::or_dash;
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::page::html::{breakable, layer_section, picture, section};
use crate::report::page::run::state;
use crate::report::text::{short_number, shown_name, shown_sentence};
use crate::weights::Status;
use maud::{Markup, html};

/// Returns matrices down, families across, the kind of finding in each cell and its sentence as a title.
pub(super) fn findings(comparison: &FamilyComparison) -> Markup {
    let families = comparison.settings.families.iter();
    let families: Vec<FamilyKind> = families.copied().filter(|f| !f.is_null_line()).collect();
    let mut grid = Grid::new("Table of all matrices, can be scrolled sideways")
        .caption("Coordinates: the family explains more of ‖W‖² than chance, but no longer once W is rotated at the same spectrum. Low rank: it keeps that gain. Both: it keeps a part. Values: it explains as much with the entries shuffled. No gain: as many random terms explain as much.")
        .heads(Kind::Number, ["#"])
        .heads(Kind::Name, ["Matrix"])
        .heads(Kind::Number, ["Shape"])
        .heads(Kind::Words, families.iter().map(|family| family.name()));
    for (i, layer) in comparison.rows.iter().enumerate() {
        let position = i + 1;
        let name = breakable(&shown_name(&layer.name));
        let mut row = vec![Cell::from(position)];
        if let (Some(m), Some(n)) = (layer.rows, layer.columns) {
            let link = html! { a href={ "#layer-" (position) } { (name) } };
            row.extend([link.into(), format!("{m}×{n}").into()]);
            row.extend(families.iter().map(|&family| found(layer, family)));
        } else {
            let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
            let state = Cell::from(state(layer.status, layer.reason.as_deref()));
            let state = state.class("reason").across(families.len());
            row.extend([name.into(), shape.join("×").into(), state]);
        }
        grid.row(row);
    }
    section("findings", "What each family has found", html! { (grid) })
}

/// Returns what a family has found in a matrix, or that it was left out.
fn found(layer: &FamilyLayer, family: FamilyKind) -> Cell {
    let finding = layer.findings.iter().find(|f| f.family == family);
    let left_out = layer.left_out.iter().find(|l| l.family == family);
    match (finding, left_out) {
        (Some(finding), _) => {
            let (verdict, at) = (&finding.verdict, budget(finding.budget));
            let cell = Cell::from(kind(verdict.kind)).class(class(verdict.kind));
            cell.title(format!("at {at}, {}", verdict.text))
        }
        (None, Some(left_out)) => Cell::from("left out")
            .class("nothing")
            .title(&left_out.reason),
        (None, None) => Cell::default(),
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

/// Returns a picture and a table a matrix.
pub(super) fn matrices(comparison: &FamilyComparison, pictures: &[(String, Vec<u8>)]) -> Markup {
    let drawn = |position| {
        let stem = stem("layer", position, comparison.rows.len(), "families");
        picture(pictures, &stem)
    };
    let layers = (1..).zip(&comparison.rows);
    let fitted = layers.filter(|(_, layer)| layer.status == Status::Analyzed);
    html! {
        @for (position, layer) in fitted {
            (layer_section(position, &shown_name(&layer.name), html! {
                @for note in &layer.notes { p.notes { (shown_sentence(note)) "." } "\n" }
                @for left_out in &layer.left_out {
                    p.notes { (left_out.family.name()) " left out: " (left_out.reason) "." } "\n"
                }
                @if let Some(picture) = drawn(position) { figure { (picture) } "\n" }
                (residuals(position, layer, &comparison.settings.budgets))
            }))
        }
    }
}

/// Returns families down, budgets across.
fn residuals(position: usize, layer: &FamilyLayer, budgets: &[f64]) -> Grid {
    let mut grid = Grid::new(format!(
        "Table of matrix {position}, can be scrolled sideways"
    ))
    .heads(Kind::Name, ["Family"])
    .heads(Kind::Number, budgets.iter().map(|&share| budget(share)))
    .heads(Kind::Words, ["Where it gains most"]);
    let mut null = vec![Cell::from("null line")];
    let left = budgets
        .iter()
        .map(|share| short_number((1.0 - share).sqrt()));
    null.extend(left.map(|left| Cell::from(left).class("chance")));
    null.push(Cell::default());
    grid.row(null);
    let kinds = layer.families.chunk_by(|a, b| a.family == b.family);
    for fits in kinds.filter(|fits| !fits[0].family.is_null_line()) {
        let family = fits[0].family;
        let searched = match fits[0].search {
            Search::BestFound => ", best found",
            Search::Exact => "",
        };
        let mut row = vec![Cell::from(format!("{}{searched}", family.name()))];
        let residual =
            |fit: &FamilyFit| Cell::from(or_dash(fit.relative_residual)).title(details(fit));
        row.extend(fits.iter().map(residual));
        let finding = layer.findings.iter().find(|f| f.family == family);
        row.push(finding.map_or(Cell::default(), |finding| {
            let verdict = &finding.verdict;
            let words = html! {
                i class=(class(verdict.kind)) {} "at " (budget(finding.budget)) ", " (verdict.text)
            };
            words.into()
        }));
        grid.row(row);
    }
    grid
}

/// Returns what a cell says when pointed at.
fn details(fit: &FamilyFit) -> String {
    match (fit.parameters, fit.degrees_of_freedom, &fit.detail) {
        (Some(parameters), Some(freedom), Some(detail)) => format!(
            "{detail}: {parameters} parameters, {freedom} degrees of freedom; null {}, shuffled {} (the mean of {}), rotated {}",
            or_dash(fit.null_residual),
            or_dash(fit.shuffled_residual),
            fit.shuffles,
            or_dash(fit.rotated_residual)
        ),
        _ => fit.verdict.text.clone(),
    }
}
