//! The pages that `tests/browser` opens.

use super::{fit_page, samples, train_report};
use spectra::report::page::{render, render_training};
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

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("pages")
        .join(name)
}

fn write(name: &str, html: &str) {
    std::fs::create_dir_all(folder(name)).unwrap();
    std::fs::write(folder(name).join("index.html"), html).unwrap();
}
