//! The table of claims.

use std::fmt::Write;

use super::{class, sentence};
use crate::report::study::demanded;
use crate::report::study::words::{cell_words, given, number, ours, outcome};
use crate::report::text::escape_markup;
use crate::study::{ClaimCell, ClaimReport, Outcome, StudyReport};

/// Cells of a claim that are listed; of more, the number is said.
const LISTED: usize = 12;

/// Returns the section of the claims; nothing where there are none.
pub(super) fn claims(report: &StudyReport) -> String {
    if report.claims.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<section aria-labelledby=\"claims-heading\">\n<h2 id=\"claims-heading\">Claims</h2>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of claims, can be scrolled sideways\">\n\
         <table class=\"claims\">\n<caption>Ours is the mean over seeds ± their standard deviation. A null explains a published result and is not counted in the verdict.</caption>\n\
         <thead><tr><th scope=\"col\">Claim<th scope=\"col\" class=\"num\">Published<th scope=\"col\">Ours\
         <th scope=\"col\" class=\"num\">Tolerance<th scope=\"col\">Verdict<th scope=\"col\">Why</thead><tbody>\n",
    );
    for claim in &report.claims {
        let null = if claim.null { "Null: " } else { "" };
        let tolerance = claim
            .tolerance
            .map_or(String::new(), |x| given(x, claim.percent));
        let verdict = claim.verdict;
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{null}{}<td class=\"number\">{}<td class=\"ours\">{}<td class=\"number\">{tolerance}\
             <td class=\"verdict\"><i class=\"{}\"></i>{}<td class=\"why\">{}",
            sentence(&claim.claim),
            escape_markup(&demanded(claim)),
            cells(claim),
            class(verdict),
            verdict.words(),
            sentence(&claim.sentence),
        );
    }
    out.push_str("</tbody></table>\n</div>\n</section>\n");
    out
}

/// Returns what was measured: a number, or of several cells in how many the claim holds, and a line each.
fn cells(claim: &ClaimReport) -> String {
    let mut out = escape_markup(&outcome(claim));
    let alone = claim
        .cells
        .windows(2)
        .all(|pair| pair[0].group == pair[1].group);
    if claim.cells.len() < 2 {
        return out;
    }
    for cell in claim.cells.iter().take(LISTED) {
        let _ = write!(
            out,
            "<small>{}</small>",
            escape_markup(&line(claim, cell, alone))
        );
    }
    if claim.cells.len() > LISTED {
        let _ = write!(
            out,
            "<small>and {} more</small>",
            claim.cells.len() - LISTED
        );
    }
    out
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
        Some(against) if claim.published.is_none() => format!(", against {}", number(against, 4)),
        _ => String::new(),
    };
    format!(
        "{}: {}{against}: {holds}",
        cell_words(&cell.group, &cell.variables, alone),
        ours(cell, claim.percent)
    )
}
