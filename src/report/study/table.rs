//! A study on a terminal: a line a claim.

use super::words::{given, outcome, tally};
use crate::report::table::Rows;
use crate::report::text::shown_sentence;
use crate::study::{ClaimReport, StudyReport, Verdict};
use console::Style;

/// Returns the study's verdict and a table of one line a claim: verdict, what is published or demanded, what was measured, and
/// the claim, coloured by its verdict where `colours`.
pub fn study_table(report: &StudyReport, colours: bool) -> String {
    let paint = |text: String, style: Style| {
        if colours {
            style.apply_to(text).force_styling(true).to_string()
        } else {
            text
        }
    };
    let mut rows = Rows::new(&["verdict", "published", "ours", "claim"], 1, 3);
    for claim in &report.claims {
        let null = if claim.null { "null: " } else { "" };
        let cells = vec![
            claim.verdict.words().to_owned(),
            demanded(claim),
            outcome(claim),
            format!("{null}{}", shown_sentence(&claim.claim)),
        ];
        rows.add(cells, style(claim.verdict));
    }
    let table = if report.claims.is_empty() {
        String::new()
    } else {
        format!("{}\n", rows.show(colours))
    };
    let title = shown_sentence(&report.study.title);
    let verdict = paint(report.verdict.words().to_owned(), style(report.verdict));
    let notes = [
        (report.quick, "quick: the first seeds alone".to_owned()),
        (
            report.shortened > 1,
            format!("trainings have 1/{} of their steps", report.shortened),
        ),
        (
            !report.complete,
            "not complete: runs are missing".to_owned(),
        ),
    ];
    let notes = notes.into_iter().filter(|(said, _)| *said);
    let notes: String = notes
        .map(|(_, note)| format!("{}\n", paint(note, Style::new().yellow())))
        .collect();
    format!("{title}\n\n{table}{verdict}. {}\n{notes}", tally(report))
}

/// Returns the published number, or what else is demanded.
pub(in crate::report) fn demanded(claim: &ClaimReport) -> String {
    match claim.published {
        Some(published) => given(published, claim.percent),
        None => shown_sentence(&claim.demanded),
    }
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Reproduced => Style::new().green(),
        Verdict::InPart => Style::new().yellow(),
        Verdict::NotReproduced => Style::new().red(),
        Verdict::CannotBeJudged => Style::new().dim(),
    }
}
