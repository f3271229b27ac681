//! A study as one page without a script; its figures lie beside it as files.

mod claims;
mod sections;

use super::alert::{Alert, Level};
use super::html::folded_text;
use super::layout::{Page, line};
use crate::report::figure::Figure;
use crate::report::study::words::tally;
use crate::report::text::{capitalised, counted, shown_name, shown_sentence};
use crate::study::{DataReport, RunEnd, StudyReport};
use maud::{Markup, html};

/// Returns the page for a study with its figures, of which those with a number are files beside it. The same report gives the
/// same bytes.
pub fn render_study(report: &StudyReport, figures: &[Figure]) -> String {
    let study = &report.study;
    let verdict = html! {
        p.account.verdict {
            i class=(claims::class(report.verdict)) {}
            strong { (capitalised(report.verdict.words())) "." } " " (tally(report))
        }
        "\n"
    };
    let page = Page {
        kind: "study",
        kicker: format!("Study {}", shown_name(&report.id)),
        title: shown_sentence(&study.title),
        headline: shown_sentence(&study.question),
        account: vec![
            verdict,
            said("Source", &study.source),
            said("Cost", &study.cost),
        ],
        alerts: alerts(report),
        sections: html! {
            (claims::claims(report))
            (sections::figures(figures))
            (sections::notes(&study.notes))
            (sections::remarks(&report.remarks))
            (sections::choices(report))
            (sections::data(&report.data))
            (sections::runs(report))
        },
        origin: origin(report),
        has_images: true,
        ..Page::default()
    };
    page.render()
}

fn said(term: &str, text: &str) -> Markup {
    match text {
        "" => html! {},
        text => line(&format!("{term}: {}", shown_sentence(text))),
    }
}

fn origin(report: &StudyReport) -> Markup {
    let file = match toml::to_string(&report.study) {
        Ok(text) => text,
        Err(error) => format!("# It cannot be written: {error}"),
    };
    html! {
        p { "By " (shown_name(&report.program)) ". Numbers here are rounded. report.json beside this page has them in full, runs.parquet those of each run, and the figures lie there as SVG and PNG. Long curves keep some of their places." } "\n"
        (folded_text("The study’s file, every setting said", "The study’s file", &file))
    }
}

/// Returns what a reader must know before the claims.
fn alerts(report: &StudyReport) -> Vec<Alert> {
    let warning = |text: &str| Alert::new(Level::Warning, text);
    let mut alerts = Vec::new();
    if report.quick {
        alerts.push(warning(
            "This is a quick study: each cell has its first seed alone",
        ));
    }
    if report.shortened > 1 {
        alerts.push(warning(&format!(
            "Trainings have 1/{} of their steps, so that numbers which take the full length, as accuracies do, need not be reached",
            report.shortened
        )));
    }
    if !report.complete {
        alerts.push(warning("This study is not complete: some of its runs were not made to their end; the table of runs says which"));
    }
    let missing = |data: &&DataReport| data.problem.is_some();
    alerts.extend(report.data.iter().filter(missing).map(|data| {
        let set = shown_name(&data.set);
        warning(&format!(
            "The data set {set} is not at hand, and its runs are missing"
        ))
    }));
    for (end, level, words) in [
        (RunEnd::Failed, Level::Error, "failed"),
        (RunEnd::Diverged, Level::Note, "diverged"),
    ] {
        let count = report.runs.iter().filter(|run| run.ended == end).count();
        if count > 0 {
            let runs = counted(count, "run");
            alerts.push(Alert::new(
                level,
                format!("{runs} {words}; the table of runs says which"),
            ));
        }
    }
    alerts
}
