//! `spectra families` as a user runs it: the contract, known facts, odd values, bad input, the same
//! bytes for the same input.

use crate::common::command::{self, json, text};
use crate::common::files::write_npy as npy;
use crate::common::html;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn spectra() -> Command {
    let mut command = command::spectra();
    command.arg("families");
    command
}

fn run(arguments: &[&str]) -> Output {
    spectra().args(arguments).output().unwrap()
}

/// Numbers without pattern.
fn noise(count: usize) -> Vec<f64> {
    let mut state = 1u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    (0..count).map(|_| (0..12).map(|_| next()).sum()).collect()
}

fn finding<'a>(layer: &'a Value, family: &str) -> &'a Value {
    let all = layer["findings"].as_array().unwrap();
    let found = all.iter().find(|f| f["family"] == family);
    &found.unwrap()["verdict"]["kind"]
}

fn fits<'a>(layer: &'a Value, family: &'a str) -> impl Iterator<Item = &'a Value> {
    let all = layer["families"].as_array().unwrap().iter();
    all.filter(move |fit| fit["family"] == family)
}

/// Catches a tensor without a row, and numbers that contradict each other.
#[test]
fn rows_have_their_numbers() {
    let output = run(&["fixtures/mlp-long.safetensors", "--json", "--seed", "3"]);
    assert!(output.status.success());
    let found = json(&output);
    assert_eq!(
        (&found["schema_version"], &found["seed"]),
        (&2.into(), &3.into())
    );
    let layers = found["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 6);
    for layer in layers {
        let matrix = layer["shape"].as_array().unwrap().len() == 2;
        assert_eq!(layer["status"] == "analyzed", matrix);
        assert_eq!(layer["reason"].is_null(), matrix);
        let families = layer["families"].as_array().unwrap();
        assert_eq!(families.len(), if matrix { 72 } else { 0 });
        assert_eq!(layer["left_out"], Value::Array(Vec::new()));
        for fit in families {
            let Some(parameters) = fit["parameters"].as_f64() else {
                assert_eq!(fit["verdict"]["kind"], "undefined");
                continue;
            };
            let entries = layer["rows"].as_f64().unwrap() * layer["columns"].as_f64().unwrap();
            let rate = fit["compression_rate"].as_f64().unwrap();
            assert!((rate - parameters / entries).abs() < 1e-15);
            let null = (1.0 - parameters / entries).sqrt();
            assert!((fit["null_residual"].as_f64().unwrap() - null).abs() < 1e-15);
            assert!(parameters <= fit["budget"].as_f64().unwrap() * entries * (1.0 + 1e-9));
            assert!(fit["degrees_of_freedom"].as_f64().unwrap() <= parameters);
            assert!(!fit["verdict"]["text"].as_str().unwrap().is_empty());
        }
    }
}

/// A linear classifier of images: its advantage in cosines is of coordinates, that of its rank is not; the
/// layer that sees no images has none in cosines.
#[test]
fn known_facts_about_trained_layers() {
    let output = run(&["fixtures/mnist-linear.npy", "--image", "28x28", "--json"]);
    let found = json(&output);
    let layer = &found["layers"][0];
    assert_eq!(finding(layer, "dct"), "coordinates");
    assert_eq!(finding(layer, "low_rank"), "low_rank");
    for family in ["hashed", "sketch", "random_subspace", "block_diagonal"] {
        assert_eq!(finding(layer, family), "no_gain", "{family}");
    }
    for fit in fits(layer, "dct") {
        let number = |key: &str| fit[key].as_f64().unwrap();
        assert!(number("relative_residual") < number("null_residual") - 0.05);
        assert!((number("rotated_residual") - number("null_residual")).abs() < 0.02);
    }
    for fit in fits(layer, "low_rank").filter(|fit| !fit["parameters"].is_null()) {
        let number = |key: &str| fit[key].as_f64().unwrap();
        assert!((number("relative_residual") - number("rotated_residual")).abs() < 1e-12);
        assert!(number("degrees_of_freedom") < number("parameters"));
    }
    let found = json(&run(&[
        "fixtures/mlp-long.safetensors",
        "--json",
        "--tensor",
        "fc?.weight",
    ]));
    assert_eq!(finding(&found["layers"][0], "dct"), "coordinates");
    assert_eq!(finding(&found["layers"][1], "dct"), "no_gain");
    assert_eq!(finding(&found["layers"][1], "kronecker"), "low_rank");
}

/// The README's classifier: the Kronecker residuals are those of another program that tries every factor shape, the cosines are
/// those of `fit-basis` at the same number of terms. Catches shapes that are not tried, and a second order of frequencies.
#[test]
fn residuals_are_those_of_other_programs() {
    let found = json(&run(&[
        "fixtures/mnist-linear.npy",
        "--image",
        "28x28",
        "--budgets",
        "1/32,1/16,790/7840,1/8,1/4,1/2",
        "--family",
        "kronecker,dct",
        "--json",
    ]));
    let residuals = |family| -> Vec<f64> {
        fits(&found["layers"][0], family)
            .map(|fit| fit["relative_residual"].as_f64().unwrap())
            .collect()
    };
    let kronecker = residuals("kronecker");
    for (k, expected) in [(0, 0.879), (1, 0.794), (3, 0.620), (4, 0.483), (5, 0.324)] {
        assert!((kronecker[k] - expected).abs() < 6e-4, "{kronecker:?}");
    }
    let sum = Command::new(env!("CARGO_BIN_EXE_spectra"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "fit-basis",
            "--k",
            "790",
            "--basis",
            "dct",
            "--image",
            "28x28",
            "--json",
        ])
        .arg("fixtures/mnist-linear.npy")
        .output()
        .unwrap();
    let sum = json(&sum)["fits"][0]["relative_residual"].as_f64().unwrap();
    assert!((residuals("dct")[2] - sum).abs() < 1e-12, "{sum}");
}

/// Catches results that depend on the number of threads, and an order of options that matters.
#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let outputs = ["1", "2", "3"].map(|threads| {
        let report = match threads {
            "1" => Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages/families"),
            _ => folder.path().join(threads),
        };
        let _ = std::fs::remove_dir_all(&report);
        let output = spectra()
            .args(["fixtures/mlp-long.safetensors", "--json", "--budgets"])
            .arg(if threads == "2" {
                "0.25,1/16"
            } else {
                "1/16,25%"
            })
            .arg("--report")
            .arg(&report)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let files = std::fs::read_dir(&report).unwrap();
        let mut files: Vec<_> = files
            .map(|e| e.unwrap().path())
            .map(|p| (p.file_name().unwrap().to_owned(), std::fs::read(p).unwrap()))
            .collect();
        files.push(("stdout".into(), output.stdout));
        files.sort();
        files
    });
    let names: Vec<_> = outputs[0]
        .iter()
        .map(|(name, _)| name.to_str().unwrap())
        .collect();
    for name in [
        "index.html",
        "report.json",
        "families.parquet",
        "layer-002-families.svg",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(outputs[0] == outputs[1] && outputs[0] == outputs[2]);
}

