//! What a training leaves to be read: files, page, pictures, tables, words of every ending, names that stay
//! text.

use super::page_data::{data_block, whole};
use crate::common::html;
use serde_json::Value;
use spectra::data::{self, FileRecord, Format, Origin, Split};
use spectra::device::Device;
use spectra::report::page::render_training;
use spectra::report::{
    record_frame, record_to_json, spectra_frame, training_files, training_layers, training_row,
    training_summary,
};
use spectra::train::recipe::read;
use spectra::train::{Ended, Trainer, TrainingRecord};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

type Files = Vec<(String, Vec<u8>)>;

/// Two phases, two watched layers of which the second has few singular values.
const RECIPE: &str = r#"
name = "two phases"
seed = 4

[data]
set = "digits"

[training]
batch = 20
optimizer = { kind = "sgd", momentum = 0.9 }
rate = { schedule = "fixed", base = 0.05 }

[record]
every = 10
checkpoint = 20
training-samples = 50
watch = ["one", "two"]

[[layer]]
kind = "linear"
name = "one"
outputs = 16

[[layer]]
kind = "relu"

[[layer]]
kind = "linear"
name = "two"
outputs = 8

[[layer]]
kind = "linear"
name = "three"
outputs = 10

[[phase]]
name = "dense"
iterations = 20

[[phase]]
name = "blocks"
iterations = 15
[phase.layers.one]
weight = { family = "block-diagonal", blocks = 4 }
"#;

fn trained() -> TrainingRecord {
    let recipe = read(RECIPE).unwrap();
    let data = data::open("digits", None).unwrap();
    let trainer = Trainer::new(&recipe, &data).unwrap();
    let run = trainer.run(&Device::cpu(), &mut |_| Ok(ControlFlow::Continue(())));
    run.unwrap().record
}

/// The record of that recipe, its timing made up.
pub fn record() -> TrainingRecord {
    static RECORD: LazyLock<TrainingRecord> = LazyLock::new(trained);
    let mut record = RECORD.clone();
    (record.timing.seconds, record.timing.samples_per_second) = (2.5, 1234.6);
    record.timing.threads = 2;
    record
}

fn text(files: &Files, wanted: &str) -> String {
    let (_, bytes) = files.iter().find(|(name, _)| name == wanted).unwrap();
    String::from_utf8(bytes.clone()).unwrap()
}

/// The figures of a page, first those of the training, then those of watched layers.
fn drawn(html: &str) -> Vec<Value> {
    let data = data_block(html);
    let sections = ["curves", "watched-figures"].map(|id| data["figures"][id].clone());
    let parts = sections.iter().flat_map(|parts| parts.as_array().unwrap());
    parts.map(|part| whole(&data, part)).collect()
}

/// What is before the scripts.
fn words(html: &str) -> &str {
    html.split("<script").next().unwrap()
}

/// Trains the bundled recipe for a few iterations.
fn run(folder: &Path, threads: &str) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spectra"))
        .current_dir(folder)
        .env("RAYON_NUM_THREADS", threads)
        .env_remove("SPECTRA_DATA")
        .args(["train", "--iterations", "6", "--out", "run"])
        .args(["--device", "cpu"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

/// Catches a lost or misnamed file, a table after the rows, colours or a bar where there is no terminal, an
/// order or a number that depends on threads, and a clock anywhere but in the timing.
#[test]
fn the_same_command_leaves_the_same_files_but_for_the_timing() {
    let folders = ["1", "2"].map(|threads| {
        let folder = tempfile::tempdir().unwrap();
        (run(folder.path(), threads), folder)
    });
    let ((said, noted), _) = &folders[0];
    let at = |words: &str| {
        said.find(words)
            .unwrap_or_else(|| panic!("{words}: {said}"))
    };
    assert!(at("blocks(128×256 in 4)") < at("iteration   epoch"));
    assert!(at("iteration   epoch") < at("after 6 iterations (2000 samples, ±"));
    assert!(!said.contains('\u{1b}') && !noted.contains('\u{1b}'));
    assert_eq!(
        noted,
        "page: run/index.html\nnext: spectra analyze run/weights.safetensors\n"
    );

    let [one, two] = folders.map(|(_, folder)| {
        let entries = std::fs::read_dir(folder.path().join("run")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut files: Files = paths
            .filter(|path| path.is_file())
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read(path).unwrap())
            })
            .collect();
        files.sort();
        files
    });
    let names: Vec<&str> = one.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            ".spectra-report.json",
            "index.html",
            "layer-005-growth.png",
            "layer-005-growth.svg",
            "layer-005-values.png",
            "layer-005-values.svg",
            "lock",
            "recipe.toml",
            "record.json",
            "record.parquet",
            "rows.jsonl",
            "spectra.parquet",
            "training-error.png",
            "training-error.svg",
            "training-loss.png",
            "training-loss.svg",
            "training-rate.png",
            "training-rate.svg",
            "weights.safetensors",
        ]
    );
    for ((name, a), (_, b)) in one.iter().zip(&two) {
        match name.as_str() {
            "record.json" => {
                let untimed = |bytes: &[u8]| -> serde_json::Value {
                    let mut value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                    assert!(value.as_object_mut().unwrap().remove("timing").is_some());
                    value
                };
                assert_eq!(untimed(a), untimed(b));
            }
            "index.html" => {
                let untimed = |bytes: &[u8]| -> Vec<String> {
                    let text = String::from_utf8(bytes.to_vec()).unwrap();
                    let all = text.lines().count();
                    let kept = text.lines().filter(|line| !line.contains("id=\"timing\""));
                    let kept: Vec<String> = kept.map(str::to_owned).collect();
                    assert_eq!(kept.len() + 1, all);
                    kept
                };
                assert_eq!(untimed(a), untimed(b));
            }
            _ => assert!(a == b, "{name}"),
        }
    }
}

