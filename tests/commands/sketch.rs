//! `spectra sketch` as a user runs it: the contract, known numbers, odd values, bad input, pages, and the
//! same bytes for the same input.

use crate::common::command::{self, text};
use crate::common::files::write_npy as npy;
use crate::common::html;
use crate::common::wait::{signal, work};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn spectra() -> Command {
    let mut command = command::spectra();
    command.arg("sketch");
    command
}

fn run(arguments: &[&str]) -> Output {
    spectra().args(arguments).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = run(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn numbers(count: usize, seed: f64) -> Vec<f64> {
    let wave =
        |k: usize| (k as f64 * 0.7 + seed).sin() + (k as f64 * k as f64 * 0.013 * seed).cos();
    (0..count).map(wave).collect()
}

fn near(found: &Value, expected: f64, what: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{what}: {found}"));
    let bound = 1e-12 * expected.abs();
    assert!(
        (found - expected).abs() <= bound,
        "{what}: {found} {expected}"
    );
}

/// Catches a tensor without a row, a skipped one with numbers, a bound below what it bounds.
#[test]
fn rows_have_their_numbers() {
    let arguments = "fixtures/lenet-b1.safetensors --k 8 --trials 20 --seed 5";
    let found = json(&arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(
        (&found["schema_version"], &found["seed"]),
        (&1.into(), &5.into())
    );
    let layers = found["layers"].as_array().unwrap();
    let (skipped, sketched): (Vec<&Value>, Vec<&Value>) = layers
        .iter()
        .partition(|layer| layer["status"] == "skipped");
    assert_eq!((skipped.len(), sketched.len()), (4, 4));
    for layer in skipped {
        assert!(layer["mode1"].is_null() && !layer["reason"].is_null());
    }
    for layer in sketched {
        for mode in ["mode1", "mode2", "averaged"] {
            let of = |key: &str| layer[mode][key].as_f64().unwrap();
            assert!(of("measured") > 0.0 && of("relative_error") > 0.0);
            assert!((of("bound") / of("exact") - of("slack")).abs() < 1e-12 * of("slack"));
            assert!(of("bound") >= of("exact"), "{mode}");
        }
    }
}

/// Every closed form from sums over the files' numbers, and l k (d₁ + d₂): catches a file's matrix taken
/// transposed or inputs along the wrong side.
#[test]
fn variances_are_those_of_the_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let (d1, d2, samples, k, l) = (6, 9, 4, 3, 2);
    let (w, x) = (numbers(d1 * d2, 1.0), numbers(samples * d2, 2.0));
    let path = npy(folder.path(), "w.npy", "(6, 9)", &w);
    let inputs = npy(folder.path(), "x.npy", "(4, 9)", &x);
    let found = json(&[&path, "--k", "3", "--inputs", &inputs]);
    let layer = &found["layers"][0];
    let square = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let output = |i: usize, s: usize| (0..d2).map(|j| w[i * d2 + j] * x[s * d2 + j]).sum::<f64>();
    let outputs: Vec<f64> = (0..d1 * samples)
        .map(|at| output(at / samples, at % samples))
        .collect();
    let matched: f64 = (0..d2)
        .map(|j| {
            let column: Vec<f64> = (0..d1).map(|i| w[i * d2 + j]).collect();
            let row: Vec<f64> = (0..samples).map(|s| x[s * d2 + j]).collect();
            square(&column) * square(&row)
        })
        .sum();
    let (rows, pairs) = (k as f64, l as f64);
    let first = (d1 as f64 - 1.0) / rows * square(&outputs);
    let second = (square(&w) * square(&x) + square(&outputs) - 2.0 * matched) / rows;
    near(&layer["mode1"]["exact"], first, "mode 1");
    near(&layer["mode2"]["exact"], second, "mode 2");
    near(
        &layer["averaged"]["exact"],
        (first + second) / (4.0 * pairs),
        "averaged",
    );
    near(
        &layer["mode1"]["bound"],
        2.0 * d1 as f64 / rows * square(&outputs),
        "bound 1",
    );
    near(
        &layer["mode2"]["bound"],
        2.0 / rows * square(&w) * square(&x),
        "bound 2",
    );
    let bound = (d1 as f64 * square(&outputs) + square(&w) * square(&x)) / (pairs * rows);
    near(&layer["averaged"]["bound"], bound, "theorem 3.2");
    assert_eq!(layer["parameters"], l * k * (d1 + d2));
    assert_eq!(layer["multiply_adds"], 2 * l * k * (d1 + d2));
    let gaussian = json(&[
        &path,
        "--k",
        "3",
        "--inputs",
        &inputs,
        "--ensemble",
        "gaussian",
    ]);
    let layer = &gaussian["layers"][0];
    near(
        &layer["mode1"]["exact"],
        (d1 as f64 + 1.0) / rows * square(&outputs),
        "gaussian 1",
    );
    let second = (square(&w) * square(&x) + square(&outputs)) / rows;
    near(&layer["mode2"]["exact"], second, "gaussian 2");
    assert!(
        layer["mode1"]["bound"].is_null(),
        "the published bounds are those of signs"
    );
}

/// Theorem 3.1 as printed is false on a 3 × 3 convolution whose outputs are small beside its inputs; the
/// same with the patches' norm holds. Catches one taken for the other.
#[test]
fn the_printed_theorem_is_called_false_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = npy(
        folder.path(),
        "conv.npy",
        "(4, 64, 3, 3)",
        &numbers(2304, 3.0),
    );
    let found = json(&[
        &path,
        "--k",
        "4",
        "--image",
        "32x32",
        "--padding",
        "1",
        "--trials",
        "8",
    ]);
    let layer = &found["layers"][0];
    let averaged = &layer["averaged"];
    assert_eq!(averaged["printed_bound_holds"], false);
    let of = |key: &str| averaged[key].as_f64().unwrap();
    assert!(of("printed_bound") < of("exact") && of("exact") < of("bound"));
    assert_eq!(layer["area"], 9);
    assert_eq!(layer["parameters"], 2 * 4 * 9 * (4 + 64));
    assert_eq!(layer["tensor_modes"].as_array().unwrap().len(), 4);
    let table = text(
        &run(&[
            &path,
            "--k",
            "4",
            "--image",
            "32x32",
            "--padding",
            "1",
            "--trials",
            "0",
        ])
        .stdout,
    );
    assert!(table.contains("false here"), "{table}");
}

/// Images given as a file are those of the closed form where the expectation is exact: one image with one
/// pixel 1 in each place, all images together. Catches channels or axes swapped between file and kernel.
#[test]
fn images_meet_kernels_as_the_closed_form_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let kernel = npy(folder.path(), "k.npy", "(3, 2, 2, 3)", &numbers(36, 4.0));
    let mut pixels = vec![0.0; 40 * 40];
    (0..40).for_each(|i| pixels[i * 40 + i] = 1.0);
    let images = npy(folder.path(), "x.npy", "(40, 2, 5, 4)", &pixels);
    let options = [
        "--k",
        "2",
        "--trials",
        "0",
        "--stride",
        "2",
        "--padding",
        "1",
    ];
    let closed = json(&[&[kernel.as_str(), "--image", "5x4"], &options[..]].concat());
    let given = json(&[&[kernel.as_str(), "--inputs", &images], &options[..]].concat());
    let of = |found: &Value| found["layers"][0]["energies"].clone();
    for key in ["weights", "inputs", "outputs", "matched", "images"] {
        near(&of(&given)[key], of(&closed)[key].as_f64().unwrap(), key);
    }
    let last = npy(folder.path(), "kl.npy", "(2, 3, 2, 3)", &numbers(36, 4.0));
    let turned = npy(folder.path(), "xl.npy", "(40, 5, 4, 2)", &pixels);
    let given = json(
        &[
            &[last.as_str(), "--layout", "in-out", "--inputs", &turned],
            &options[..],
        ]
        .concat(),
    );
    assert_eq!(given["layers"][0]["rows"], 3);
    near(&of(&given)["images"], 40.0, "images of channels last");
}