/// NaN marks its row and the others go on.
#[test]
fn a_matrix_with_nan_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let mut data = noise(12);
    npy(folder.path(), "b.npy", "(3, 4)", &data);
    data[5] = f64::NAN;
    npy(folder.path(), "a.npy", "(3, 4)", &data);
    let path = folder.path().to_str().unwrap();
    let output = run(&[path, "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let found = json(&output);
    assert_eq!(found["layers"][0]["status"], "failed");
    assert_eq!(
        found["layers"][0]["reason"],
        "1 entry is NaN or infinite, the first at [1, 1]"
    );
    assert_eq!(found["layers"][1]["status"], "analyzed");
    assert!(text(&output.stderr).contains("a.npy: a: 1 entry"));
    let output = run(&[path, "--keep-going"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("a: failed: 1 entry is NaN"));
}

/// Zero, constant, one entry wide: catches divisions by zero and numbers that are not.
#[test]
fn odd_matrices_have_defined_answers() {
    let folder = tempfile::tempdir().unwrap();
    for (name, shape, data) in [
        ("zero", "(6, 8)", vec![0.0; 48]),
        ("constant", "(6, 8)", vec![-0.7; 48]),
        ("thin", "(2, 40)", noise(80)),
        ("prime", "(7, 11)", noise(77)),
        ("tiny", "(2, 2)", noise(4)),
        (
            "huge",
            "(6, 8)",
            noise(48).iter().map(|x| x * 1e300).collect(),
        ),
        (
            "small",
            "(6, 8)",
            noise(48).iter().map(|x| x * 1e-310).collect(),
        ),
    ] {
        let path = npy(folder.path(), "w.npy", shape, &data);
        let output = run(&[&path, "--json", "--budgets", "1/8,1/2,1"]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let layer = &json(&output)["layers"][0];
        for fit in layer["families"].as_array().unwrap() {
            let residual = fit["relative_residual"].as_f64();
            assert_eq!(
                residual.is_none(),
                fit["parameters"].is_null(),
                "{name}: {fit}"
            );
            assert!(
                residual.is_none_or(|r| (0.0..=1.0 + 1e-12).contains(&r)),
                "{name}: {fit}"
            );
            let plain = ["zero", "constant"].contains(&name);
            let undefined = fit["verdict"]["kind"] == "undefined";
            assert!(undefined || !plain, "{name}: {fit}");
        }
        let report = folder.path().join("out");
        let output = run(&[&path, "--report", report.to_str().unwrap()]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
    }
}

/// A stack of matrices has a row for each; names and files are those of the tensor.
#[test]
fn a_stack_has_a_row_for_each_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let path = npy(folder.path(), "experts.npy", "(3, 4, 5)", &noise(60));
    let found = json(&run(&[&path, "--json", "--family", "low-rank,dct"]));
    let names: Vec<_> = found["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| &l["name"])
        .collect();
    assert_eq!(names, ["experts[0]", "experts[1]", "experts[2]"]);
    let alone = npy(folder.path(), "alone.npy", "(4, 5)", &noise(60)[20..40]);
    let alone = json(&run(&[&alone, "--json", "--family", "low-rank,dct"]));
    assert_eq!(
        alone["layers"][0]["families"],
        found["layers"][1]["families"]
    );
}

/// One sentence, status 2, before any work.
#[test]
fn bad_input_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = npy(folder.path(), "w.npy", "(4, 6)", &noise(24));
    let cases: [(&[&str], &str); 9] = [
        (&["--budgets", "0"], "a share above 0 and at most 1"),
        (&["--budgets", "1/0"], "a share above 0 and at most 1"),
        (&["--budgets", "150%"], "a share above 0 and at most 1"),
        (&["--budgets", "nan"], "a share above 0 and at most 1"),
        (&["--family", "svd"], "invalid value 'svd'"),
        (&["--image", "28"], "as 28x28"),
        (&["--image", "0x6"], "as 28x28"),
        (
            &["--image", "4x4"],
            "no matrix has rows of a multiple of 4·4 entries",
        ),
        (&["--tensor", "nothing"], "no tensor has a name"),
    ];
    for (arguments, says) in cases {
        let output = spectra().arg(&path).args(arguments).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty());
    }
    let output = run(&["no/such/file.npy"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr).lines().count(), 1);
}

/// Every form of the result says the same.
#[test]
fn the_forms_agree() {
    let form = |format: &str| {
        let output = run(&["fixtures/mlp-long.safetensors", "--format", format]);
        assert!(output.status.success());
        output.stdout
    };
    let whole: Value = serde_json::from_slice(&form("json")).unwrap();
    let lines = text(&form("jsonl"));
    let lines: Vec<Value> = lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(whole["layers"].as_array().unwrap(), &lines);
    let csv = text(&form("csv"));
    assert_eq!(csv.lines().count(), 1 + 3 * 72 + 3);
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    for name in [
        "name",
        "family",
        "parameters",
        "relative_residual",
        "rotated_residual",
        "least_gain",
        "search",
    ] {
        assert!(header.contains(&name), "{name}");
    }
    assert!(form("parquet").starts_with(b"PAR1"));
    let table = text(&form("table"));
    for words in [
        "fc2.weight, 96 x 128",
        "Kronecker",
        "low rank",
        "fc1.bias: skipped",
        "permuted blocks *",
        "*        the best that a search has found",
        "Seed 0.",
    ] {
        assert!(table.contains(words), "{words}");
    }
}

/// A name is data: catches markup from a file in the page, and a page that asks for anything.
#[test]
fn the_page_is_inert() {
    let folder = tempfile::tempdir().unwrap();
    let path = npy(folder.path(), "<b>w.npy", "(8, 9)", &noise(72));
    let report = folder.path().join("out");
    let image = ["--image", "2x2"];
    let output = run(&[
        &path,
        "fixtures/mnist-linear.npy",
        image[0],
        image[1],
        "--report",
        report.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(report.join("index.html")).unwrap();
    assert!(page.contains("&lt;b&gt;w") && !page.contains("<b>w"));
    html::check(&page);
    assert!(!page.contains("<script") && !page.contains("{{"));
    assert!(page.contains("rows of 9 are no 2x2 images"));
    assert_eq!(page.matches("<svg").count(), 2);
}
