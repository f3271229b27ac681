//! The pages that `tests/browser` opens.

use super::{fit_page, samples, train_report};
use spectra::report::page::{render, render_training};
use spectra::report::watch_files;
use spectra::spectrum::Analysis;
use spectra::watch::{Snapshot, Stamp, Watched};
use std::path::{Path, PathBuf};

/// Writes the sample pages into the target folder, where those of other tests are too.
#[test]
#[ignore = "makes the pages that tests/browser/run.sh opens"]
fn sample_pages() {
    for (name, analysis) in [
        ("small", samples::small()),
        ("large", samples::large(900)),
        ("hostile", samples::hostile()),
        ("odd", samples::odd()),
    ] {
        write(name, &render(&analysis));
    }
    for (name, analysis) in [
        ("watch", samples::small()),
        ("watch-hostile", samples::hostile()),
    ] {
        write(name, &watch_page(&analysis));
    }
    write("fit", &fit_page::page(&fit_page::product()));
    write("fit-hostile", &fit_page::page(&fit_page::hostile()));
    write("training", &render_training(&train_report::record()));
    write(
        "training-hostile",
        &render_training(&train_report::hostile()),
    );
    for (case, record) in train_report::odd() {
        if ["one", "none", "infinite"].contains(&case) {
            write(&format!("training-{case}"), &render_training(&record));
        }
    }
}

/// Returns the page of a watch that has found the same layers twice.
fn watch_page(analysis: &Analysis) -> String {
    let stamp = Stamp {
        bytes: 1,
        modified: 0.0,
    };
    let snapshot = |step| Snapshot::new(format!("checkpoint-{step}"), Some(step), stamp, analysis);
    let watched = Watched::new("run", 0, vec![snapshot(100), snapshot(200)]);
    let files = watch_files(&watched, None).unwrap();
    String::from_utf8(files.last().unwrap().1.clone()).unwrap()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("pages")
        .join(name)
}

fn write(name: &str, html: &str) {
    std::fs::create_dir_all(folder(name)).unwrap();
    std::fs::write(folder(name).join("index.html"), html).unwrap();
}