/// What is asked is answered: the fewest rows for an error, and the curve over k.
#[test]
fn questions_have_answers() {
    let arguments = [
        "fixtures/mnist-linear.npy",
        "--k",
        "3",
        "--l",
        "1",
        "--target",
        "0.5",
        "--sweep",
        "4,16",
        "--trials",
        "30",
    ];
    let found = json(&arguments);
    let layer = &found["layers"][0];
    let targets = layer["target"].as_array().unwrap();
    assert_eq!(targets.len(), 5);
    assert_eq!(layer["trials"], 30);
    for choice in targets {
        // ((d₁ - 1) + (d₂ - 1)) / (4 l k) ≤ 1/4
        let l = choice["l"].as_u64().unwrap();
        assert_eq!(choice["k"].as_u64().unwrap(), (9 + 783_u64).div_ceil(l));
    }
    let sweep = layer["sweep"].as_array().unwrap();
    assert_eq!(sweep.len(), 2);
    assert!(
        sweep
            .iter()
            .all(|point| !point["averaged"]["measured"].is_null())
    );
    assert_eq!(layer["better_mode"], 1);
    let exceedance = &layer["exceedance"];
    near(
        &exceedance["chebyshev"],
        0.25,
        "beyond twice the root-mean-square error",
    );
    assert!(exceedance["measured"]["estimate"].as_f64().unwrap() <= 0.25);
    let fit = &layer["best_fit"];
    let error = |key: &str| fit[key].as_f64().unwrap();
    assert!(error("low_rank") < error("in_space") && error("in_space") < 1.0);
    let null = (0.7f64 * (1.0 - 3.0 / 784.0)).sqrt();
    near(&fit["null"], null, "what the space holds of any matrix");
}

