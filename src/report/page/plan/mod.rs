//! The plan for a model as one self-contained page without a script.

mod words;

use super::html::{Terms, breakable, picture, section};
use super::run::{Words, page, state};
use crate::plan::{ModelPlan, PlanRow};
use crate::report::format::{or_dash, percent};
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::plan::{CURVE, budget, form, layers_stem, outcome};
use crate::report::text::short_number;
use crate::report::text::{joined, shown_name};
use maud::{Markup, html};
use words::claims;

const TERMS: Terms = &[
    "Budget: what the layers may cost together, as a share of what they cost as they are.",
    "Share: what a layer costs in its size, over what it costs as it is.",
    "Error: of a layer the relative squared error of its outputs, or in units of the loss where gradients are known and alpha is not.",
    "Alpha: how much the loss rises with the relative error of a layer, measured by cutting the layer alone.",
    "Uniform: all layers in low rank at one share, the largest at which they fit; heads and convolutions on images stay as they are.",
    "Predicted: by the sum of the layers' errors, not measured on the model.",
];

const WORDS: Words = Words {
    kind: "plan",
    kicker: "One budget for a whole model",
    nameless: "Plan",
    other: "other file",
    rows: ["tensor", "in the budget"],
    digits: "Numbers here are rounded to three digits; report.json and sizes.parquet beside this page have all of them, and the pictures lie there as SVG and PNG.",
    all_linked: false,
};

/// The page for a plan and its pictures, file names with their contents. The same plan gives the same bytes.
pub fn render_plan(plan: &ModelPlan, pictures: &[(String, Vec<u8>)]) -> String {
    let mut page = page(plan, &WORDS);
    page.headline = plan.knowledge.sentence.clone();
    page.sections = html! {
        (section("budgets", "Budgets", html! {
            @if let Some(picture) = picture(pictures, CURVE) { figure { (picture) } "\n" }
            @for (found, position) in plan.budgets.iter().zip(1..) {
                p { (outcome(plan, found)) "." } "\n"
                @if let Some(text) = next(found) { p { (text) } "\n" }
                @if let Some(picture) = picture(pictures, &layers_stem(plan, position)) { figure { (picture) } "\n" }
            }
        }))
        (layers(plan))
        (section("claims", "What may be claimed", html! {
            @for sentence in claims(plan) { p { (sentence) } "\n" }
        }))
    };
    page.terms = TERMS;
    page.render()
}

/// Says what 1 % of budget more would buy.
fn next(found: &crate::plan::Budget) -> Option<String> {
    let next = found.next.as_ref()?;
    let saved = found.error - next.error;
    let names: Vec<String> = next
        .grows
        .iter()
        .take(5)
        .map(|name| shown_name(name))
        .collect();
    let grows = match names.len() {
        0 => String::new(),
        _ => format!(": it would go to {}", joined(&names)),
    };
    Some(format!(
        "1 % of the layers' cost more would lower the predicted error by {}, to {}{grows}.",
        short_number(saved.max(0.0)),
        short_number(next.error)
    ))
}

fn layers(plan: &ModelPlan) -> Markup {
    let mut grid = Grid::new("Table of all layers, can be scrolled sideways")
        .heads(Kind::Number, ["#"])
        .heads(Kind::Name, ["Layer"])
        .heads(Kind::Words, ["Type"])
        .heads(Kind::Number, ["Shape", "Alpha"]);
    for found in &plan.budgets {
        let share = budget(found.share);
        grid = grid.heads(Kind::Number, [share.as_str(), "Share", "Error"]);
    }
    // Vectors are no news.
    let is_news = |row: &PlanRow| row.layer.is_some() || row.shape.len() > 1;
    let rows = plan.rows.iter().enumerate().filter(|(_, row)| is_news(row));
    for (place, row) in rows {
        let name = breakable(&shown_name(&row.name));
        let mut cells: Vec<Cell> = vec![(place + 1).into(), name.into()];
        let Some(layer) = &row.layer else {
            let state = Cell::from(state(row.status, row.reason.as_deref()));
            cells.push(state.class("reason").across(3 + 3 * plan.budgets.len()));
            grid.row(cells);
            continue;
        };
        cells.push(shown_name(&layer.weight_type).into());
        cells.push(format!("{}×{}", layer.rows, layer.columns).into());
        cells.push(or_dash(layer.alpha).into());
        for found in &plan.budgets {
            let sized = found.layers.iter().find(|sized| sized.row == place);
            let words = sized.map_or(["–"; 3].map(str::to_owned), |sized| {
                let error = or_dash(Some(sized.error.known()));
                [form(sized), percent(sized.share), error]
            });
            cells.extend(words.map(Cell::from));
        }
        grid.row(cells);
    }
    section("layers", "Layers", html! { (grid) })
}
