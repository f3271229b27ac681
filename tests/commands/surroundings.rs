//! What surrounds a run and may go wrong: interruption, full disks, folders that may not be
//! written, other languages and names. Each leaves whole files, one sentence and a status.
#![cfg(target_os = "linux")]

use crate::common::command::{sentence, spectra};
use crate::common::files::{npy, write};
use crate::common::wait::{line, listens, signal, work};
use serde_json::Value;
use std::ffi::OsStr;
use std::io::BufReader;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const FIXTURE: &str = "fixtures/mlp-short.npz";

/// A folder of `count` matrices whose shuffles keep a run busy for minutes.
fn many_matrices(folder: &Path, count: usize) {
    let entries: Vec<f64> = (0..10_000).map(|i| f64::from(i).sqrt() % 1.0).collect();
    let bytes = npy("(100, 100)", &entries);
    for index in 0..count {
        write(folder, &format!("w{index:02}.npy"), &bytes);
    }
}

/// Sends SIGINT once the process listens for it and has begun its work.
fn interrupt(child: &Child) {
    listens(child);
    work(child);
    signal(child, "-INT");
}

fn slow_run(folder: &Path, output: &Path, draws: &str) -> Child {
    spectra()
        .args([
            "analyze",
            "--json",
            "--baseline",
            "shuffle",
            "--draws",
            draws,
            "-o",
        ])
        .args([output, folder])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Ctrl-C keeps the rows that were finished and says that they are not all: catches a result
/// lost, cut short, or passed off as whole.
#[test]
fn an_interrupted_run_keeps_what_was_finished() {
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("weights");
    std::fs::create_dir(&weights).unwrap();
    many_matrices(&weights, 60);
    let path = folder.path().join("out.json");
    let child = slow_run(&weights, &path, "2000");
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("interrupted: the result holds"), "{text}");
    let found: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(found["complete"], false);
    let layers = found["layers"].as_array().unwrap();
    assert!((1..60).contains(&layers.len()), "{}", layers.len());
    for layer in layers {
        assert_eq!(layer["status"], "analyzed");
        assert_eq!(layer["random_baseline"]["draws"], 2000);
    }
}

/// Catches a part of a result that replaces a complete one, and one whose place is not told.
#[test]
fn an_interrupted_run_leaves_a_complete_result() {
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("weights");
    std::fs::create_dir(&weights).unwrap();
    many_matrices(&weights, 60);
    let path = folder.path().join("out.json");
    std::fs::write(&path, "complete").unwrap();
    let child = slow_run(&weights, &path, "2000");
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("out.json is left as it was"), "{text}");
    assert_eq!(std::fs::read(&path).unwrap(), b"complete");
    let beside = std::fs::read(folder.path().join("out.interrupted.json")).unwrap();
    let found: Value = serde_json::from_slice(&beside).unwrap();
    assert_eq!(found["complete"], false);
}

/// Catches a look at what is there that was interrupted and passes for whole, and a log that is not one of whole lines.
#[test]
fn an_interrupted_watch_says_that_checkpoints_are_left() {
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("weights");
    std::fs::create_dir(&weights).unwrap();
    many_matrices(&weights, 60);
    let log = folder.path().join("log.jsonl");
    let child = spectra()
        .args(["watch", "--once", "--draws", "50000", "--output"])
        .args([&log, &weights])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("interrupted: not every checkpoint"), "{text}");
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.lines().count() < 60 && (log.is_empty() || log.ends_with('\n')));
    for line in log.lines() {
        let snapshot: Value = serde_json::from_str(line).unwrap();
        assert_eq!(snapshot["layers"].as_array().unwrap().len(), 1);
    }
}

/// A second Ctrl-C ends at once: catches a run that cannot be stopped, and an old result lost.
#[test]
fn a_second_interrupt_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("weights");
    std::fs::create_dir(&weights).unwrap();
    many_matrices(&weights, 1);
    let path = folder.path().join("out.json");
    std::fs::write(&path, "old").unwrap();
    let mut child = slow_run(&weights, &path, "100000");
    interrupt(&child);
    let mut said = BufReader::new(child.stderr.take().unwrap());
    line(&mut said, "ending after the tensor at hand");
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// A limit in the midst of a file: catches a half-written result, an old one lost, and a
/// temporary file left behind.
#[test]
fn a_full_disk_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    std::fs::write(&path, "old").unwrap();
    let run = |arguments: &[&OsStr]| {
        let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
        Command::new("sh")
            .args([
                "-c",
                limited,
                env!("CARGO_BIN_EXE_spectra"),
                "analyze",
                FIXTURE,
            ])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap()
    };
    let text = sentence(&run(&["--json".as_ref(), "-o".as_ref(), path.as_ref()]));
    assert!(text.contains("out.json: cannot be written ("), "{text}");
    assert!(text.contains(" bytes): "), "{text}");
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let report = folder.path().join("report");
    let text = sentence(&run(&["--report".as_ref(), report.as_ref()]));
    assert!(text.contains("cannot be written ("), "{text}");
    let page = report.join("index.html");
    assert!(!page.exists(), "a page without its data");
}

/// A folder in which nothing can be made: catches a panic, and a folder that is blamed on its
/// file. The superuser may write in any folder but those of the kernel.
#[test]
fn a_read_only_folder_is_one_sentence() {
    use std::os::unix::fs::PermissionsExt;
    let own = tempfile::tempdir().unwrap();
    std::fs::set_permissions(own.path(), PermissionsExt::from_mode(0o555)).unwrap();
    let superuser = std::fs::write(own.path().join("probe"), "x").is_ok();
    let folder = if superuser {
        Path::new("/sys")
    } else {
        own.path()
    };
    let path = folder.join("out.json");
    let run = |option: &str, path: &Path| {
        let mut command = spectra();
        command
            .args(["analyze", FIXTURE, "--json", option])
            .arg(path);
        sentence(&command.output().unwrap())
    };
    let text = run("--output", &path);
    assert!(text.contains("out.json: cannot be written ("), "{text}");
    let text = run("--report", &folder.join("report"));
    assert!(text.contains("report: cannot be made"), "{text}");
    assert!(!path.exists());
}

/// Another language, time zone or a path that is not UTF-8 changes no number: catches a decimal
/// comma, a local date in a result, and a path that is read as text.
#[test]
fn language_zone_and_path_change_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(OsStr::from_bytes(b"w\xff\xfe.npz"));
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE), &odd).unwrap();
    let run = |path: &OsStr, language: &str, zone: &str| {
        let output = spectra()
            .args(["analyze", "--json", "--draws", "39"])
            .arg(path)
            .env("LC_ALL", language)
            .env("LANG", language)
            .env("TZ", zone)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let plain = run(FIXTURE.as_ref(), "C", "UTC");
    assert_eq!(plain, run(FIXTURE.as_ref(), "de_DE.UTF-8", "Asia/Kolkata"));
    let layers = |bytes: &[u8]| {
        let mut found: Value = serde_json::from_slice(bytes).unwrap();
        for layer in found["layers"].as_array_mut().unwrap() {
            layer["file"].take();
        }
        found["layers"].take()
    };
    let named = run(odd.as_ref(), "tr_TR.UTF-8", "America/St_Johns");
    assert_eq!(layers(&plain), layers(&named));
}