/// Zero, constant, tiny, huge and thin: defined or null, never a panic; scaling changes nothing.
#[test]
fn odd_values_have_defined_answers() {
    let folder = tempfile::tempdir().unwrap();
    let noise = numbers(48, 5.0);
    let scaled = |unit: f64| noise.iter().map(|x| x * unit).collect::<Vec<_>>();
    let plain = json(&[&npy(folder.path(), "w.npy", "(6, 8)", &noise), "--k", "3"]);
    for (name, shape, data) in [
        ("zero", "(6, 8)", vec![0.0; 48]),
        ("constant", "(6, 8)", vec![0.3; 48]),
        ("subnormal", "(6, 8)", scaled(1e-310)),
        ("huge", "(6, 8)", scaled(1e307)),
        ("row", "(1, 48)", noise.clone()),
        ("column", "(48, 1)", noise.clone()),
        ("stack", "(2, 4, 6)", noise.clone()),
    ] {
        let path = npy(folder.path(), "odd.npy", shape, &data);
        let found = json(&[&path, "--k", "3", "--min-dim", "1"]);
        let layer = &found["layers"][0];
        let error = &layer["averaged"]["relative_error"];
        assert_eq!(error.is_null(), name == "zero", "{name}");
        if ["subnormal", "huge"].contains(&name) {
            assert!(layer["mode1"]["exact"].is_null(), "{name}");
        }
        if name == "huge" {
            near(
                error,
                plain["layers"][0]["averaged"]["relative_error"]
                    .as_f64()
                    .unwrap(),
                name,
            );
        }
        let report = folder.path().join("out");
        let output = run(&[
            &path,
            "--report",
            report.to_str().unwrap(),
            "--min-dim",
            "1",
        ]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
    }
    let stack = json(&[
        &npy(folder.path(), "s.npy", "(2, 4, 6)", &noise),
        "--k",
        "3",
    ]);
    let alone = json(&[
        &npy(folder.path(), "a.npy", "(4, 6)", &noise[24..]),
        "--k",
        "3",
    ]);
    assert_eq!(
        stack["layers"][1]["averaged"],
        alone["layers"][0]["averaged"]
    );
    assert_eq!(stack["layers"][1]["name"], "s[1]");
}

/// One sentence, status 2, before any work; a tensor that cannot be sketched is a row.
#[test]
fn bad_input_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = npy(folder.path(), "w.npy", "(4, 6)", &numbers(24, 6.0));
    let short = npy(folder.path(), "short.npy", "(3, 5)", &numbers(15, 1.0));
    let flat = npy(folder.path(), "flat.npy", "(15,)", &numbers(15, 1.0));
    let mut broken = numbers(18, 1.0);
    broken[7] = f64::NAN;
    let broken = npy(folder.path(), "broken.npy", "(3, 6)", &broken);
    let none = npy(folder.path(), "none.npy", "(0, 6)", &[]);
    let cases: [(&[&str], &str); 20] = [
        (&["--k", "0"], "a whole number from 1"),
        (&["--l", "0"], "a whole number from 1"),
        (
            &["--trials", "1"],
            "from 2, the fewest that have an interval",
        ),
        (&["--confidence", "1"], "between 0 and 0.999999"),
        (&["--target", "0"], "a number above 0"),
        (&["--target", "nan"], "a number above 0"),
        (&["--sweep", "4,0"], "a whole number from 1"),
        (&["--stride", "0"], "from 1 to 65536"),
        (&["--padding", "99999"], "from 0 to 65536"),
        (
            &["--padding", "1"],
            "--padding goes with --image or --inputs",
        ),
        (&["--image", "5x5"], "no tensor is a convolution kernel"),
        (&["--report", &path], "is a file; choose another folder"),
        (
            &["--l", "1000000", "--k", "1000000"],
            "bytes of memory, more than is free",
        ),
        (&["--image", "28"], "as 28x28"),
        (&["--ensemble", "uniform"], "invalid value 'uniform'"),
        (
            &["--inputs", &short],
            "5 numbers a sample, the layer takes 6",
        ),
        (&["--inputs", &flat], "one sample a row"),
        (
            &["--inputs", &broken],
            "1 of its numbers are NaN or infinite, the first in sample 1",
        ),
        (&["--inputs", &none], "no sample"),
        (&["--ensemble", "hadamard", "--k", "64"], "at most 4 rows"),
    ];
    for (arguments, says) in cases {
        let output = spectra().arg(&path).args(arguments).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
    }
    let conv = npy(folder.path(), "c.npy", "(2, 1, 5, 5)", &numbers(50, 1.0));
    let flat = npy(folder.path(), "f.npy", "(2, 1, 0, 9)", &[]);
    let output = run(&[&conv, "--inputs", &flat, "--padding", "5"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hold no sample"));
    let one = npy(folder.path(), "one.npy", "(1, 1, 4, 4)", &numbers(16, 1.0));
    let far = run(&[
        &conv,
        "--inputs",
        &one,
        "--padding",
        "65536",
        "--k",
        "2",
        "--json",
    ]);
    let near_by = run(&[
        &conv,
        "--inputs",
        &one,
        "--padding",
        "4",
        "--k",
        "2",
        "--json",
    ]);
    let layers = |output: &Output| -> Value {
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        found["layers"][0]["averaged"].clone()
    };
    assert_eq!(
        layers(&far),
        layers(&near_by),
        "patches of padding alone add nothing"
    );
    let sequence = npy(folder.path(), "s.npy", "(2, 3, 4)", &numbers(24, 1.0));
    let output = run(&[&sequence, "--view", "conv1d", "--image", "8x8"]);
    assert!(text(&output.stderr).contains("meets images of 1xW, not 8x8"));
    let inside = folder.path().join("kept");
    std::fs::create_dir(&inside).unwrap();
    let kept = npy(&inside, "report.json", "(4, 6)", &numbers(24, 6.0));
    let output = run(&[&kept, "--report", inside.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("holds other files than a report"));
    let output = run(&[&conv, "--image", "3x3"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("does not fit in images of 3x3"));
    let output = run(&[&path, "--output", &path]);
    assert_eq!(output.status.code(), Some(2));
    let large = run(&[&path, "--k", "1000", "--trials", "2"]);
    assert!(large.status.success());
    assert!(text(&large.stdout).contains("nothing is saved"));
    let bad = npy(
        folder.path(),
        "nan.npy",
        "(3, 6)",
        &[&[f64::NAN][..], &numbers(17, 1.0)].concat(),
    );
    let output = run(&[&bad]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("NaN or infinite, the first at [0, 0]"));
}

/// Estimates that are the same in every draw are held to rounding, not to their last bits; ties of both
/// modes are no finding; and equal numbers mean as many numbers.
#[test]
fn what_is_exact_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    let square = npy(folder.path(), "square.npy", "(16, 16)", &numbers(256, 2.0));
    let exact = json(&[&square, "--ensemble", "hadamard", "--k", "16", "--l", "1"]);
    let layer = &exact["layers"][0];
    for mode in ["mode1", "mode2", "averaged"] {
        assert_eq!(layer[mode]["exact"], 0.0);
        assert!(layer[mode]["measured"].as_f64().unwrap() < 1e-24);
        assert_eq!(layer[mode]["interval_holds_exact"], true, "{mode}");
    }
    assert!(layer["better_mode"].is_null());
    let wide = npy(folder.path(), "wide.npy", "(33, 64)", &numbers(2112, 3.0));
    let layer = &json(&[
        &wide,
        "--ensemble",
        "hadamard",
        "--k",
        "32",
        "--sweep",
        "4,999",
    ])["layers"][0];
    // 32 · 64 numbers are 62 rows of mode 2, nearly all 64.
    assert_eq!(layer["better_mode_at_equal_parameters"], 2);
    assert_eq!(layer["sweep"].as_array().unwrap().len(), 1);
    let notes = layer["notes"].to_string();
    assert!(
        notes.contains("left out of the sweep") && notes.contains("at most 64"),
        "{notes}"
    );
}

/// Ctrl-C keeps what was drawn and says how much: catches a result that claims all trials.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = npy(folder.path(), "w.npy", "(40, 60)", &numbers(2400, 6.0));
    let result = folder.path().join("out.json");
    let mut child = spectra()
        .args([
            &path, "--k", "4", "--trials", "10000000", "--json", "--output",
        ])
        .arg(&result)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    work(&child);
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let found: Value = serde_json::from_slice(&std::fs::read(&result).unwrap()).unwrap();
    assert_eq!(found["complete"], false);
    let layer = &found["layers"][0];
    let trials = layer["trials"].as_u64().unwrap();
    assert!((32..10_000_000).contains(&trials), "{trials}");
    assert!(layer["best_fit"].is_null() && !layer["averaged"]["measured"].is_null());
}

/// Every form says the same, and the same input gives the same bytes on any number of threads.
#[test]
fn forms_agree_and_bytes_repeat() {
    let form = |format: &str, threads: &str| {
        let output = spectra()
            .args([
                "fixtures/lenet-b1.safetensors",
                "--trials",
                "40",
                "--sweep",
                "4",
                "--format",
                format,
            ])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success());
        output.stdout
    };
    let whole: Value = serde_json::from_slice(&form("json", "1")).unwrap();
    let lines = text(&form("jsonl", "2"));
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(whole["layers"].as_array().unwrap(), &lines);
    let csv = text(&form("csv", "1"));
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let at = header
        .iter()
        .position(|name| *name == "averaged_exact")
        .unwrap();
    let exact = whole["layers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["status"] == "analyzed");
    let exact = exact.unwrap()["averaged"]["exact"].as_f64().unwrap();
    let row = csv
        .lines()
        .skip(1)
        .find(|line| line.contains("analyzed"))
        .unwrap();
    // The shape's text has no comma: `20x25`.
    let cell: f64 = row.split(',').nth(at).unwrap().parse().unwrap();
    assert_eq!(cell, exact);
    for format in ["table", "json", "parquet"] {
        assert_eq!(form(format, "1"), form(format, "3"), "{format}");
    }
}

/// The page holds what was found, asks for nothing, and keeps hostile names inert; left for the browser.
#[test]
fn the_page_says_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let pages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages/sketch");
    let arguments = [
        "fixtures/lenet-b1.safetensors",
        "--k",
        "16",
        "--trials",
        "40",
        "--target",
        "0.5",
    ];
    let report = |folder: &Path| {
        let output = spectra()
            .args(arguments)
            .arg("--report")
            .arg(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        std::fs::read_to_string(folder.join("index.html")).unwrap()
    };
    let page = report(&pages);
    assert_eq!(page, report(&folder.path().join("again")));
    for wanted in [
        "The averaged estimate has a relative error of",
        "<svg role=\"img\"",
        "best fit",
        "Chebyshev",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    html::check(&page);
    assert!(!page.contains("<script"));
    let name = "w<script>alert(1)</script>.npy";
    let path = npy(folder.path(), "x.npy", "(4, 6)", &numbers(24, 6.0));
    let hostile = folder.path().join(name.replace('/', "_"));
    std::fs::rename(path, &hostile).unwrap();
    let out = pages.with_file_name("sketch-hostile");
    let output = spectra()
        .arg(&hostile)
        .arg("--report")
        .arg(&out)
        .output()
        .unwrap();
    assert!(output.status.success());
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(!page.contains("<script"), "a name became markup");
    for file in [
        "report.json",
        "sketches.parquet",
        "layer-001-sketch.svg",
        "layer-001-sketch.png",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
}
