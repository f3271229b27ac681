//! The table of claims.

use crate::report::format::digits;
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::page::html::section;
use crate::report::study::demanded;
use crate::report::study::words::{cell_words, given, ours, outcome};
use crate::report::text::shown_sentence;
use crate::study::{ClaimCell, ClaimReport, Outcome, StudyReport, Verdict};
use maud::{Markup, html};

/// Cells of a claim that are listed; of more, the number is said.
const LISTED: usize = 12;

/// Returns the class of a verdict, for its mark.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reproduced => "reproduced",
        Verdict::InPart => "in-part",
        Verdict::NotReproduced => "not-reproduced",
        Verdict::CannotBeJudged => "open",
    }
}

/// Returns the section of the claims; nothing where there are none.
pub(super) fn claims(report: &StudyReport) -> Markup {
    if report.claims.is_empty() {
        return html! {};
    }
    let mut grid = Grid::new("Table of claims, can be scrolled sideways")
        .class("claims")
        .caption("Ours is the mean over seeds ± their standard deviation. A null explains a published result and is not counted in the verdict.")
        .heads(Kind::Name, ["Claim"])
        .heads(Kind::Number, ["Published"])
        .heads(Kind::Words, ["Ours"])
        .heads(Kind::Number, ["Tolerance"])
        .heads(Kind::Words, ["Verdict", "Why"]);
    for claim in &report.claims {
        let null = if claim.null { "Null: " } else { "" };
        let verdict = claim.verdict;
        let words = html! { i class=(class(verdict)) {} (verdict.words()) };
        let tolerance = claim.tolerance.map(|x| given(x, claim.percent));
        grid.row(vec![
            format!("{null}{}", shown_sentence(&claim.claim)).into(),
            demanded(claim).into(),
            Cell::from(cells(claim)).class("ours"),
            tolerance.unwrap_or_default().into(),
            Cell::from(words).class("verdict"),
            Cell::from(shown_sentence(&claim.sentence)).class("why"),
        ]);
    }
    section("claims", "Claims", html! { (grid) })
}

/// Returns what was measured: a number, or of several cells in how many the claim holds, and a line each.
fn cells(claim: &ClaimReport) -> Markup {
    let mut pairs = claim.cells.windows(2);
    let alone = pairs.all(|pair| pair[0].group == pair[1].group);
    let listed = match claim.cells.len() {
        0 | 1 => &[],
        _ => &claim.cells[..],
    };
    html! {
        (outcome(claim))
        @for cell in listed.iter().take(LISTED) { small { (line(claim, cell, alone)) } }
        @if listed.len() > LISTED { small { "and " (listed.len() - LISTED) " more" } }
    }
}

/// Returns a line about one cell: `b1 = 10: 98.83 ± 0.05 % (3 seeds), against 98.9: nearly`.
fn line(claim: &ClaimReport, cell: &ClaimCell, alone: bool) -> String {
    let holds = match cell.holds {
        Outcome::Yes => "yes",
        Outcome::Nearly => "nearly",
        Outcome::No => "no",
        Outcome::Unknown => "open",
    };
    let against = match cell.against {
        Some(against) if claim.published.is_none() => format!(", against {}", digits(against, 4)),
        _ => String::new(),
    };
    format!(
        "{}: {}{against}: {holds}",
        cell_words(&cell.group, &cell.variables, alone),
        ours(cell, claim.percent)
    )
}
