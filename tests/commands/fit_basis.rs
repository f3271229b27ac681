//! `fit-basis` and `spectra rebuild` as a user runs them.

use crate::common::command::{self, fit_basis, json, text};
use crate::common::files::{npy, write as file};
use crate::common::wait::{listens, signal, work};
use serde_json::Value;
use std::process::Output;

const FIXTURE: &str = "fixtures/mnist-linear.npy";

fn fit(arguments: &[&str]) -> Output {
    fit_basis().args(arguments).output().unwrap()
}

fn spectra(arguments: &[&str]) -> Output {
    command::spectra().args(arguments).output().unwrap()
}

fn numbers(count: usize) -> Vec<f64> {
    (0..count)
        .map(|k| (k as f64 * 0.7).sin() + (k as f64 * k as f64 * 0.01).cos())
        .collect()
}

fn refused(arguments: &[&str], says: &str) {
    let output = fit(arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?} {message}");
    assert!(message.contains(says), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
}

/// Without a file the bundled classifier is fitted and named; the binary and the subcommand agree.
#[test]
fn the_bundled_classifier_is_fitted() {
    let arguments = ["--p", "2", "--k", "3", "--inner", "20", "--json"];
    let alone = fit(&arguments);
    assert!(alone.status.success(), "{alone:?}");
    assert!(text(&alone.stderr).contains("no file is named"));
    let under = spectra(&[&["fit-basis"][..], &arguments].concat());
    assert_eq!(alone.stdout, under.stdout);
    let named = fit(&[&arguments[..], &[FIXTURE]].concat());
    let (alone, named) = (json(&alone), json(&named));
    assert_eq!(
        alone["fits"][0]["coefficients"],
        named["fits"][0]["coefficients"]
    );
    assert_eq!(alone["fits"][0]["name"], "mnist-linear");
}

/// Help shows examples under both names: catches a summary or examples that are lost.
#[test]
fn help_has_examples() {
    for output in [fit(&["-h"]), spectra(&["fit-basis", "--help"])] {
        let help = text(&output.stdout);
        assert!(
            help.starts_with("A matrix as a product of p sums"),
            "{help}"
        );
        assert!(help.contains("fit-basis --p 10 --k 50\n"), "{help}");
    }
}

/// Catches numbers that contradict each other.
#[test]
fn rows_have_their_numbers() {
    let arguments = [
        "--p", "2", "--k", "4", "--inner", "12", "--stages", "2", "--json", FIXTURE,
    ];
    let found = json(&fit(&arguments));
    let row = &found["fits"][0];
    assert_eq!(row["parameters"], 8);
    assert_eq!(row["degrees_of_freedom"], 7);
    assert_eq!(row["compression_rate"].as_f64(), Some(8.0 / 7840.0));
    let chance = row["null_residual"].as_f64().unwrap();
    let expected = (1.0 - 7.0 / 7840.0f64).sqrt();
    assert!((chance - expected).abs() < 2.0 * f64::EPSILON);
    assert_eq!(row["restarts"].as_array().unwrap().len(), 3);
    let stages = row["stages"].as_array().unwrap();
    assert_eq!(stages[1]["start_residual"], stages[0]["relative_residual"]);
    let distance = found["distance"]["mean"].as_f64().unwrap();
    assert_eq!(row["distance"].as_f64(), Some(distance));
}

/// The same seed gives the same bytes with one thread and with three, another seed others: catches sums
/// that are shared out by the number of threads, in small steps and in large ones.
#[test]
fn threads_change_no_bit() {
    let run = |threads: &str, seed: &str, size: &[&str]| {
        let mut command = fit_basis();
        command
            .args(["--p", "3", "--json", "--seed", seed, FIXTURE])
            .args(size)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap()
            .stdout
    };
    let small = ["--k", "6", "--inner", "150,90"];
    let large = "--k 100 --inner 60,60 --iterations 12 --no-controls --restarts 1";
    let large: Vec<&str> = large.split(' ').collect();
    for size in [&small[..], &large] {
        assert_eq!(text(&run("1", "4", size)), text(&run("3", "4", size)));
    }
    assert_ne!(run("1", "4", &small), run("1", "5", &small));
}

/// A file of fits rebuilds, the same bits twice, the matrix whose residual was told: catches a seed,
/// an identity or a stage that the file forgets.
#[test]
fn a_fit_file_rebuilds_the_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let data = numbers(16 * 24);
    let weights = file(folder.path(), "w.npy", &npy("(16, 24)", &data));
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let (kept, first, second) = (
        path("fit.safetensors"),
        path("a.safetensors"),
        path("b.safetensors"),
    );
    for extra in [
        &["--basis", "dct", "--image", "4x6", "--k", "90"][..],
        &[
            "--p",
            "3",
            "--k",
            "20",
            "--residual",
            "--stages",
            "7",
            "--inner",
            "24,24",
        ],
        &[
            "--p",
            "2",
            "--k",
            "10,30",
            "--basis",
            "fastfood,srht",
            "--link",
            "tanh,identity",
        ],
    ] {
        let arguments = [
            &[&weights, "--out", &kept, "--seed", "9", "--json"][..],
            extra,
        ]
        .concat();
        let output = fit(&arguments);
        let row = json(&output)["fits"][0].clone();
        assert!(output.status.success(), "{output:?}");
        for out in [&first, &second] {
            let output = spectra(&["rebuild", &kept, "--output", out]);
            assert!(output.status.success(), "{output:?}");
        }
        let bytes = std::fs::read(&first).unwrap();
        assert_eq!(bytes, std::fs::read(&second).unwrap());
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let tensor = tensors.tensor("w").unwrap();
        assert_eq!(tensor.shape(), [16, 24]);
        let rebuilt = tensor
            .data()
            .chunks_exact(8)
            .map(|x| f64::from_le_bytes(x.try_into().unwrap()));
        let (mut error, mut norm) = (0.0, 0.0);
        for (x, w) in rebuilt.zip(&data) {
            error += (x - w) * (x - w);
            norm += w * w;
        }
        let residual = row["relative_residual"].as_f64().unwrap();
        let bound = 16.0 * 24.0 * f64::EPSILON;
        assert!(
            ((error / norm).sqrt() - residual).abs() < bound,
            "{extra:?} {residual}"
        );
    }
    let twin = folder.path().join("twin");
    std::fs::create_dir(&twin).unwrap();
    let twin = file(&twin, "w.npy", &std::fs::read(&weights).unwrap());
    let both = fit(&[&weights, &twin, "--k", "5", "--out", &kept]);
    assert!(both.status.success(), "{both:?}");
    assert!(spectra(&["rebuild", &kept, "-o", &first]).status.success());
    let bytes = std::fs::read(&first).unwrap();
    let names = safetensors::SafeTensors::deserialize(&bytes).unwrap().len();
    assert_eq!(names, 2, "two files with one name");
    let itself = spectra(&["rebuild", &kept, "-o", &kept]);
    assert!(text(&itself.stderr).contains("is an input"), "{itself:?}");
    let other = spectra(&["rebuild", "fixtures/lenet-b1.safetensors", "-o", &first]);
    assert_eq!(other.status.code(), Some(2));
    assert!(
        text(&other.stderr).contains("no header of fits"),
        "{other:?}"
    );
}

