//! `spectra watch`: checkpoints as a training writes them.

use crate::common::command::{json, sentence, spectra, spectra_in, stderr, stdout, succeed, text};
use crate::common::wait;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const SHORT: &str = "fixtures/mlp-short.npz";
const LONG: &str = "fixtures/mlp-long.safetensors";

/// Puts a fixture into the folder of a run.
fn write(run: &TempDir, name: &str, fixture: &str) {
    let path = run.path().join("run").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(path, fs::read(root.join(fixture)).unwrap()).unwrap();
}

fn watch(run: &TempDir, arguments: &[&str]) -> Command {
    let mut command = spectra_in(run.path());
    command
        .args(["watch", "run", "--draws", "39"])
        .args(arguments);
    command
}

fn lines(path: &Path) -> Vec<Value> {
    let log = fs::read_to_string(path).unwrap();
    log.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Would catch numbers that are not those of `analyze`, a checkpoint that is analysed twice or not at all, an order that is
/// not that of the steps, and files without matrices that get lines.
#[test]
fn each_checkpoint_has_one_line_with_the_numbers_of_analyze() {
    let run = tempfile::tempdir().unwrap();
    write(&run, "checkpoint-1000/model.safetensors", LONG);
    write(&run, "checkpoint-200/model.npz", SHORT);
    let scalar = spectra::random::Stream::new(1, &[]).normal();
    let state = crate::common::files::npy("()", &[scalar]);
    fs::write(run.path().join("run/checkpoint-200/scheduler.npy"), state).unwrap();
    let once = ["--once", "--output", "log.jsonl"];
    let output = watch(&run, &once).output().unwrap();
    let said = stdout(&output);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(
        stderr(&output).contains("scheduler.npy: no matrices"),
        "{}",
        stderr(&output)
    );
    let log = lines(&run.path().join("log.jsonl"));
    let steps: Vec<&Value> = log.iter().map(|line| &line["step"]).collect();
    assert_eq!(steps, [200, 1000]);
    let analysis = spectra()
        .args(["analyze", LONG, "--json", "--draws", "39"])
        .output()
        .unwrap();
    let analysis = json(&analysis);
    let rows = analysis["layers"].as_array().unwrap().iter();
    let rows: Vec<&Value> = rows.filter(|row| row["status"] == "analyzed").collect();
    let layers = log[1]["layers"].as_array().unwrap();
    assert_eq!(layers.len(), rows.len());
    for (layer, row) in layers.iter().zip(rows) {
        for key in [
            "name",
            "role",
            "spectral_norm",
            "frobenius_norm",
            "effective_rank",
            "stable_rank",
        ] {
            assert_eq!(layer[key], row[key], "{key}");
        }
        assert_eq!(layer["verdict"], row["verdict"]["text"]);
        assert_eq!(layer["alpha"], row["power_law"]["alpha"]);
        assert_eq!(layer["distance"], row["random_baseline"]["mean_distance"]);
        assert_eq!(
            layer["spikes"].as_f64(),
            row["fitted_bulk"]["spikes"].as_f64()
        );
    }
    let again = watch(&run, &once).output().unwrap();
    assert_eq!(stdout(&again), "");
    write(&run, "checkpoint-1500/model.npz", SHORT);
    let added = watch(&run, &once).output().unwrap();
    assert!(stdout(&added).contains("step 1500"), "{added:?}");
    assert_eq!(lines(&run.path().join("log.jsonl")).len(), 3);
}

/// Would catch a watch that goes on after Ctrl-C or fails then, a checkpoint written while it runs that is missed or read
/// when it is half there, a page that goes on loading itself, and curves that are not written.
#[test]
fn a_watch_sees_what_is_written_and_ends_when_it_is_asked_to() {
    let run = tempfile::tempdir().unwrap();
    let mut child = watch(
        &run,
        &[
            "--every",
            "1",
            "--output",
            "log.jsonl",
            "--report",
            "out",
            "--tensorboard",
            "tb",
        ],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let page = run.path().join("out/index.html");
    wait::until("a first page", || page.exists());
    assert!(
        fs::read_to_string(&page)
            .unwrap()
            .contains("http-equiv=\"refresh\" content=\"1\"")
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let whole = fs::read(root.join(LONG)).unwrap();
    let path = run.path().join("run/model_7.safetensors");
    fs::create_dir(run.path().join("run")).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut file, &whole[whole.len() / 2..]).unwrap();
    drop(file);
    let log = run.path().join("log.jsonl");
    wait::until("a line", || {
        fs::read_to_string(&log).is_ok_and(|log| log.ends_with('\n'))
    });
    wait::signal(&child, "-INT");
    let output = child
        .wait()
        .map(|_| ())
        .and_then(|()| child.wait_with_output())
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(
        text(&output.stdout).contains("step 7  model_7.safetensors"),
        "{output:?}"
    );
    let log = lines(&log);
    assert_eq!(
        (log.len(), log[0]["bytes"].as_u64()),
        (1, Some(whole.len() as u64))
    );
    let html = fs::read_to_string(&page).unwrap();
    assert!(!html.contains("http-equiv=\"refresh\""));
    assert!(html.contains("1 checkpoint of 3 layers, the last one of step 7"));
    let events = fs::read_dir(run.path().join("tb"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let bytes = fs::read(events.path()).unwrap();
    let tag = b"spectra/fc1.weight/spectral_norm";
    assert!(bytes.windows(tag.len()).any(|window| window == tag));
}

/// Would catch a damaged checkpoint that ends the run for the others or passes in silence, and an exit status that is not what
/// the help says.
#[test]
fn a_damaged_checkpoint_costs_itself_alone() {
    let run = tempfile::tempdir().unwrap();
    write(&run, "model_1.npz", SHORT);
    fs::write(
        run.path().join("run/model_2.safetensors"),
        b"\x40\0\0\0\0\0\0\0{",
    )
    .unwrap();
    write(&run, "model_3.safetensors", LONG);
    let output = watch(&run, &["--once", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("model_2.safetensors"), "{said}");
    let steps: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["step"].clone())
        .collect();
    assert_eq!(steps, [1, 2, 3]);
    succeed(watch(&run, &["--once", "--keep-going"]).output().unwrap());
}

/// Would catch a log that overwrites somebody's file, and mistakes that are said late or in many words.
#[test]
fn mistakes_are_one_sentence() {
    let run = tempfile::tempdir().unwrap();
    let missing = watch(&run, &["--once"]).output().unwrap();
    assert!(sentence(&missing).contains("run: there is no such folder"));
    write(&run, "model_1.npz", SHORT);
    fs::write(run.path().join("notes.txt"), "my notes\n").unwrap();
    let foreign = watch(&run, &["--once", "--output", "notes.txt"])
        .output()
        .unwrap();
    assert!(sentence(&foreign).contains("line 1 is no checkpoint of a watch"));
    assert_eq!(
        fs::read_to_string(run.path().join("notes.txt")).unwrap(),
        "my notes\n"
    );
    let no_folder = watch(&run, &["--once", "--output", "none/log"])
        .output()
        .unwrap();
    assert!(sentence(&no_folder).contains("its folder does not exist"));
}
