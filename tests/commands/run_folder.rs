//! The folder of a training: when it is finished, what `--resume` completes, and what it falls back to.
#![cfg(unix)]

use crate::common::command::{self, spectra_in, stderr as said};
use crate::common::wait::{signal, until};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

const RECIPE: &str = r#"
name = "small"
seed = 3
[data]
set = "digits"
train = 64
[training]
iterations = 8
batch = 8
rate = { schedule = "fixed", base = 0.01 }
[record]
every = 2
checkpoint = 2
[[layer]]
kind = "linear"
outputs = 10
"#;

fn prepared(recipe: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    folder
}

/// Returns what a command said that must have succeeded.
#[track_caller]
fn succeed(output: Output) -> String {
    said(&command::succeed(output))
}

fn train(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = spectra_in(folder);
    command
        .arg("train")
        .args(arguments)
        .args(["--device", "cpu"]);
    command
}

fn trained() -> TempDir {
    let folder = prepared(RECIPE);
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    folder
}

fn checkpoint(run: &Path, step: u64) -> PathBuf {
    run.join(format!("checkpoints/step-{step:08}.safetensors"))
}

/// Catches a run that is called finished although its page, its weights or its record are missing, and one that is
/// trained anew to make them.
#[test]
fn resuming_completes_what_is_missing() {
    let folder = trained();
    let run = folder.path().join("run");
    let weights = std::fs::read(run.join("weights.safetensors")).unwrap();
    let rows = std::fs::read(run.join("rows.jsonl")).unwrap();
    let names: Vec<PathBuf> = [
        "index.html",
        "weights.safetensors",
        "record.json",
        "record.parquet",
    ]
    .map(|name| run.join(name))
    .into();
    let pictures = std::fs::read_dir(&run).unwrap();
    let pictures = pictures.map(|entry| entry.unwrap().path());
    let picture = pictures.filter(|path| path.extension().is_some_and(|end| end == "svg"));
    for missing in names.into_iter().chain(picture.take(1)) {
        std::fs::remove_file(&missing).unwrap();
        let text = succeed(train(folder.path(), &["--resume", "run"]));
        assert!(text.contains("page: "), "{missing:?}: {text}");
        assert!(missing.is_file(), "{missing:?}");
        assert_eq!(
            std::fs::read(run.join("weights.safetensors")).unwrap(),
            weights
        );
        assert_eq!(std::fs::read(run.join("rows.jsonl")).unwrap(), rows);
        let text = succeed(train(folder.path(), &["--resume", "run"]));
        assert!(text.contains("is finished"), "{text}");
    }
}

