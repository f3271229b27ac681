//! Where results go: no input is replaced, no complete result by a part of one, and nothing in a name reaches the terminal
//! as it is.
#![cfg(unix)]

use crate::common::command::{spectra_in, stderr as said};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn spectra(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = spectra_in(folder);
    command.args(arguments);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    spectra(folder, arguments).output().unwrap()
}

/// The one sentence of a command that refuses.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert_eq!(text.lines().count(), 1, "{arguments:?}: {text}");
    text
}

/// A safetensors file of one matrix of this name, 6 x 4.
fn safetensors(name: &str, scale: f64) -> Vec<u8> {
    let values: Vec<u8> = (0..24)
        .flat_map(|i| (scale * (f64::from(i) * 1.7).sin()).to_le_bytes())
        .collect();
    let view =
        safetensors::tensor::TensorView::new(safetensors::tensor::Dtype::F64, vec![6, 4], &values);
    safetensors::serialize([(name, view.unwrap())], None).unwrap()
}

/// A model in two shards behind an index, the second shard a link into a store.
fn sharded() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model");
    std::fs::create_dir_all(model.join("store")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(model.join(name), bytes).unwrap();
    write("one.safetensors", &safetensors("a", 1.0));
    write("store/two", &safetensors("b", 2.0));
    std::os::unix::fs::symlink("store/two", model.join("two.safetensors")).unwrap();
    let index = r#"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#;
    write("model.safetensors.index.json", index.as_bytes());
    folder
}

/// Catches an input that a command replaces by its output: a shard of an index, a file behind a link, what a further
/// option reads, a file in the folder of the report.
#[test]
fn no_input_is_replaced() {
    let folder = sharded();
    let root = folder.path();
    std::os::unix::fs::symlink("model/one.safetensors", root.join("link")).unwrap();
    std::fs::write(root.join("roles.toml"), "query = [\"*.wq\"]\n").unwrap();
    let index = "model/model.safetensors.index.json";
    let files = || -> Vec<Vec<u8>> {
        [
            "one.safetensors",
            "store/two",
            "model.safetensors.index.json",
        ]
        .map(|name| std::fs::read(root.join("model").join(name)).unwrap())
        .into()
    };
    let before = files();
    for output in [
        "model/one.safetensors",
        "model/two.safetensors",
        "model/store/two",
        "link",
        index,
    ] {
        for command in [
            &["analyze", index, "-o", output][..],
            &["compare", index, index, "-o", output],
            &["families", index, "-o", output],
            &["sketch", index, "-o", output],
            &["fit-basis", index, "-o", output],
            &["fit-basis", index, "--out", output],
        ] {
            let text = refusal(root, command);
            assert!(text.contains("is an input"), "{text}");
        }
    }
    let roles = [
        "analyze",
        index,
        "--roles",
        "roles.toml",
        "-o",
        "roles.toml",
    ];
    assert!(refusal(root, &roles).contains("is an input"));
    for command in ["analyze", "families", "sketch", "fit-basis"] {
        let text = refusal(root, &[command, index, "--report", "model"]);
        assert!(text.contains("model: holds other files"), "{text}");
    }
    assert_eq!(files(), before);
}

/// Catches a report that replaces another command's, a run's page or files of the user, and a refusal without a way out.
#[test]
fn a_report_keeps_to_its_folder() {
    let folder = sharded();
    let root = folder.path();
    let one = "model/one.safetensors";
    let analyze = ["analyze", one, "--draws", "39", "--report", "out"];
    assert!(run(root, &analyze).status.success());
    std::fs::write(root.join("out/layer-cake.svg"), "mine").unwrap();
    assert!(run(root, &analyze).status.success());
    assert_eq!(
        std::fs::read(root.join("out/layer-cake.svg")).unwrap(),
        b"mine"
    );
    let text = refusal(root, &["sketch", one, "--report", "out"]);
    assert!(
        text.contains("another kind (analysis); choose another folder"),
        "{text}"
    );
    std::fs::create_dir_all(root.join("run/checkpoints")).unwrap();
    std::fs::write(root.join("run/recipe.toml"), "name = \"x\"").unwrap();
    let text = refusal(root, &["analyze", one, "--report", "run"]);
    assert!(text.contains("run: holds other files"), "{text}");
    let text = refusal(
        root,
        &["analyze", one, "-o", "out/layers.json", "--report", "out"],
    );
    assert!(text.contains("holds the file of --output"), "{text}");
}

