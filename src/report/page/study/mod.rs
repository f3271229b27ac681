//! A study as one page without a script; its figures lie beside it as files.

mod claims;
mod sections;

use super::summary::{Alert, Level};
use super::{STYLE, alert_list, filled, policy_hash};
use crate::report::figure::Figure;
use crate::report::study::words::tally;
use crate::report::text::{capitalised, escape_markup, shown_name, shown_sentence};
use crate::study::{DataReport, RunEnd, StudyReport, Verdict};
use crate::weights::escape_within;

const TEMPLATE: &str = include_str!("study.html");
const OWN_STYLE: &str = include_str!("study.css");

/// Longest line of a study's file that is shown, in characters.
const LONGEST_LINE: usize = 1000;

/// Returns the page for a study with its figures, of which those with a number are files beside it. The same report gives the
/// same bytes.
pub fn render_study(report: &StudyReport, figures: &[Figure]) -> String {
    let style = format!("{STYLE}{OWN_STYLE}");
    let study = &report.study;
    filled(TEMPLATE, |key| match key {
        "title" => sentence(&study.title),
        "id" => escape_markup(&shown_name(&report.id)),
        "question" => sentence(&study.question),
        "class" => class(report.verdict).to_owned(),
        "verdict" => capitalised(report.verdict.words()),
        "tally" => tally(report),
        "source" => account("Source", &study.source) + &account("Cost", &study.cost),
        "alerts" => alert_list(&alerts(report), |position| position.to_string()),
        "claims" => claims::claims(report),
        "figures" => sections::figures(figures),
        "notes" => sections::notes(&study.notes),
        "remarks" => sections::remarks(&report.remarks),
        "choices" => sections::choices(report),
        "data" => sections::data(&report.data),
        "runs-caption" => sections::runs_caption(report),
        "runs" => sections::runs(report),
        "program" => escape_markup(&shown_name(&report.program)),
        "file" => file(report),
        "style" => style.clone(),
        "style-hash" => policy_hash(&style),
        unknown => unreachable!("study.html has no value for {unknown}"),
    })
}

/// Returns a sentence of the study's file as markup.
fn sentence(text: &str) -> String {
    escape_markup(&shown_sentence(text))
}

fn account(term: &str, text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("<p class=\"account\">{term}: {}</p>\n", sentence(text)),
    }
}

/// Returns the class of a verdict, for its mark.
fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reproduced => "reproduced",
        Verdict::InPart => "in-part",
        Verdict::NotReproduced => "not-reproduced",
        Verdict::CannotBeJudged => "open",
    }
}

/// Returns what a reader must know before the claims.
fn alerts(report: &StudyReport) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let mut say = |level, text: String| {
        alerts.push(Alert {
            level,
            text,
            layers: Vec::new(),
        });
    };
    if report.quick {
        let text = "This is a quick study: each cell has its first seed alone";
        say(Level::Warning, text.to_owned());
    }
    if report.shortened > 1 {
        let text = format!(
            "Trainings have 1/{} of their steps, so that numbers which take the full length, as accuracies do, need not be reached",
            report.shortened
        );
        say(Level::Warning, text);
    }
    if !report.complete {
        let text = "This study is not complete: some of its runs were not made to their end; the table of runs says which";
        say(Level::Warning, text.to_owned());
    }
    let missing = |data: &&DataReport| data.problem.is_some();
    for data in report.data.iter().filter(missing) {
        let set = shown_name(&data.set);
        say(
            Level::Warning,
            format!("The data set {set} is not at hand, and its runs are missing"),
        );
    }
    let count = |end| report.runs.iter().filter(|run| run.ended == end).count();
    for (end, words) in [(RunEnd::Failed, "failed"), (RunEnd::Diverged, "diverged")] {
        let text = match count(end) {
            0 => continue,
            1 => format!("1 run {words}; the table of runs says which"),
            many => format!("{many} runs {words}; the table of runs says which"),
        };
        say(
            if end == RunEnd::Failed {
                Level::Error
            } else {
                Level::Note
            },
            text,
        );
    }
    alerts
}

fn file(report: &StudyReport) -> String {
    let text = match toml::to_string(&report.study) {
        Ok(text) => text,
        Err(error) => format!("# It cannot be written: {error}"),
    };
    let lines = text.lines().map(|line| escape_within(line, LONGEST_LINE));
    let lines: Vec<String> = lines.map(|line| escape_markup(&line)).collect();
    lines.join("\n")
}
