//! The other sections: figures, notes, choices, data sets and runs.

use std::fmt::Write;

use super::sentence;
use crate::data::{FileRecord, Origin};
use crate::report::figure::Figure;
use crate::report::page::summary::counted;
use crate::report::study::words::{cell_words, ended, number};
use crate::report::text::{escape_markup, grouped, shown_name};
use crate::study::{DataReport, StudyReport, words};

/// Remarks that are listed.
const REMARKS: usize = 20;

/// Files of a data set that are listed.
const FILES: usize = 8;

/// Returns the figures, each with how to read it.
pub(super) fn figures(figures: &[Figure]) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<section aria-labelledby=\"figures-heading\">\n<h2 id=\"figures-heading\">Figures</h2>\n<div class=\"figures\">\n",
    );
    for figure in figures {
        let [title, stem, reading] =
            [&figure.title, &figure.stem, &figure.reading].map(|text| escape_markup(text));
        let picture = match figure.is_drawable() {
            true => {
                format!("<img src=\"{stem}.svg\" alt=\"{title}\" width=\"720\" height=\"440\">")
            }
            false => "<p class=\"account\">There is no number to draw.</p>".to_owned(),
        };
        let _ = writeln!(
            out,
            "<figure><h3>{title}</h3>\n{picture}\n<figcaption>{reading}</figcaption></figure>"
        );
    }
    out.push_str("</div>\n</section>\n");
    out
}

/// Returns the notes, a paragraph each.
pub(super) fn notes(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let paragraphs = notes.iter().map(|note| {
        // Notes are longer than other sentences.
        format!(
            "<p>{}</p>\n",
            escape_markup(&crate::weights::escape_within(note, 4000))
        )
    });
    format!(
        "<section aria-labelledby=\"notes-heading\">\n<h2 id=\"notes-heading\">Notes</h2>\n<div class=\"prose\">\n{}</div>\n</section>\n",
        paragraphs.collect::<String>()
    )
}

/// Returns what could not be measured and why, a line each.
pub(super) fn remarks(remarks: &[String]) -> String {
    if remarks.is_empty() {
        return String::new();
    }
    let lines = remarks.iter().take(REMARKS);
    let lines: String = lines
        .map(|remark| format!("<li>{}\n", sentence(remark)))
        .collect();
    let more = match remarks.len().saturating_sub(REMARKS) {
        0 => String::new(),
        more => format!("<li>and {more} more, which report.json has\n"),
    };
    format!(
        "<section aria-labelledby=\"remarks-heading\">\n<h2 id=\"remarks-heading\">Not measured</h2>\n<ul>\n{lines}{more}</ul>\n</section>\n"
    )
}

/// Returns the candidates of each choice with their accuracies on held-out samples.
pub(super) fn choices(report: &StudyReport) -> String {
    if report.choices.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<section aria-labelledby=\"choices-heading\">\n<h2 id=\"choices-heading\">Choices</h2>\n\
         <div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"Table of choices, can be scrolled\">\n\
         <table>\n<caption>Each cell was trained with every candidate on all but the last training samples; the one that does best on these was trained on all. Test samples took no part.</caption>\n\
         <thead><tr><th scope=\"col\">Cell<th scope=\"col\">Candidate<th scope=\"col\" class=\"num\">Accuracy on held-out samples<th scope=\"col\">Chosen</thead><tbody>\n",
    );
    for choice in &report.choices {
        let cell = escape_markup(&cell_words(&choice.group, &choice.variables, false));
        for (place, candidate) in choice.candidates.iter().enumerate() {
            let accuracy = candidate.accuracy.filter(|x| x.is_finite());
            let accuracy = accuracy.map_or("none".to_owned(), |x| format!("{:.2} %", 100.0 * x));
            let (class, chosen) = match choice.chosen == Some(place) {
                true => (" class=\"chosen\"", "chosen"),
                false => ("", ""),
            };
            let _ = writeln!(
                out,
                "<tr{class}><th scope=\"row\">{cell}<td>{}<td class=\"number\">{accuracy}<td>{chosen}",
                sentence(&words(&candidate.variables)),
            );
        }
    }
    out.push_str("</tbody></table>\n</div>\n</section>\n");
    out
}

/// Returns the data sets: their files' checksums, or why they are not at hand.
pub(super) fn data(sets: &[DataReport]) -> String {
    let mut out = String::new();
    let mut say = |set: &str, class: &str, text: &str| {
        let (set, text) = (escape_markup(set), sentence(text));
        let _ = writeln!(out, "<div><dt>{set}</dt><dd{class}>{text}</dd></div>");
    };
    for data in sets {
        let set = shown_name(&data.set);
        match &data.origin {
            None => {
                let problem = data.problem.as_deref().unwrap_or("not at hand");
                say(&set, " class=\"problem\"", problem);
            }
            Some(Origin::Generated {
                generator,
                version,
                seed,
                ..
            }) => {
                let text =
                    format!("drawn by the generator {generator}, version {version}, seed {seed}");
                say(&set, "", &text);
            }
            Some(Origin::Files { files, .. }) => {
                for FileRecord {
                    name,
                    bytes,
                    sha256,
                } in files.iter().take(FILES)
                {
                    let text = format!("{name}: {bytes} bytes, SHA-256 {sha256}");
                    say(&set, "", &text);
                }
                if files.len() > FILES {
                    say(&set, "", &format!("and {} more files", files.len() - FILES));
                }
            }
        }
    }
    if sets.is_empty() {
        out.push_str("<div><dt>none</dt><dd>It needs no data set.</dd></div>\n");
    }
    out
}

pub(super) fn runs_caption(report: &StudyReport) -> String {
    let seconds: f64 = report.runs.iter().filter_map(|run| run.seconds).sum();
    let took = match seconds.is_finite() && seconds > 0.0 {
        true => format!(", {} hours of training in all", number(seconds / 3600.0, 2)),
        false => String::new(),
    };
    format!("{}{took}.", counted(report.runs.len(), "run"))
}

/// Returns the table of runs.
pub(super) fn runs(report: &StudyReport) -> String {
    let mut out = String::from(
        "<thead><tr><th scope=\"col\">Run<th scope=\"col\" class=\"num\">Seed<th scope=\"col\" class=\"num\">Iterations\
         <th scope=\"col\">Ended<th scope=\"col\">Device<th scope=\"col\" class=\"num\">Seconds</thead><tbody>\n",
    );
    let alone = report.study.groups.len() == 1;
    for run in &report.runs {
        let reason = match &run.reason {
            Some(reason) => format!(": {}", sentence(reason)),
            None => String::new(),
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}<td class=\"number\">{}<td class=\"number\">{}<td>{}{reason}<td>{}<td class=\"number\">{}",
            escape_markup(&cell_words(&run.group, &run.variables, alone)),
            run.seed,
            run.iterations
                .map_or(String::new(), |count| grouped(count as usize)),
            ended(run.ended),
            escape_markup(&run.device.as_deref().map_or(String::new(), shown_name)),
            run.seconds
                .map_or(String::new(), |seconds| number(seconds, 3)),
        );
    }
    out.push_str("</tbody>");
    out
}