/// Catches a file of coefficients without any, in place of one with some, and one that is not written because a
/// picture or a page cannot be.
#[test]
fn a_fit_that_failed_replaces_none() {
    let folder = sharded();
    let root = folder.path();
    let one = "model/one.safetensors";
    let fit = |path: &str, more: &[&str]| {
        let arguments = [
            "fit-basis",
            path,
            "--k",
            "3",
            "--no-controls",
            "--device",
            "cpu",
        ];
        run(
            root,
            &[&arguments[..], &["--out", "fit.safetensors"], more].concat(),
        )
    };
    let output = fit(one, &["-o", "fit.json"]);
    assert!(output.status.success(), "{}", said(&output));
    let whole = std::fs::read(root.join("fit.safetensors")).unwrap();
    let result = std::fs::read(root.join("fit.json")).unwrap();
    std::fs::write(root.join("nan.safetensors"), safetensors("a", f64::NAN)).unwrap();
    let output = fit("nan.safetensors", &["-o", "fit.json"]);
    assert_eq!(output.status.code(), Some(2));
    let text = said(&output);
    assert!(text.contains("fit.safetensors is not written"), "{text}");
    assert!(text.contains("lies in fit.failed.json"), "{text}");
    assert_eq!(std::fs::read(root.join("fit.safetensors")).unwrap(), whole);
    assert_eq!(std::fs::read(root.join("fit.json")).unwrap(), result);
    assert!(root.join("fit.failed.json").is_file());
}

/// Catches a comparison that fails and does not say why.
#[test]
fn a_comparison_names_what_it_could_not_read() {
    let folder = sharded();
    let root = folder.path();
    std::fs::write(root.join("nan.safetensors"), safetensors("a", f64::NAN)).unwrap();
    let output = run(
        root,
        &["compare", "nan.safetensors", "model/one.safetensors"],
    );
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("spectra: ") && text.contains("a: ") && text.contains("NaN"),
        "{text}"
    );
}

/// Catches control characters of a name that reach the terminal: of tensors, patterns, files and recipes.
#[test]
fn names_are_inert_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let hostile = "a\u{1b}[31m\nb";
    std::fs::write(root.join("w.safetensors"), safetensors(hostile, f64::NAN)).unwrap();
    std::fs::write(root.join(hostile), b"no weights").unwrap();
    let run_folder = root.join("run");
    std::fs::create_dir_all(run_folder.join("checkpoints")).unwrap();
    let recipe = "name = \"x\"\n[data]\nset = \"a\\u001b[31m\\nb\"\n[training]\niterations = 2\n\
                  [[layer]]\nkind = \"linear\"\noutputs = 10\n";
    std::fs::write(run_folder.join("recipe.toml"), recipe).unwrap();
    for arguments in [
        &["analyze", "w.safetensors", "--no-values"][..],
        &["analyze", "w.safetensors", "--tensor", "[\u{1b}\n"],
        &["rebuild", hostile, "-o", "out.safetensors"],
        &["fit-basis", "w.safetensors", "--out", hostile],
        &["train", hostile],
        &["train", "--resume", "run"],
        &["train", "--resume", hostile],
    ] {
        let output = run(root, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = said(&output);
        assert!(!text.contains('\u{1b}'), "{arguments:?}: {text:?}");
        let lines: Vec<&str> = text.lines().collect();
        let is_ours = |line: &&str| line.starts_with("spectra: ");
        assert!(lines.iter().all(is_ours), "{arguments:?}: {text:?}");
    }
}

/// Catches any number of threads that is started, an option that is refused without its bounds, and one that does
/// nothing.
#[test]
fn threads_are_bounded() {
    let folder = sharded();
    let root = folder.path();
    let analyze = [
        "analyze",
        "model/one.safetensors",
        "--draws",
        "39",
        "--json",
    ];
    for wrong in ["0", "1025", "100000", "x"] {
        let output = run(root, &[&analyze[..], &["--threads", wrong]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(
            said(&output).contains("from 1 to 1024"),
            "{}",
            said(&output)
        );
    }
    let plain = run(root, &analyze);
    let few = run(root, &[&["--threads", "3"], &analyze[..]].concat());
    assert!(few.status.success() && few.stdout == plain.stdout);
    let mut command = spectra(root, &["inspect", "model/one.safetensors"]);
    let many = command.env("RAYON_NUM_THREADS", "100000").output().unwrap();
    assert!(many.status.success());
    assert!(said(&many).contains("1024 threads"), "{}", said(&many));
}

/// Catches a link to nothing that is replaced by the output.
#[test]
fn a_dangling_link_stays_a_link() {
    let folder = sharded();
    let root = folder.path();
    std::os::unix::fs::symlink("elsewhere.json", root.join("out.json")).unwrap();
    let one = "model/one.safetensors";
    let output = run(
        root,
        &["analyze", one, "--draws", "39", "--json", "-o", "out.json"],
    );
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        std::fs::read_link(root.join("out.json")).unwrap(),
        PathBuf::from("elsewhere.json")
    );
    assert!(root.join("elsewhere.json").is_file());
}