/// Catches a damaged checkpoint that ends a run for ever, or whose damage is trained on with: in its numbers, its
/// header or its length.
#[test]
fn a_damaged_checkpoint_is_passed_over() {
    let folder = trained();
    let run = folder.path().join("run");
    let weights = std::fs::read(run.join("weights.safetensors")).unwrap();
    let last = checkpoint(&run, 8);
    let sound = std::fs::read(&last).unwrap();
    let header = 8 + u64::from_le_bytes(sound[..8].try_into().unwrap()) as usize;
    let flipped = |place: usize| {
        let mut bytes = sound.clone();
        bytes[place] ^= 1;
        bytes
    };
    let text = String::from_utf8_lossy(&sound[..header]).into_owned();
    let digit = text.find("iteration = 8").unwrap() + "iteration = ".len();
    for damaged in [
        flipped(sound.len() - 1),
        flipped(header + 3),
        flipped(digit),
        sound[..sound.len() / 2].to_vec(),
        Vec::new(),
    ] {
        std::fs::write(&last, &damaged).unwrap();
        std::fs::remove_file(run.join("index.html")).unwrap();
        let text = succeed(train(folder.path(), &["--resume", "run"]));
        assert!(
            text.contains("step-00000008") && text.contains("damaged"),
            "{text}"
        );
        assert_eq!(
            std::fs::read(run.join("weights.safetensors")).unwrap(),
            weights
        );
        assert_eq!(std::fs::read(&last).unwrap(), sound);
    }
    for step in [0, 2, 4, 6, 8] {
        std::fs::write(checkpoint(&run, step), "damaged").unwrap();
    }
    std::fs::remove_file(run.join("index.html")).unwrap();
    let output = train(folder.path(), &["--resume", "run"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("damaged"), "{}", said(&output));
}

/// Catches a folder that died before its recipe and that neither a new run nor `--resume` takes, one that died
/// before its first checkpoint, and temporary files that stay.
#[test]
fn a_folder_that_died_early_is_taken_up() {
    let reference = trained();
    let weights = |folder: &Path| std::fs::read(folder.join("run/weights.safetensors")).unwrap();
    let folder = prepared(RECIPE);
    let run = folder.path().join("run");
    std::fs::create_dir_all(run.join("checkpoints")).unwrap();
    std::fs::write(run.join("lock"), "").unwrap();
    std::fs::write(run.join(".spectra-AbCdEf.tmp"), "name = ").unwrap();
    let output = train(folder.path(), &["--resume", "run"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("start the training anew"),
        "{}",
        said(&output)
    );
    succeed(train(folder.path(), &["recipe.toml", "--out", "run"]));
    assert_eq!(weights(folder.path()), weights(reference.path()));
    assert!(!run.join(".spectra-AbCdEf.tmp").exists());

    let folder = prepared(RECIPE);
    let run = folder.path().join("run");
    std::fs::create_dir_all(run.join("checkpoints")).unwrap();
    std::fs::copy(
        reference.path().join("run/recipe.toml"),
        run.join("recipe.toml"),
    )
    .unwrap();
    let left = run.join("checkpoints/.spectra-AbCdEf.tmp");
    std::fs::write(&left, "half").unwrap();
    succeed(train(folder.path(), &["--resume", "run"]));
    assert_eq!(weights(folder.path()), weights(reference.path()));
    assert!(!left.exists());
}

fn start(folder: &Path, arguments: &[&str], with: &[&str]) -> Child {
    let train = command(folder, arguments);
    let mut wrapped = Command::new(with[0]);
    wrapped
        .args(&with[1..])
        .arg(train.get_program())
        .args(train.get_args())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = wrapped.spawn().unwrap();
    let second = checkpoint(&folder.join("run"), 2);
    until("a checkpoint", || second.exists());
    child
}

/// Catches a session that ends or a machine that shuts down and costs the steps since the last checkpoint. The tests
/// may themselves run under nohup.
#[cfg(target_os = "linux")]
#[test]
fn a_termination_writes_a_checkpoint_first() {
    for name in ["TERM", "HUP", "INT"] {
        let folder = prepared(&RECIPE.replace("iterations = 8", "iterations = 1000000"));
        let child = start(
            folder.path(),
            &["recipe.toml", "--out", "run"],
            &["env", "--default-signal"],
        );
        signal(&child, &format!("-{name}"));
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
        assert!(
            said(&output).contains("--resume run goes on"),
            "{}",
            said(&output)
        );
        let record = std::fs::read(folder.path().join("run/record.json")).unwrap();
        let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
        assert_eq!(record["ended"]["how"], "interrupted");
        let made = record["iterations"].as_u64().unwrap();
        assert!(
            checkpoint(&folder.path().join("run"), made).exists(),
            "{made}"
        );
    }
}

/// Catches a training under nohup that ends with its terminal all the same.
#[cfg(target_os = "linux")]
#[test]
fn nohup_keeps_a_training() {
    let folder = prepared(&RECIPE.replace("iterations = 8", "iterations = 1000000"));
    let mut child = start(folder.path(), &["recipe.toml", "--out", "run"], &["nohup"]);
    signal(&child, "-HUP");
    let run = folder.path().join("run");
    let seen = std::fs::read_dir(run.join("checkpoints")).unwrap().count();
    until("two more checkpoints", || {
        std::fs::read_dir(run.join("checkpoints")).unwrap().count() >= seen + 2
    });
    child.kill().unwrap();
    child.wait().unwrap();
}
