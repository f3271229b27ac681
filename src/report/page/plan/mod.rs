//! The plan for a model as one self-contained page without a script.

use super::html::{Terms, breakable, section};
use super::run::{Words, page, state};
use crate::plan::ModelPlan;
use crate::report::format::{or_dash, percent};
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::plan::{budget, form, outcome};
use crate::report::text::shown_name;
use maud::{Markup, html};

const TERMS: Terms = &[
    "Budget: what the layers may cost together, as a share of what they cost as they are.",
    "Share: what a layer costs in its size, over what it costs as it is.",
    "Error: of a layer the relative squared error of its outputs, or in units of the loss where gradients are known and alpha is not.",
    "Uniform: all layers at one share, the largest at which they fit; heads and convolutions on images stay as they are.",
    "Predicted: by the sum of the layers' errors, not measured on the model.",
];

const WORDS: Words = Words {
    kind: "plan",
    kicker: "One budget for a whole model",
    nameless: "Plan",
    other: "other file",
    rows: ["tensor", "in the budget"],
    digits: "Numbers here are rounded to three digits; report.json and sizes.parquet beside this page have all of them.",
    all_linked: false,
};

/// The page for a plan and its pictures, file names with their contents. The same plan gives the same bytes.
pub fn render_plan(plan: &ModelPlan, _pictures: &[(String, Vec<u8>)]) -> String {
    let mut page = page(plan, &WORDS);
    page.headline = plan.knowledge.sentence.clone();
    page.sections = html! {
        (section("budgets", "Budgets", html! {
            @for found in &plan.budgets { p { (outcome(plan, found)) "." } "\n" }
        }))
        (layers(plan))
    };
    page.terms = TERMS;
    page.render()
}

fn layers(plan: &ModelPlan) -> Markup {
    let mut grid = Grid::new("Table of all layers, can be scrolled sideways")
        .heads(Kind::Number, ["#"])
        .heads(Kind::Name, ["Layer"])
        .heads(Kind::Words, ["Type"])
        .heads(Kind::Number, ["Shape"]);
    for found in &plan.budgets {
        let share = budget(found.share);
        grid = grid.heads(Kind::Number, [share.as_str(), "Share", "Error"]);
    }
    for (place, row) in plan.rows.iter().enumerate() {
        let name = breakable(&shown_name(&row.name));
        let mut cells: Vec<Cell> = vec![(place + 1).into(), name.into()];
        let Some(layer) = &row.layer else {
            let state = Cell::from(state(row.status, row.reason.as_deref()));
            cells.push(state.class("reason").across(2 + 3 * plan.budgets.len()));
            grid.row(cells);
            continue;
        };
        cells.push(shown_name(&layer.weight_type).into());
        cells.push(format!("{}×{}", layer.rows, layer.columns).into());
        for found in &plan.budgets {
            let sized = found.layers.iter().find(|sized| sized.row == place);
            cells.extend(
                match sized {
                    Some(sized) => [
                        form(sized),
                        percent(sized.share),
                        or_dash(Some(sized.error.known())),
                    ],
                    None => ["–"; 3].map(str::to_owned),
                }
                .map(Cell::from),
            );
        }
        grid.row(cells);
    }
    section("layers", "Layers", html! { (grid) })
}