/// Catches curves shifted against their iterations, errors that are no errors, rounding to fewer than four
/// digits, and words of other numbers than the record's.
#[test]
fn the_page_holds_the_records_numbers() {
    let record = record();
    let html = render_training(&record);
    let figures = drawn(&html);
    let stops = &figures[0]["stops"];
    assert_eq!(stops["x"], serde_json::json!([0, 10, 20, 20, 30, 35]));
    let phases = stops["words"].as_array().unwrap().iter();
    let phases: Vec<&str> = phases
        .map(|words| words.as_str().unwrap().rsplit(' ').next().unwrap())
        .collect();
    assert_eq!(phases, ["1", "1", "1", "2", "2", "2"]);
    let marks = |title: &str| -> Vec<Value> {
        let figure = figures.iter().find(|f| f["title"] == title).unwrap();
        figure["panels"][0]["marks"].as_array().unwrap().clone()
    };
    let starts = marks("Error").into_iter();
    let starts: Vec<Value> = starts.filter(|mark| mark["kind"] == "vertical").collect();
    assert_eq!(
        starts
            .iter()
            .map(|mark| mark["at"].as_f64())
            .collect::<Vec<_>>(),
        [Some(20.0)]
    );
    let curve = |title: &str, words: &str| -> Vec<Option<f64>> {
        let curve = marks(title)
            .into_iter()
            .find(|mark| mark["words"] == words)
            .unwrap();
        let values = curve["points"]["y"].as_array().unwrap();
        values.iter().map(|x| x.as_f64()).collect()
    };
    type Number = fn(&spectra::train::Row) -> Option<f64>;
    let expected: [(&str, &str, Number); 8] = [
        ("Error", "test samples", |r| {
            Some(100.0 * (1.0 - r.test_accuracy?))
        }),
        ("Error", "training samples", |r| {
            Some(100.0 * (1.0 - r.training_accuracy?))
        }),
        ("Loss", "test samples", |r| r.test_loss),
        ("Loss", "training batches", |r| r.loss),
        ("Learning rate", "rate", |r| Some(r.rate)),
        ("Singular values of one", "s₂", |r| {
            Some(r.watched[0].singular_values[1])
        }),
        ("Singular values of one", "median", |r| {
            Some(r.watched[0].singular_values[8])
        }),
        ("Singular values of two", "s₈", |r| {
            Some(r.watched[1].singular_values[7])
        }),
    ];
    for (title, words, number) in expected {
        let shown = curve(title, words);
        assert_eq!(shown.len(), record.rows.len());
        for (shown, row) in shown.iter().zip(&record.rows) {
            match (shown, number(row)) {
                // Half a unit of the fourth digit is at most 5e-4 of the number.
                (Some(shown), Some(exact)) => {
                    assert!(
                        (shown - exact).abs() <= 5.001e-4 * exact,
                        "{title}, {words}"
                    );
                }
                (shown, exact) => assert_eq!(*shown, exact, "{title}, {words}"),
            }
        }
    }
    let growth = curve("Growth of one", "variance of the entries");
    assert_eq!(growth[0], Some(1.0));
    let ratio = record.rows[5].watched[0].variance / record.rows[0].watched[0].variance;
    assert!((growth[5].unwrap() - ratio).abs() <= 5.001e-4 * ratio);

    let accuracy = 100.0 * record.rows[5].test_accuracy.unwrap();
    // 16 x 784 in 4 blocks, 8 x 16, 10 x 8; 16, 8 and 10 biases.
    for words in [
        &format!("{accuracy:.2} % accuracy on 2,000 test samples after 35 iterations."),
        "3,378 parameters (3,344 of weights, 34 biases): 26.4 % of the 12,786 that",
        "10,000 training samples and 2,000 test samples of 10 classes. Batches of 20, seed 4, single precision; device: processor.",
        "<tr id=\"layer-1\"><td>1</td><th scope=\"row\">one</th>",
        "<td class=\"structured\" data-v=\"2.5e-1\">25 %</td>",
        "on 2 threads",
        "spectra analyze weights.safetensors",
        "spectra compare --track",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let weight = "blocks(16×784 in 4)";
    let one = [
        "1",
        "one",
        "linear",
        "1×28×28",
        "16",
        "3,136",
        "12,544",
        "25 %",
        "16",
        weight,
    ];
    assert_eq!(html::row_with(&html, weight), one);
    let all = ["", "All", "", "", "", "3,344", "12,752", "26.2 %", "34", ""];
    assert_eq!(html::row_with(&html, "All"), all);
    assert_eq!(
        html::row_with(&html, "dense")[..5],
        ["1", "dense", "0", "20", "12,786"]
    );
    assert_eq!(
        html::row_with(&html, "blocks")[..5],
        ["2", "blocks", "20", "35", "3,378"]
    );
    assert!(!html.contains("<li class"), "nothing to warn of");
}

/// Catches a table with a column of another layer, another type or a lost row.
#[test]
fn the_tables_hold_the_records_numbers() {
    let record = record();
    let frame = record_frame(&record).unwrap();
    let names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
    assert_eq!(
        names,
        [
            "iteration",
            "epoch",
            "phase",
            "loss",
            "training_accuracy",
            "test_accuracy",
            "test_loss",
            "rate",
            "variance one",
            "s1 one",
            "variance two",
            "s1 two",
        ]
    );
    let column = |name: &str| frame.column(name).unwrap().f64().unwrap();
    for (i, row) in record.rows.iter().enumerate() {
        assert_eq!(column("loss").get(i), row.loss);
        assert_eq!(column("test_accuracy").get(i), row.test_accuracy);
        assert_eq!(column("variance two").get(i), Some(row.watched[1].variance));
        assert_eq!(
            column("s1 one").get(i),
            row.watched[0].singular_values.first().copied()
        );
    }
    let spectra = spectra_frame(&record).unwrap();
    assert_eq!(spectra.height(), 6 * (16 + 8));
    let values = spectra.column("singular_value").unwrap();
    let last = record.rows[5].watched[1].singular_values[7];
    assert_eq!(values.f64().unwrap().get(6 * 24 - 1), Some(last));
    let layers = spectra.column("layer").unwrap();
    assert_eq!(layers.str().unwrap().get(24 - 1), Some("two"));
    assert_eq!(layers.str().unwrap().get(24), Some("one"));
}

/// Catches the keys of other results among a record's layers, and a timing that is not the last key.
#[test]
fn the_json_is_the_record_and_its_timing_comes_last() {
    let json = record_to_json(&record()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let keys: Vec<&str> = value["layers"][0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "name",
            "kind",
            "input",
            "output",
            "weight",
            "parameters",
            "dense",
            "biases"
        ]
    );
    assert_eq!(value["device"], "processor");
    assert_eq!(
        value.as_object().unwrap().keys().next_back().unwrap(),
        "timing"
    );
}

/// Catches a page that calls an interrupted or diverged run done, offers weights that are not there, or names
/// the last accuracy where the best came earlier.
#[test]
fn every_ending_is_told_as_it_was() {
    let mut record = record();
    record.rows[4].test_accuracy = Some(0.875);
    record.rows[5].test_accuracy = Some(0.75);
    let html = render_training(&record);
    assert!(html.contains("75.00 % accuracy on 2,000 test samples after 35 iterations. The best was 87.50 % after 30 iterations."));
    let summary = training_summary(&record, false);
    assert!(summary.contains("test accuracy 75.00 % after 35 iterations (2000 samples"));
    assert!(summary.contains("best 87.50 % after 30"), "{summary}");

    record.rows.truncate(3);
    record.rows[2].test_accuracy = Some(0.5);
    (record.iterations, record.ended) = (27, Ended::Interrupted);
    let html = render_training(&record);
    let said = "Interrupted after 27 of 35 iterations. 50.00 % accuracy on 2,000 test samples after 20 iterations.";
    assert!(html.contains(said));
    assert!(html.contains("<li class=\"warning\"><b>Warning</b> <span>Interrupted"));
    assert!(html.contains("spectra train --resume ."));
    assert!(training_summary(&record, false).contains("interrupted after 27 iterations"));

    record.rows.truncate(1);
    record.rows[0].test_accuracy = Some(0.1);
    record.ended = Ended::Diverged { iteration: 9 };
    record.iterations = 9;
    let html = render_training(&record);
    let said = "Diverged: in iteration 9 of 35 the loss was no finite number. 10.00 % accuracy on 2,000 test samples before the first iteration.";
    assert!(html.contains(said));
    assert!(html.contains(
        "<li class=\"error\"><b>Error</b> <span>The loss was no finite number in iteration 9."
    ));
    assert!(
        !html.contains("analyze weights.safetensors"),
        "there are none"
    );
    let summary = training_summary(&record, true);
    assert!(
        summary.contains("\u{1b}[31mthe loss was no finite number in iteration 9\u{1b}[0m"),
        "{summary}"
    );
}

/// Records with little in them, or with what is no number.
pub fn odd() -> Vec<(&'static str, TrainingRecord)> {
    let one = {
        let mut record = record();
        record.rows.truncate(1);
        record.ended = Ended::Interrupted;
        record.iterations = 3;
        record
    };
    let none = TrainingRecord {
        rows: vec![],
        ..one.clone()
    };
    let mut unwatched = record();
    unwatched.recipe.record.watch.clear();
    for row in &mut unwatched.rows {
        row.watched.clear();
        (row.test_accuracy, row.test_loss) = (None, None);
    }
    let mut infinite = record();
    let row = &mut infinite.rows[3];
    (row.loss, row.test_loss) = (Some(f64::NAN), Some(f64::INFINITY));
    row.watched[0].variance = f64::NAN;
    row.watched[0].singular_values.clear();
    row.watched[1].singular_values[0] = 1e-310;
    infinite.parameters.compression = f64::NAN;
    infinite.timing.samples_per_second = f64::NAN;
    let mut perfect = record();
    for row in &mut perfect.rows[2..] {
        (row.test_accuracy, row.training_accuracy) = (Some(1.0), Some(1.0));
        row.test_loss = Some(0.0);
    }
    let zero = {
        let mut record = record();
        for watched in record.rows.iter_mut().flat_map(|row| &mut row.watched) {
            watched.variance = 0.0;
            watched.singular_values.fill(0.0);
        }
        record
    };
    vec![
        ("one", one),
        ("none", none),
        ("unwatched", unwatched),
        ("infinite", infinite),
        ("perfect", perfect),
        ("zero", zero),
    ]
}

/// Catches a record of one row or none, without tests or watched layers, or with what is no number, that
/// hangs, fails, or brings NaN into words, data or pictures.
#[test]
fn odd_records_are_told_too() {
    for (case, record) in odd() {
        let files = training_files(&record).unwrap();
        for (name, bytes) in &files {
            if name.ends_with(".svg") {
                let svg = std::str::from_utf8(bytes).unwrap();
                assert!(
                    !svg.contains("NaN") && !svg.contains("inf"),
                    "{case}: {name}"
                );
            }
        }
        let html = text(&files, "index.html");
        for word in ["NaN", "Infinity", ">inf", "inf "] {
            assert!(!words(&html).contains(word), "{case}: {word}");
        }
        let drawn = drawn(&html);
        let svgs = files.iter().filter(|(name, _)| name.ends_with(".svg"));
        assert_eq!(drawn.len(), svgs.count(), "{case}");
        for figure in &drawn {
            let y = &figure["panels"][0]["y"];
            let (from, to) = (y["from"].as_f64(), y["to"].as_f64());
            assert!(from.unwrap() < to.unwrap(), "{case}: {figure}");
        }
        let expected = match case {
            "one" => 7,
            "none" => 0,
            "unwatched" | "infinite" | "perfect" => drawn.len(),
            _ => 5,
        };
        assert_eq!(drawn.len(), expected, "{case}");
    }
    let page = |wanted: &str| {
        let (_, record) = odd().into_iter().find(|(case, _)| *case == wanted).unwrap();
        render_training(&record)
    };
    assert!(
        page("none").contains("Interrupted after 3 of 35 iterations. Accuracy was not measured.")
    );
    assert!(page("none").contains("No row was written"));
    assert!(page("unwatched").contains("watch = [&quot;one&quot;]"));
    assert!(!page("unwatched").contains("spectra.parquet"));
    assert!(
        page("infinite")
            .contains("not finite, and so no singular values: <a href=\"#layer-1\">one</a>")
    );
    // Half an error of 2,000 samples.
    assert!(page("perfect").contains("drawn at 0.0250 %"));
}

const HOSTILE: [&str; 4] = [
    "</script><script>alert(1)</script>",
    "\"><svg onload=alert(2)>' onmouseover='alert(3)",
    "../../etc/{{style}}\u{202e}thgiew\u{1b}[31m\0",
    "<!--</svg></figure><img src=x onerror=alert(4)>",
];

pub fn hostile() -> TrainingRecord {
    let mut record = record();
    let text = RECIPE
        .replace("\"one\"", "\"</script><script>alert(1)</script>\"")
        .replace(
            "layers.one",
            "layers.\"</script><script>alert(1)</script>\"",
        );
    record.recipe = read(&text).unwrap();
    record.recipe.name = HOSTILE[3].to_owned();
    record.recipe.data.set = HOSTILE[2].to_owned();
    record.recipe.record.watch = HOSTILE[..2].iter().map(|&name| name.to_owned()).collect();
    for (layer, name) in record.layers.iter_mut().zip([0, 3, 1, 2]) {
        layer.name = HOSTILE[name].to_owned();
        layer.kind = HOSTILE[name].to_owned();
        layer.weight = Some(HOSTILE[name].to_owned());
    }
    for row in &mut record.rows {
        for (watched, name) in row.watched.iter_mut().zip(HOSTILE) {
            watched.layer = name.to_owned();
        }
    }
    for (phase, name) in record.phases.iter_mut().zip(HOSTILE) {
        phase.name = Some(name.to_owned());
    }
    record.program = HOSTILE[1].to_owned();
    record.device = HOSTILE[2].to_owned();
    record.data = Origin::Files {
        format: Format::Npz,
        files: HOSTILE
            .map(|name| FileRecord {
                name: name.to_owned(),
                bytes: 7,
                sha256: name.to_owned(),
            })
            .to_vec(),
        split: Split::ByClass(6),
    };
    record
}

/// Catches a name of a recipe, a layer, a phase or a file that becomes markup, a path or a terminal's command.
#[test]
fn hostile_names_stay_text() {
    let record = hostile();
    let files = training_files(&record).unwrap();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let deceptive = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    for (name, bytes) in &files {
        assert!(name.chars().all(plain) && !name.contains(".."), "{name}");
        let Some("html" | "svg") = name.rsplit('.').next() else {
            continue;
        };
        let text = std::str::from_utf8(bytes).unwrap();
        for markup in ["<img", "<svg onload", "<!--", "<script>alert"] {
            assert!(!text.contains(markup), "{name}: {markup}");
        }
        assert!(!text.contains(deceptive), "{name}");
    }
    let html = text(&files, "index.html");
    assert_eq!(html.matches("</script").count(), 2);
    assert_eq!(html.matches("<script").count(), 2);
    html::check(&html);
    assert!(
        html.contains("{{style}}"),
        "a name is no key of the template"
    );
    let told = [
        training_layers(&record.layers, &record.recipe, 35, false),
        spectra::report::training_head(&record.recipe),
        training_row(&record.rows[1]),
        training_summary(&record, false),
    ]
    .concat();
    assert!(!told.contains(deceptive), "{told:?}");
}

/// Catches an address or a request in the page, or a policy that allows one.
#[test]
fn the_page_asks_for_nothing() {
    html::check(&render_training(&record()));
}

/// Catches curves that are not thinned, or thinned without a word, or without their last row.
#[test]
fn many_rows_are_thinned() {
    let mut record = record();
    let row = record.rows[2].clone();
    record.rows = (0..5000)
        .map(|iteration| spectra::train::Row {
            iteration,
            ..row.clone()
        })
        .collect();
    let html = render_training(&record);
    let figures = drawn(&html);
    let iterations = figures[0]["stops"]["x"].as_array().unwrap();
    assert_eq!(iterations.len(), 600);
    assert_eq!(
        (&iterations[0], &iterations[599]),
        (&0.into(), &4999.into())
    );
    assert!(html.contains("Curves keep 600 of 5,000 rows."));
    assert!(html.len() < 500_000, "{}", html.len());
}
