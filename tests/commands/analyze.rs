//! The commands as a user runs them: exit status, one sentence for what is wrong, nothing
//! half-written, the same bytes for the same input.

use crate::common::command::{json, spectra, text};
use crate::common::files::{npy, write as file};
use crate::common::wait::until_soon;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    spectra().args(arguments).output().unwrap()
}

/// The one row of a matrix analysed by the command.
fn row(shape: &str, data: &[f64]) -> (Value, Output) {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "w.npy", &npy(shape, data));
    let output = run(&["analyze", &path, "--json", "--draws", "39"]);
    (json(&output)["layers"][0].clone(), output)
}

/// Catches a skipped row with numbers, a lost block and a pair without its ratios.
#[test]
fn rows_have_their_numbers() {
    let output = run(&["analyze", "fixtures/lenet-b4.safetensors", "--json"]);
    assert!(output.status.success());
    let found = json(&output);
    let layers = found["layers"].as_array().unwrap();
    let row = |name: &str| layers.iter().find(|layer| layer["name"] == name).unwrap();
    let ip1 = row("ip1.weight");
    for (part, key) in [
        ("marchenko_pastur", "ks_distance"),
        ("power_law", "alpha"),
        ("random_baseline", "mean_distance"),
    ] {
        assert!(ip1[part][key].is_number(), "{part} {key}");
    }
    assert_eq!(ip1["blocks"]["count"], 4);
    let bias = row("ip1.bias");
    assert!(bias["status"] == "skipped" && bias["variance"].is_null());

    let output = run(&[
        "compare",
        "fixtures/lenet-b1.safetensors",
        "fixtures/lenet-b4.safetensors",
        "--json",
    ]);
    let pairs = json(&output)["pairs"].as_array().unwrap().clone();
    let ip1 = pairs.iter().find(|p| p["name"] == "ip1.weight").unwrap();
    for key in ["variance_ratio", "expected_ratio", "mean_distance"] {
        assert!(ip1[key].is_number(), "{key}");
    }
    assert_eq!(ip1["ratios"].as_array().unwrap().len(), 160);
}

/// A stack of blocks and the same blocks found in a full matrix are one layer: catches a variance
/// over the zeros outside, or blocks in another order.
#[test]
fn stored_and_found_blocks_agree() {
    let ip1 = |path| {
        let found = json(&run(&["analyze", path, "--json", "--tensor", "ip1.weight"]));
        found["layers"][0].clone()
    };
    let stored = ip1("fixtures/lenet-b4.safetensors");
    let found = ip1("fixtures/lenet-b4-dense.npz");
    assert_eq!(found["blocks"]["source"], "exact");
    for key in [
        "variance",
        "singular_values",
        "power_law",
        "random_baseline",
    ] {
        assert_eq!(stored[key], found[key], "{key}");
    }
}

/// Catches results that depend on the number of threads, or on the run.
#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let outputs: Vec<Vec<(PathBuf, Vec<u8>)>> = ["1", "2", "3"]
        .map(|threads| {
            let report = folder.path().join(threads);
            let output = spectra()
                .args(["analyze", "fixtures/mlp-short.npz", "--json", "--report"])
                .arg(&report)
                .env("RAYON_NUM_THREADS", threads)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            let mut files: Vec<_> = std::fs::read_dir(&report)
                .unwrap()
                .map(|e| e.unwrap().path())
                .map(|p| (p.file_name().unwrap().into(), std::fs::read(p).unwrap()))
                .collect();
            files.sort();
            files.push(("stdout".into(), output.stdout));
            files
        })
        .into();
    assert!(
        outputs[0]
            .iter()
            .any(|(name, _)| name == Path::new("index.html"))
    );
    for other in &outputs[1..] {
        assert_eq!(outputs[0].len(), other.len());
        for (a, b) in outputs[0].iter().zip(other) {
            assert_eq!(a.0, b.0);
            assert!(a.1 == b.1, "{} differs", a.0.display());
        }
    }
}

