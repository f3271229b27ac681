//! The pages that `tests/browser` opens.

use super::{fit_page, page, samples, train_report};
use serde_json::Value;
use spectra::report::page::{render, render_training};
use spectra::spectrum::SingularLaw;
use statrs::distribution::Continuous;
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
    let law = densities(&render(&samples::small()));
    std::fs::write(folder("small").join("law.json"), law.to_string()).unwrap();
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

/// The density of the law at the middle of each bin of some layers, which the page's script computes on its own.
fn densities(html: &str) -> Value {
    let data = page::data(html);
    let mut law = serde_json::Map::new();
    for position in [1, 3, 5, 8] {
        let layer = &data["layers"][position - 1];
        let number = |value: &Value| value.as_f64().unwrap();
        let size = |key: &str| layer[key].as_u64().unwrap() as usize;
        let variance = number(&layer["law"]["variance"]);
        let singular = SingularLaw::new(size("m"), size("n"), variance).unwrap();
        let bins = &layer["bins"];
        let (from, width) = (number(&bins["from"]), number(&bins["width"]));
        let middle = |bin: usize| from + (bin as f64 + 0.5) * width;
        let densities = 0..bins["counts"].as_array().unwrap().len();
        let densities: Vec<f64> = densities.map(|bin| singular.pdf(middle(bin))).collect();
        law.insert(position.to_string(), densities.into());
    }
    law.into()
}
