//! How a training can be made again: timing, data, recipe.

use super::words::timing;
use crate::data::{FileRecord, Origin, Split};
use crate::report::page::html::{folded_text, pairs};
use crate::report::text::{grouped, shown_name};
use crate::report::training::class_list;
use crate::train::TrainingRecord;
use maud::{Markup, html};

/// Files of a data set that are named.
const FILES: usize = 20;
/// Classes that are named.
const NAMES: usize = 1000;

/// Returns the foot of the page.
pub(super) fn origin(record: &TrainingRecord) -> Markup {
    let is_watched = record.rows.iter().any(|row| !row.watched.is_empty());
    let spectra = if is_watched {
        ", spectra.parquet the singular values of watched layers"
    } else {
        ""
    };
    html! {
        p { "Numbers here are rounded to four digits or fewer; record.json beside this page has all of them, record.parquet the rows" (spectra) ", and the curves lie there as SVG and PNG." } "\n"
        p id="timing" { (timing(record)) } "\n"
        dl.terms { "\n" (pairs(&rows(record))) } "\n"
        (folded_text("The recipe, every setting said", "Recipe", &record.recipe.to_toml()))
    }
}

/// Returns where the data came from.
fn rows(record: &TrainingRecord) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let mut row = |term: &'static str, text: &str| rows.push((term, text.to_owned()));
    row("Program", &shown_name(&record.program));
    row("data set", &shown_name(&record.recipe.data.set));
    if let Some(names) = class_list(&record.class_names, NAMES) {
        row("outputs by class", &names);
    }
    match &record.data {
        Origin::Generated {
            generator,
            version,
            seed,
            train,
            test,
        } => row(
            "drawn by",
            &format!(
                "the generator {}, version {version}, seed {seed}: {} training and {} test samples",
                shown_name(generator),
                grouped(*train),
                grouped(*test)
            ),
        ),
        Origin::Files {
            format,
            files,
            split,
        } => {
            row("read as", &format.to_string());
            row(
                "test samples",
                &match split {
                    Split::Given => "as the files say".to_owned(),
                    Split::ByClass(every) => format!("one of every {every} of each class"),
                },
            );
            for FileRecord {
                name,
                bytes,
                sha256,
            } in files.iter().take(FILES)
            {
                let sum = shown_name(sha256);
                row(
                    "file",
                    &format!("{} ({bytes} bytes, SHA-256 {sum})", shown_name(name)),
                );
            }
            if files.len() > FILES {
                row("more files", &grouped(files.len() - FILES));
            }
        }
    }
    rows
}