/// A header may say anything: catches a size that overflows or is taken from memory unchecked.
#[test]
fn hostile_headers_are_refused() {
    use safetensors::tensor::{Dtype, TensorView};
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").to_str().unwrap().to_string();
    let one = 1f64.to_le_bytes();
    for (rows, columns, terms) in [
        ("0", "5", "1"),
        ("1099511627776", "1099511627776", "1"),
        ("4294967296", "5", "1"),
        ("4", "5", "18446744073709551615"),
        ("4", "-5", "1"),
    ] {
        let factor = format!(
            r#"{{"rows":{rows},"columns":{columns},"terms":{terms},"family":"gaussian","link":"identity"}}"#
        );
        let header = format!(
            r#"{{"schema_version":1,"program":"","seed":0,"residual":false,"image":null,"fits":[{{"name":"w","factors":[{factor}]}}]}}"#
        );
        let metadata = std::collections::HashMap::from([("spectra.fit".to_string(), header)]);
        let view = TensorView::new(Dtype::F64, vec![1], &one).unwrap();
        let bytes = safetensors::serialize([("w/1", view)], Some(metadata)).unwrap();
        let path = file(folder.path(), "hostile.safetensors", &bytes);
        let output = spectra(&["rebuild", &path, "-o", &out]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{rows} {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains("hostile.safetensors"), "{message}");
    }
}

/// The user's own matrices: a planted combination is found, and wrong shapes are named.
#[test]
fn a_basis_file_is_fitted() {
    use safetensors::tensor::{Dtype, TensorView};
    let folder = tempfile::tempdir().unwrap();
    let bytes = |data: &[f64]| {
        data.iter()
            .flat_map(|x| x.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let data = numbers(3 * 5 * 7);
    let stack = bytes(&data);
    let view = TensorView::new(Dtype::F64, vec![3, 5, 7], &stack).unwrap();
    let basis = safetensors::serialize([("M1", view)], None).unwrap();
    let basis = file(folder.path(), "basis.safetensors", &basis);
    let w: Vec<f64> = (0..35)
        .map(|i| 2.0 * data[i] - data[35 + i] + 0.5 * data[70 + i])
        .collect();
    let weights = file(folder.path(), "w.npy", &npy("(5, 7)", &w));
    let row = json(&fit(&["--basis", &basis, &weights, "--json"]))["fits"][0].clone();
    assert!(row["relative_residual"].as_f64().unwrap() < 35.0 * 3.0 * f64::EPSILON);
    for (a, expected) in row["coefficients"][0]
        .as_array()
        .unwrap()
        .iter()
        .zip([2.0, -1.0, 0.5])
    {
        assert!((a.as_f64().unwrap() - expected).abs() < 1e-12);
    }
    let other = file(folder.path(), "other.npy", &npy("(7, 5)", &w));
    refused(
        &["--basis", &basis, &other],
        "M1 are 5 × 7; 7 × 5 was needed",
    );
    refused(&["--basis", FIXTURE, &weights], "holds no array M1");
    refused(
        &["--basis", &basis, "--k", "3", &weights],
        "a basis file has its own",
    );
    refused(
        &["--basis", &basis, "--link", "exp,tanh", &weights],
        "link has 2 values",
    );
}

/// Inputs that vanish where the matrix is hard to fit: the fit on them is exact though the matrix's
/// is not. Catches a norm taken over the wrong side.
#[test]
fn inputs_weigh_the_fit() {
    let folder = tempfile::tempdir().unwrap();
    let weights = file(folder.path(), "w.npy", &npy("(6, 10)", &numbers(60)));
    let seen: Vec<f64> = (0..400)
        .map(|k| {
            if k % 10 < 4 {
                ((k * k) as f64).sin()
            } else {
                0.0
            }
        })
        .collect();
    let inputs = file(folder.path(), "x.npy", &npy("(40, 10)", &seen));
    let found = fit(&["--k", "24", "--inputs", &inputs, &weights, "--json"]);
    let row = json(&found)["fits"][0].clone();
    let on = &row["inputs"];
    assert!(on["fitted_residual"].as_f64().unwrap() < 1e-12, "{row}");
    assert!(on["held_out_residual"].as_f64().unwrap() < 1e-12);
    assert!(row["relative_residual"].as_f64().unwrap() > 0.1);
    refused(
        &["--inputs", &weights, FIXTURE],
        "the inputs have 10 columns and the matrix 784",
    );
}

/// Catches work begun, or a panic, on what can be refused at once.
#[test]
fn bad_settings_are_one_sentence() {
    refused(&["--p", "0"], "p is at least 1");
    refused(&["--k", "0"], "at least 1");
    refused(&["--k", "8000"], "has at most 7840");
    refused(
        &["--p", "2", "--k", "4000"],
        "8000 coefficients for the 7840 entries",
    );
    refused(&["--p", "2", "--k", "1,2,3"], "k has 3 values");
    refused(&["--p", "2", "--inner", "3,4"], "inner has 2 sizes");
    refused(
        &["--basis", "diagonal", "--k", "20"],
        "diagonal has at most 10",
    );
    refused(
        &["--basis", "nothing"],
        "neither a file nor one of gaussian",
    );
    refused(&["--basis", "dct", "--image", "20x20"], "images of 20 × 20");
    refused(&["--image", "28"], "28x28");
    refused(
        &["--link", "exp", "--solver", "alternating"],
        "use levenberg",
    );
    refused(&["no/such/file.npy"], "no/such/file.npy");
    refused(
        &["--p", "2", "--inner", "18446744073709551615"],
        "more than the memory that is allowed",
    );
    refused(&["--p", "100000000", "--k", "1"], "100000000 coefficients");
    refused(&["--stages", "100", "--k", "5"], "stages grow");
    refused(&["--p", "2", "--stages", "3/9", "--k", "5"], "stages grow");
    refused(&["--p", "2", "--stages", "3/4/5"], "stages has 3 values");
    refused(&["--stages", "3/x"], "one a factor as in 10/20/20");
    refused(&["--out", "no/such/folder/x"], "its folder does not exist");
    refused(&["--inputs", FIXTURE, "--out", FIXTURE], "is an input");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, data: &[f64]| file(folder.path(), name, &npy("(4, 5)", data));
    let mut hole = numbers(20);
    hole[7] = f64::NAN;
    for (name, data, says) in [
        ("zero.npy", vec![0.0; 20], "every entry is 0"),
        ("constant.npy", vec![1.5; 20], "every entry is 1.5"),
        (
            "nan.npy",
            hole,
            "1 entry is NaN or infinite, the first at [1, 2]",
        ),
    ] {
        let output = fit(&[&path(name, &data), "--k", "3", "--json"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(says), "{output:?}");
        assert_eq!(json(&output)["fits"][0]["status"], "failed");
    }
    let huge: Vec<f64> = numbers(20).iter().map(|x| x * 1e300).collect();
    let row = json(&fit(&[&path("huge.npy", &huge), "--k", "3", "--json"]))["fits"][0].clone();
    let plain = json(&fit(&[
        &path("plain.npy", &numbers(20)),
        "--k",
        "3",
        "--json",
    ]));
    let ratio = row["relative_residual"].as_f64().unwrap()
        / plain["fits"][0]["relative_residual"].as_f64().unwrap();
    assert!((ratio - 1.0).abs() < 1e-12, "{ratio}");
}

/// Several tensors: a row each, and the distance over those that were fitted.
#[test]
fn several_matrices_have_a_distance() {
    let output = fit(&[
        "fixtures/mlp-short.npz",
        "--k",
        "40",
        "--no-controls",
        "--json",
    ]);
    let found = json(&output);
    let rows = found["fits"].as_array().unwrap();
    let fitted: Vec<f64> = rows
        .iter()
        .filter_map(|row| row["distance"].as_f64())
        .collect();
    assert!(rows.len() == 6 && fitted.len() == 3, "{found}");
    let mean = found["distance"]["mean"].as_f64().unwrap();
    assert!((mean - fitted.iter().sum::<f64>() / 3.0).abs() < 1e-12 * mean);
    let largest = fitted.iter().copied().fold(0.0, f64::max);
    assert_eq!(found["distance"]["maximum"].as_f64(), Some(largest));
    for format in ["table", "csv", "jsonl", "parquet"] {
        let output = fit(&[
            "fixtures/mlp-short.npz",
            "--k",
            "40",
            "--no-controls",
            "--format",
            format,
        ]);
        assert!(
            output.status.success() && output.stdout.len() > 400,
            "{format}"
        );
    }
}

/// Ctrl-C keeps the best fit so far and says so.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_fit_keeps_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("fit.json");
    let child = fit_basis()
        .args([
            "--p",
            "4",
            "--k",
            "30",
            "--restarts",
            "50",
            "--json",
            FIXTURE,
            "-o",
        ])
        .arg(&out)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    listens(&child);
    work(&child);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("best fit so far"),
        "{output:?}"
    );
    let found: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(found["complete"], false);
    let row = &found["fits"][0];
    assert_eq!(row["stopped"], "interrupted");
    assert!(row["relative_residual"].as_f64().unwrap() < 1.0);
}
