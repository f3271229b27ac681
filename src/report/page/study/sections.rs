//! The other sections: figures, notes, choices, data sets and runs.

use crate::data::{FileRecord, Origin};
use crate::report::figure::Figure;
use crate::report::format::digits;
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::page::html::section;
use crate::report::study::words::{cell_words, ended};
use crate::report::text::{counted, grouped, shown_name, shown_sentence};
use crate::study::{DataReport, StudyReport, words};
use crate::weights::escape_within;
use maud::{Markup, html};

/// Remarks that are listed.
const REMARKS: usize = 20;
/// Files of a data set that are listed.
const FILES: usize = 8;
/// Longest note, in characters: notes are longer than other sentences.
const LONGEST_NOTE: usize = 4000;

/// Returns the figures, each with how to read it.
pub(super) fn figures(figures: &[Figure]) -> Markup {
    if figures.is_empty() {
        return html! {};
    }
    section(
        "figures",
        "Figures",
        html! {
            div.figures { "\n"
                @for figure in figures {
                    figure {
                        h3 { (figure.title) } "\n"
                        @if figure.is_drawable() {
                            img src={ (figure.stem) ".svg" } alt=(figure.title) width="720" height="440";
                        } @else {
                            p.account { "There is no number to draw." }
                        }
                        "\n"
                        figcaption { (figure.reading) }
                    }
                    "\n"
                }
            }
            "\n"
        },
    )
}

/// Returns the notes, a paragraph each.
pub(super) fn notes(notes: &[String]) -> Markup {
    if notes.is_empty() {
        return html! {};
    }
    section(
        "notes",
        "Notes",
        html! {
            div.prose { "\n"
                @for note in notes { p { (escape_within(note, LONGEST_NOTE)) } "\n" }
            }
            "\n"
        },
    )
}

/// Returns what could not be measured and why, a line each.
pub(super) fn remarks(remarks: &[String]) -> Markup {
    if remarks.is_empty() {
        return html! {};
    }
    let more = remarks.len().saturating_sub(REMARKS);
    section(
        "remarks",
        "Not measured",
        html! {
            ul { "\n"
                @for remark in remarks.iter().take(REMARKS) { li { (shown_sentence(remark)) } "\n" }
                @if more > 0 { li { "and " (more) " more, which report.json has" } "\n" }
            }
            "\n"
        },
    )
}

/// Returns the candidates of each choice with their accuracies on held-out samples.
pub(super) fn choices(report: &StudyReport) -> Markup {
    if report.choices.is_empty() {
        return html! {};
    }
    let mut grid = Grid::new("Table of choices, can be scrolled")
        .tall()
        .caption("Each cell was trained with every candidate on all but the last training samples; the one that does best on these was trained on all. Test samples took no part.")
        .heads(Kind::Name, ["Cell"])
        .heads(Kind::Words, ["Candidate"])
        .heads(Kind::Number, ["Accuracy on held-out samples"])
        .heads(Kind::Words, ["Chosen"]);
    for choice in &report.choices {
        let cell = cell_words(&choice.group, &choice.variables, false);
        for (place, candidate) in choice.candidates.iter().enumerate() {
            let accuracy = candidate.accuracy.filter(|x| x.is_finite());
            let accuracy = accuracy.map_or("none".to_owned(), |x| format!("{:.2} %", 100.0 * x));
            let is_chosen = choice.chosen == Some(place);
            let row = grid.row(vec![
                Cell::from(&cell),
                shown_sentence(&words(&candidate.variables)).into(),
                accuracy.into(),
                if is_chosen { "chosen" } else { "" }.into(),
            ]);
            row.class = is_chosen.then_some("chosen");
        }
    }
    section("choices", "Choices", html! { (grid) })
}

/// Returns the data sets: their files' checksums, or why they are not at hand.
pub(super) fn data(sets: &[DataReport]) -> Markup {
    let line =
        |set: &str, text: &str| html! { div { dt { (set) } dd { (shown_sentence(text)) } } "\n" };
    section(
        "data",
        "Data sets",
        html! {
            dl.terms.data { "\n"
                @if sets.is_empty() { (line("none", "It needs no data set.")) }
                @for data in sets {
                    @let set = shown_name(&data.set);
                    @match &data.origin {
                        None => {
                            @let problem = data.problem.as_deref().unwrap_or("not at hand");
                            div { dt { (set) } dd.problem { (shown_sentence(problem)) } } "\n"
                        }
                        Some(Origin::Generated { generator, version, seed, .. }) => {
                            (line(&set, &format!("drawn by the generator {generator}, version {version}, seed {seed}")))
                        }
                        Some(Origin::Files { files, .. }) => {
                            @for FileRecord { name, bytes, sha256 } in files.iter().take(FILES) {
                                (line(&set, &format!("{name}: {bytes} bytes, SHA-256 {sha256}")))
                            }
                            @if files.len() > FILES {
                                (line(&set, &format!("and {} more files", files.len() - FILES)))
                            }
                        }
                    }
                }
            }
            "\n"
        },
    )
}

/// Returns the table of runs.
pub(super) fn runs(report: &StudyReport) -> Markup {
    let seconds: f64 = report.runs.iter().filter_map(|run| run.seconds).sum();
    let took = if seconds.is_finite() && seconds > 0.0 {
        format!(", {} hours of training in all", digits(seconds / 3600.0, 2))
    } else {
        String::new()
    };
    let mut grid = Grid::new("Table of runs, can be scrolled")
        .tall()
        .caption(format!("{}{took}.", counted(report.runs.len(), "run")))
        .heads(Kind::Name, ["Run"])
        .heads(Kind::Number, ["Seed", "Iterations"])
        .heads(Kind::Words, ["Ended", "Device"])
        .heads(Kind::Number, ["Seconds"]);
    let alone = report.study.groups.len() == 1;
    for run in &report.runs {
        let reason = run.reason.as_deref().map(shown_sentence);
        let ended = html! { (ended(run.ended)) @if let Some(reason) = reason { ": " (reason) } };
        let iterations = run.iterations.map(|count| grouped(count as usize));
        let seconds = run.seconds.map(|seconds| digits(seconds, 3));
        grid.row(vec![
            cell_words(&run.group, &run.variables, alone).into(),
            run.seed.into(),
            iterations.unwrap_or_default().into(),
            ended.into(),
            run.device
                .as_deref()
                .map_or(String::new(), shown_name)
                .into(),
            seconds.unwrap_or_default().into(),
        ]);
    }
    section("runs", "Runs", html! { (grid) })
}