/// Catches a NaN that is averaged away, or that ends the run.
#[test]
fn a_matrix_with_nan_is_marked_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name).to_str().unwrap().to_string();
    let mut bad = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0];
    bad[4] = f64::NAN;
    bad[5] = f64::INFINITY;
    file(folder.path(), "a.npy", &npy("(2, 3)", &bad));
    file(
        folder.path(),
        "b.npy",
        &npy("(2, 3)", &[1.0, 2.0, 3.0, 4.0, 5.0, 7.0]),
    );
    let output = run(&["analyze", &path(""), "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let found = json(&output);
    assert_eq!(found["layers"][0]["status"], "failed");
    let reason = found["layers"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "2 entries are NaN or infinite, the first at [1, 1]");
    assert_eq!(found["layers"][1]["status"], "analyzed");
    assert!(text(&output.stderr).contains("a.npy: a: 2 entries"));
    let output = run(&["analyze", &path(""), "--json", "--keep-going"]);
    assert_eq!(output.status.code(), Some(0));
}

/// One sentence, status 2, nothing on standard output and no file.
#[test]
fn what_cannot_be_read_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.json");
    let cut = &npy("(4, 4)", &[1.0; 16])[..100];
    let cases = [
        file(folder.path(), "empty.npy", b""),
        file(folder.path(), "cut.npy", cut),
        file(folder.path(), "text.npy", b"hello, this is no array at all"),
        "no/such/file.npy".to_string(),
        "/dev/zero".to_string(),
    ];
    for path in cases {
        let output = run(&[
            "analyze",
            &path,
            "--json",
            "--output",
            out.to_str().unwrap(),
        ]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(output.stdout.is_empty() && !out.exists(), "{path}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(
            message.starts_with("spectra: ") && message.contains(path.rsplit('/').next().unwrap())
        );
    }
}

/// Catches a result written where it cannot be, without a word or with a panic.
#[test]
fn an_output_that_cannot_be_written_is_one_sentence() {
    let output = run(&[
        "analyze",
        "fixtures/mnist-linear.npy",
        "--json",
        "-o",
        "no/such/folder/x.json",
    ]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        message.contains("no/such/folder/x.json: its folder does not exist"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
}

/// `spectra analyze … | head`: catches a panic on a closed pipe.
#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child = spectra()
        .args(["analyze", "fixtures/mlp-short.npz", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

/// Degenerate values have defined answers: catches divisions by zero and overflow when squared.
#[test]
fn odd_values_have_defined_answers() {
    let is = |row: &Value, kind: &str| assert_eq!(row["verdict"]["kind"], kind, "{row}");
    let (zero, output) = row("(3, 4)", &[0.0; 12]);
    assert!(output.status.success());
    is(&zero, "degenerate");
    assert!(zero["stable_rank"].is_null() && zero["marchenko_pastur"].is_null());
    assert_eq!(zero["rank"], 0);

    let (constant, _) = row("(12, 15)", &[0.3; 180]);
    is(&constant, "degenerate");
    assert_eq!(constant["rank"], 1);
    assert!(constant["random_baseline"].is_null() && constant["kurtosis"].is_null());

    let outer: Vec<f64> = (0..120)
        .map(|k| (1.0 + (k / 12) as f64) * (k % 12) as f64)
        .collect();
    let (rank_one, _) = row("(10, 12)", &outer);
    is(&rank_one, "low_rank");
    assert_eq!(rank_one["rank"], 1);

    let (one, _) = row("(1, 1)", &[3.0]);
    assert_eq!(one["status"], "skipped");
    let (empty, output) = row("(0, 5)", &[]);
    assert_eq!(empty["status"], "skipped");
    assert!(output.status.success());
}

/// Subnormal and huge entries get a report like any others: catches a plot whose ticks never end.
#[test]
fn the_ends_of_the_range_have_a_report() {
    let folder = tempfile::tempdir().unwrap();
    for (name, unit) in [("small.npy", 4e-320), ("large.npy", 1e304)] {
        let data: Vec<f64> = (0..240)
            .map(|k| unit * f64::from((k * k + 7) % 31 - 15))
            .collect();
        let path = file(folder.path(), name, &npy("(12, 20)", &data));
        let report = folder.path().join("report");
        let output = run(&[
            "analyze",
            &path,
            "--json",
            "--report",
            report.to_str().unwrap(),
        ]);
        assert!(output.status.success(), "{output:?}");
        let largest = json(&output)["layers"][0]["spectral_norm"].as_f64();
        assert!(largest.is_some_and(|s| s > unit), "{largest:?}");
        let variance = &json(&output)["layers"][0]["variance"];
        assert!(variance.is_null(), "{variance}");
        assert!(
            text(&output.stderr).contains("1 layers have no SVG"),
            "{output:?}"
        );
    }
}

/// Scaling by a power of two scales the result and changes nothing else, up to where the entries
/// leave the range of their squares. Catches absolute cut-offs and overflow.
#[test]
fn scaling_the_weights_changes_no_ratio() {
    let mut state = 1u64;
    let data: Vec<f64> = (0..20 * 30)
        .map(|_| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        })
        .collect();
    let scaled = |exponent: i32| {
        let data: Vec<f64> = data.iter().map(|x| x * 2f64.powi(exponent)).collect();
        row("(20, 30)", &data).0
    };
    let reference = scaled(0);
    for exponent in [-900, -40, 60, 1000] {
        let other = scaled(exponent);
        for key in [
            "kurtosis",
            "rank",
            "stable_rank",
            "effective_rank",
            "participation_ratio",
            "condition_number",
            "energy",
            "verdict",
        ] {
            assert_eq!(reference[key], other[key], "{key} at 2^{exponent}");
        }
        for (group, key) in [
            ("marchenko_pastur", "ks_distance"),
            ("marchenko_pastur", "ks_p_value"),
            ("fitted_bulk", "ks_distance"),
            ("power_law", "alpha"),
            ("power_law", "ks_distance"),
            ("random_baseline", "mean_distance"),
            ("random_baseline", "ratios"),
        ] {
            assert_eq!(
                reference[group][key], other[group][key],
                "{group} {key} at 2^{exponent}"
            );
        }
        let factor = 2f64.powi(exponent);
        let largest = |row: &Value| row["spectral_norm"].as_f64().unwrap();
        // The parser used here is right to the last bit but one.
        let ratio = largest(&reference) * factor / largest(&other);
        assert!((ratio - 1.0).abs() <= 2.0 * f64::EPSILON, "{ratio}");
    }
}

/// Catches a name that reaches the terminal with its escape codes.
#[test]
fn hostile_names_are_shown_inert() {
    let folder = tempfile::tempdir().unwrap();
    let name = "\\u001b[31mred\\u202e</script>";
    let header = format!(r#"{{"{name}":{{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]}}}}"#);
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([1.0f64, 2.0, 3.0, 5.0].iter().flat_map(|x| x.to_le_bytes()));
    let path = file(folder.path(), "names.safetensors", &bytes);
    for arguments in [
        vec!["analyze", &path],
        vec!["inspect", &path],
        vec!["analyze", &path, "--json"],
    ] {
        let output = run(&arguments);
        assert!(output.status.success(), "{output:?}");
        let shown = text(&output.stdout);
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
        assert!(shown.contains("red"), "{shown}");
    }
}

/// A checkpoint beside itself at initialisation is as random as chance has it, in blocks or not:
/// catches R of another level than the blocks'.
#[test]
fn random_blocks_are_no_farther_than_chance() {
    let start = "fixtures/lenet-b20-step00000.safetensors";
    let output = run(&["compare", start, start, "--json", "--tensor", "ip1.weight"]);
    let pair = &json(&output)["pairs"][0];
    let number = |key: &str| pair[key].as_f64().unwrap();
    assert_eq!(
        (number("variance_ratio"), number("expected_level")),
        (1.0, 1.0)
    );
    assert!(
        number("mean_distance") < 2.0 * number("chance_distance"),
        "{pair}"
    );
}

/// Catches a device that a result replaces, and an input that it overwrites.
#[test]
fn an_output_spares_devices_and_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "w.npy", &npy("(8, 9)", &[1.0; 72]));
    let before = std::fs::read(&path).unwrap();
    let output = run(&["analyze", &path, "--json", "-o", &path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is an input"));
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let device = Path::new("/dev/full");
    if device.exists() {
        let output = run(&["analyze", &path, "--json", "-o", "/dev/full"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("/dev/full: cannot be written"));
        assert!(device.exists() && !device.is_file());
    }
}

/// Killed while it writes, the old result or the new one is there, never a mix: catches a result
/// written in place.
#[test]
fn a_killed_run_leaves_the_old_result_or_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    let old = r#"{"layers": "old"}"#;
    for _ in 0..20 {
        std::fs::write(&path, old).unwrap();
        let mut child = spectra()
            .args(["analyze", "fixtures/mlp-short.npz", "--json", "-o"])
            .arg(&path)
            .spawn()
            .unwrap();
        until_soon("a result that is being written", || {
            let names = std::fs::read_dir(folder.path()).unwrap();
            let mut names = names.flatten().map(|entry| entry.file_name());
            names.any(|name| name.to_string_lossy().starts_with(".spectra-"))
                || child.try_wait().unwrap().is_some()
        });
        let _ = child.kill();
        child.wait().unwrap();
        let found: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let layers = &found["layers"];
        assert!(layers == "old" || layers.as_array().is_some_and(|l| l.len() == 6));
    }
}

/// With little memory each row says what it lacks: catches an abort in the midst.
#[cfg(target_os = "linux")]
#[test]
fn little_memory_is_a_reason() {
    let limited = "ulimit -v 250000 && exec \"$0\" analyze fixtures/mlp-short.npz --json";
    let output = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_spectra")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("more than is free; one thread takes less"));
    assert_eq!(json(&output)["layers"][0]["status"], "failed");
}

/// One large entry is no block: catches a layer whose other entries are left out.
#[test]
fn a_large_entry_makes_no_blocks() {
    let mut data: Vec<f64> = (0..256)
        .map(|k| f64::from((k * k + 3) % 17) - 8.0)
        .collect();
    data[0] = 5e4;
    let (row, _) = row("(16, 16)", &data);
    assert!(row["blocks"].is_null(), "{}", row["blocks"]);
    let identity: Vec<f64> = (0..256).map(|k| f64::from(k % 17 == 0)).collect();
    let (row, _) = self::row("(16, 16)", &identity);
    assert!(row["blocks"].is_null(), "{}", row["blocks"]);
}

/// Catches a selection that matches nothing and says nothing.
#[test]
fn a_pattern_without_a_match_is_said() {
    let output = run(&["analyze", "fixtures/mlp-short.npz", "--tensor", "nothing*"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--tensor"));
}

/// Every format holds every tensor: catches a row lost on the way to a table.
#[test]
fn every_format_has_every_row() {
    let path = "fixtures/lenet-b1.safetensors";
    let rows = json(&run(&["inspect", path, "--json"]))["tensors"]
        .as_array()
        .unwrap()
        .len();
    let lines = |format| {
        text(&run(&["analyze", path, "--format", format]).stdout)
            .lines()
            .count()
    };
    assert_eq!(lines("jsonl"), rows);
    assert_eq!(lines("csv"), rows + 1);
    let parquet = run(&["analyze", path, "--format", "parquet"]).stdout;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let all = text(&run(&["analyze", path, "--all"]).stdout);
    assert_eq!(all.matches("skipped: a vector").count(), rows / 2, "{all}");
    let folded = text(&run(&["analyze", path]).stdout);
    assert!(!folded.contains("skipped: a vector"), "{folded}");
    let line = format!("{0} skipped: {0} vectors; --all lists them\n", rows / 2);
    assert!(folded.contains(&line), "{folded}");
}

/// Catches a pattern that leaves out too little or too much, in the commands that read tensors.
#[test]
fn excluded_tensors_have_no_row() {
    let path = "fixtures/lenet-b1.safetensors";
    for arguments in [
        vec!["analyze", path, "--json", "--draws", "39"],
        vec!["inspect", path, "--json"],
    ] {
        let mut arguments = arguments;
        arguments.extend(["--exclude", "*.bias", "--exclude", "conv?.*"]);
        let found = json(&run(&arguments));
        let rows = found["layers"]
            .as_array()
            .or(found["tensors"].as_array())
            .unwrap()
            .clone();
        let names: Vec<&str> = rows
            .iter()
            .map(|row| row["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["ip1.weight", "ip2.weight"]);
    }
    let output = run(&["analyze", path, "--exclude", "*"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("not --exclude"), "{output:?}");
    let output = run(&["analyze", path, "--exclude", "["]);
    assert!(text(&output.stderr).contains("--exclude"), "{output:?}");
}

/// Catches rows in another order than asked for, a column that is sorted by and not shown, and a wrong name of a
/// column without the right ones.
#[test]
fn rows_are_sorted_as_asked() {
    let path = "fixtures/mlp-short.npz";
    let order = |sort: &str| -> Vec<String> {
        let table = text(&run(&["analyze", path, "--draws", "39", "--sort", sort]).stdout);
        let rows = table.lines().skip(1).take_while(|line| !line.is_empty());
        rows.map(|line| line.split_whitespace().next().unwrap().to_owned())
            .collect()
    };
    let file = order("file");
    assert_eq!(file.len(), 3, "{file:?}");
    let mut names = file.clone();
    names.sort();
    assert_eq!(order("name"), names);
    let found = json(&run(&["analyze", path, "--json", "--draws", "39"]));
    let number = |name: &String, key: &str| {
        let layers = found["layers"].as_array().unwrap();
        layers.iter().find(|l| l["name"] == *name).unwrap()[key]
            .as_f64()
            .unwrap()
    };
    for (sort, key) in [
        ("s1", "spectral_norm"),
        ("rank", "effective_rank"),
        ("parameters", "parameters"),
    ] {
        let values: Vec<f64> = order(sort).iter().map(|name| number(name, key)).collect();
        assert!(values.is_sorted_by(|a, b| a >= b), "{sort}: {values:?}");
    }
    let table = text(&run(&["analyze", path, "--draws", "39", "--sort", "distance"]).stdout);
    assert!(
        table.lines().next().unwrap().contains("distance"),
        "{table}"
    );
    let output = run(&["analyze", path, "--sort", "size"]);
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    for choice in [
        "file",
        "name",
        "spikes",
        "alpha",
        "s1",
        "rank",
        "parameters",
    ] {
        assert!(message.contains(choice), "{message}");
    }
    let output = run(&["analyze", path, "--sort", "s1", "--json"]);
    assert_eq!(output.status.code(), Some(2));
}

/// Catches layers of one name in several files that the summary does not tell apart, and rows wider than a terminal.
#[test]
fn layers_of_several_files_are_named_with_them() {
    let files = ["fixtures/mlp-short.npz", "fixtures/mlp-long.safetensors"];
    let analyze = |more: &[&str]| {
        let options = ["analyze", "--draws", "39", "--tensor", "fc[23].*"];
        run(&[&options[..], &files[..], more].concat())
    };
    let table = text(&analyze(&[]).stdout);
    let found = json(&analyze(&["--json"]));
    // The first of each list is named in the table, whatever was found.
    for list in ["like_noise", "compressible", "suspicious"] {
        let first = &found["summary"][list][0];
        if let (Some(name), Some(file)) = (first["name"].as_str(), first["file"].as_str()) {
            let named = format!("{name} of {}", file.rsplit('/').next().unwrap());
            assert!(table.contains(&named), "{list}, {named}: {table}");
        }
    }
    let widest = table.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(120), "{table}");
}

/// Catches a summary whose counts are not those of the rows, roles of one's own that are not read, and a file of
/// roles that is none.
#[test]
fn the_summary_counts_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let roles = file(folder.path(), "roles.toml", b"dense = [\"ip?.weight\"]\n");
    let path = "fixtures/lenet-b1.safetensors";
    let found = json(&run(&[
        "analyze", path, "--json", "--draws", "39", "--roles", &roles,
    ]));
    let (summary, layers) = (&found["summary"], found["layers"].as_array().unwrap());
    let analyzed: Vec<&Value> = layers
        .iter()
        .filter(|l| l["status"] == "analyzed")
        .collect();
    assert_eq!(summary["matrices"], analyzed.len());
    let verdicts = summary["verdicts"].as_array().unwrap();
    let counted: u64 = verdicts
        .iter()
        .map(|v| v["matrices"].as_u64().unwrap())
        .sum();
    assert_eq!(counted as usize, analyzed.len());
    let keys: Vec<&str> = summary["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["role"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["dense", "convolution"]);
    assert_eq!(found["settings"]["roles"]["dense"][0], "ip?.weight");
    let table = text(&run(&["analyze", path, "--draws", "39", "--roles", &roles]).stdout);
    assert!(
        table.contains("parameters in 8 tensors") && table.contains("\ndense "),
        "{table}"
    );
    let bad = file(folder.path(), "bad.toml", b"dense = 3\n");
    let output = run(&["analyze", path, "--roles", &bad]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("bad.toml: is no table of roles"),
        "{output:?}"
    );
}

/// One entry far outside all others is set aside and named: catches a heavy entry that is taken for structure,
/// and a mean that is taken for a heavy entry.
#[test]
fn a_heavy_entry_is_set_aside() {
    let mut state = 7u64;
    let mut data: Vec<f64> = (0..40 * 60)
        .map(|_| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        })
        .collect();
    let outlying = |data: &[f64]| row("(40, 60)", data).0["cleaning"]["outlying_at"].clone();
    let none = Value::Array(vec![]);
    assert_eq!(outlying(&data), none);
    let shifted: Vec<f64> = data.iter().map(|x| x + 0.5).collect();
    assert_eq!(outlying(&shifted), none, "a mean is no heavy entry");
    data[777] = 20.0;
    assert_eq!(outlying(&data), serde_json::json!([[12, 57]]));
}
