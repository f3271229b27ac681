//! A watch as one self-contained page: curves over the checkpoints, what changed, the layers as they are.

use super::html::{Terms, section};
use super::layout::{Page, line};
use super::shared_data::SharedData;
use crate::report::format::significant;
use crate::report::grid::{Cell, Grid, Head, Kind};
use crate::report::summary::{role_words, verdict_words};
use crate::report::text::{counted, plural, shown_name, shown_sentence};
use crate::report::watch::watch_figures;
use crate::watch::{METRICS, Snapshot, Watched};
use maud::{Markup, html};
use serde_json::{Value, json};

/// Changes that are listed, the last ones.
const CHANGES: usize = 200;

const TERMS: Terms = &[
    "Checkpoint: a file of weights; one that is written again is another checkpoint.",
    "Random bulk: the singular values that noise of one variance explains.",
    "Verdict: what analyze says of a spectrum. What each means and what to do next stands on the page of an analysis.",
];

/// Returns the page of what is known of a folder, which a browser loads again after so many seconds. The same checkpoints
/// give the same bytes.
pub fn render_watch(watched: &Watched, reloads: Option<u32>) -> String {
    let snapshots = &watched.checkpoints;
    let mut layers: Vec<&str> = Vec::new();
    for layer in snapshots.iter().flat_map(|snapshot| &snapshot.layers) {
        if !layers.contains(&layer.name.as_str()) {
            layers.push(&layer.name);
        }
    }
    let mut shared = SharedData::default();
    let figures: Vec<Value> = watch_figures(snapshots, &layers)
        .iter()
        .map(|figure| shared.part(figure))
        .collect();
    let data = shared.block(&json!({"figures": {"course": figures}}));
    let without = snapshots
        .iter()
        .filter(|snapshot| snapshot.step.is_none())
        .count();
    let unplaced = if (1..snapshots.len()).contains(&without) {
        let checkpoints = counted(without, "checkpoint");
        format!("{checkpoints} without a step in the name: on no curve.")
    } else {
        String::new()
    };
    let reloading = reloads.map_or(String::new(), |seconds| {
        format!(
            "This page loads itself again every {}.",
            counted(seconds as usize, "second")
        )
    });
    Page {
        kind: "checkpoints",
        kicker: "Weight spectra over the checkpoints of a training".to_owned(),
        title: shown_name(&watched.folder),
        headline: headline(snapshots, layers.len()),
        account: vec![line(&reloading)],
        sections: html! {
            (section("over", "Over the checkpoints", html! {
                noscript { p { "The curves are drawn by a script in this page; the tables stand without it." } } "\n"
                div.figures id="course" {} "\n"
                @if !unplaced.is_empty() { p.caption { (unplaced) } "\n" }
            }))
            (changes(snapshots))
            (section("now", "The layers now", html! { (now(snapshots)) }))
            (failures(snapshots))
        },
        terms: TERMS,
        origin: html! {
            p { (watched.program) ", seed " (watched.seed) ". Each checkpoint was analysed once; report.json beside this page has the numbers, and " code { "spectra analyze" } " of a checkpoint everything about it." } "\n"
        },
        data: Some(data),
        reloads,
        ..Page::default()
    }
    .render()
}

fn headline(snapshots: &[Snapshot], layers: usize) -> String {
    let Some(last) = snapshots.last() else {
        return "No checkpoint so far.".to_owned();
    };
    let at = last
        .step
        .map_or(String::new(), |step| format!(" of step {step}"));
    format!(
        "{} of {}, the last one{at}: {}.",
        counted(snapshots.len(), "checkpoint"),
        counted(layers, "layer"),
        shown_name(&last.checkpoint)
    )
}

/// Returns what a snapshot is called in a table.
fn name(snapshot: &Snapshot) -> String {
    match snapshot.step {
        Some(step) => step.to_string(),
        None => shown_name(&snapshot.checkpoint),
    }
}

/// Returns the section of the layers whose verdict is of another kind than before; nothing where there are none.
fn changes(snapshots: &[Snapshot]) -> Markup {
    let mut grid = Grid::new("Changes of verdicts, can be scrolled sideways")
        .heads(Kind::Name, ["Step"])
        .heads(Kind::Words, ["Layer", "Before", "Now"]);
    let pairs = snapshots.windows(2).flat_map(|pair| {
        let changes = pair[1].changes(&pair[0]).into_iter();
        changes.map(|(then, now)| (&pair[1], then, now))
    });
    let all: Vec<_> = pairs.collect();
    if all.is_empty() {
        return html! {};
    }
    for (snapshot, then, now) in all.iter().rev().take(CHANGES) {
        grid.row(vec![
            name(snapshot).into(),
            shown_name(&now.name).into(),
            verdict_words(then.kind).into(),
            shown_sentence(&now.verdict).into(),
        ]);
    }
    let more = all.len().saturating_sub(CHANGES);
    section(
        "changes",
        "What changed, the last first",
        html! {
            (grid)
            @if more > 0 { p.caption { (more) " earlier " (plural(more, "change")) " are in report.json." } "\n" }
        },
    )
}

/// Returns the layers of the last checkpoint, each number beside that of the first.
fn now(snapshots: &[Snapshot]) -> Markup {
    let (Some(first), Some(last)) = (snapshots.first(), snapshots.last()) else {
        return html! { p { "Nothing was analysed so far." } };
    };
    let mut grid = Grid::new("Layers, can be scrolled sideways")
        .sortable()
        .tall()
        .heads(Kind::Name, ["Layer"])
        .heads(Kind::Words, ["Role", "Verdict"])
        .columns(METRICS.iter().map(|metric| Head {
            kind: Kind::Number,
            heading: metric.heading.to_owned(),
            title: metric.words,
        }));
    for layer in &last.layers {
        let mut cells: Vec<Cell> = vec![
            shown_name(&layer.name).into(),
            role_words(&layer.role).into(),
            shown_sentence(&layer.verdict).into(),
        ];
        let before = first.layer(&layer.name);
        cells.extend(METRICS.iter().map(|metric| {
            let number = layer.numbers.get(metric.key).copied().flatten();
            let then = before.and_then(|layer| layer.numbers.get(metric.key).copied().flatten());
            let cell = Cell::from(significant(number));
            match (number, then) {
                (Some(number), Some(then)) => cell.sorted_by(number).title(format!(
                    "{} in the first checkpoint",
                    significant(Some(then))
                )),
                _ => cell,
            }
        }));
        grid.row(cells);
    }
    html! {
        (grid)
        p.caption { "Of the last checkpoint, " (shown_name(&last.checkpoint)) "; point at a number to read that of the first one." } "\n"
    }
}

/// Returns the section of what could not be analysed in the last checkpoint; nothing where there is none.
fn failures(snapshots: &[Snapshot]) -> Markup {
    let failed = snapshots.last().map_or(&[][..], |last| &last.failed);
    if failed.is_empty() {
        return html! {};
    }
    let mut grid = Grid::new("What could not be analysed, can be scrolled sideways")
        .heads(Kind::Name, ["Tensor"])
        .heads(Kind::Words, ["Why"]);
    for gone in failed {
        grid.row(vec![
            shown_name(&gone.name).into(),
            shown_sentence(&gone.reason).into(),
        ]);
    }
    section(
        "failed",
        "Not analysed in the last checkpoint",
        html! { (grid) },
    )
}
