//! Parts that the pages of all runs share: the files, what became of the rows, and how to reproduce the numbers.

use super::alert::{failures, warnings};
use super::html::pairs;
use super::layout::{Page, line};
use crate::report::text::{counted, file_name, joined, shown_name, shown_sentence};
use crate::survey::{Entry, Run};
use crate::weights::{FileIdentity, Status};
use maud::{Markup, html};
use serde::Serialize;
use serde_json::Value;

/// The words in which the pages of runs differ.
pub(super) struct Words {
    /// The subject of a page, after its name in the title.
    pub kind: &'static str,
    /// The line above the name.
    pub kicker: &'static str,
    /// The name of a page of no file.
    pub nameless: &'static str,
    /// The noun for a file after the first.
    pub other: &'static str,
    /// The noun for a row, and the participle for what was done to it.
    pub rows: [&'static str; 2],
    /// Where all digits are.
    pub digits: &'static str,
    /// Whether failed rows have anchors.
    pub all_linked: bool,
}

/// Returns the page of a run, without headline, sections and terms.
pub(super) fn page<S: Serialize, R: Entry, X>(run: &Run<S, R, X>, words: &Words) -> Page {
    let title = match run.files.as_slice() {
        [] => words.nameless.to_owned(),
        [file] => file_name(&file.path),
        [file, rest @ ..] => {
            let others = counted(rest.len(), words.other);
            format!("{} and {others}", file_name(&file.path))
        }
    };
    let mut alerts = failures(run, words.all_linked);
    alerts.extend(warnings(&run.warnings));
    let settings = [settings(&run.settings), settings(&run.selection)];
    Page {
        kind: words.kind,
        kicker: words.kicker.to_owned(),
        title,
        account: vec![line(&account(run, words.rows))],
        alerts,
        origin: origin(words.digits, &run.program, &settings, &run.files),
        ..Page::default()
    }
}

/// Returns how many rows there are and what became of them: `8 tensors in 1 file: 5 analysed, 2 skipped and 1 failed.`
pub(super) fn account<S, R: Entry, X>(run: &Run<S, R, X>, [noun, done]: [&str; 2]) -> String {
    let mut parts = vec![format!("{} {done}", run.count(Status::Analyzed))];
    for (status, word) in [(Status::Skipped, "skipped"), (Status::Failed, "failed")] {
        match run.count(status) {
            0 => {}
            some => parts.push(format!("{some} {word}")),
        }
    }
    let (rows, files) = (
        counted(run.rows.len(), noun),
        counted(run.files.len(), "file"),
    );
    format!("{rows} in {files}: {}.", joined(&parts))
}

/// Returns why a row has no result: `failed: 3 NaN`.
pub(super) fn state(status: Status, reason: Option<&str>) -> String {
    let word = match status {
        Status::Failed => "failed",
        _ => "skipped",
    };
    let reason = shown_sentence(reason.unwrap_or("no reason was given"));
    format!("{word}: {reason}")
}

/// Returns a result's settings as JSON.
pub(super) fn settings<T: Serialize>(settings: &T) -> Value {
    serde_json::to_value(settings).unwrap_or_default()
}

/// Returns the list of program, settings and files, so that the numbers can be had again, after a paragraph of `words`.
pub(super) fn origin<'a>(
    words: &str,
    program: &str,
    settings: &[Value],
    files: impl IntoIterator<Item = &'a FileIdentity>,
) -> Markup {
    let mut rows = vec![("Program".to_owned(), shown_name(program))];
    for (key, value) in settings.iter().filter_map(Value::as_object).flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => "not set".to_owned(),
            Value::Array(all) if all.is_empty() && key == "tensor" => "all".to_owned(),
            Value::Array(none) if none.is_empty() => "none".to_owned(),
            Value::Object(none) if none.is_empty() => "none".to_owned(),
            other => other.to_string(),
        };
        rows.push((key.replace('_', " "), shown_sentence(&text)));
    }
    for file in files {
        let [path, format, hash] = [&file.path, &file.format, &file.header_hash];
        let [path, format, hash] = [path, format, hash].map(|text| shown_name(text));
        let bytes = file.bytes;
        let text = format!("{path} ({format}, {bytes} bytes, header {hash})");
        rows.push(("file".to_owned(), text));
    }
    html! { p { (words) } "\n" dl.terms { "\n" (pairs(&rows)) } "\n" }
}
