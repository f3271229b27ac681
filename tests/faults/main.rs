//! Kills, failing disks, signals and closed terminals, at every operation on files: what a reader finds is the old
//! result or the new one, and the next start completes the work to the same bits.
//!
//! Linux only: operations are met by a preloaded library. The short form meets a few
//! operations of each command; `cargo test --release --test faults -- --ignored` meets many, spread over the whole of each
//! run, and writes the table of `reports/reliability`.
#![cfg(target_os = "linux")]

mod bench;
mod preload;
mod scenario;
mod snapshot;
mod tally;

use bench::{Bench, redirected};
use preload::{Fault, Preload};
use scenario::{SCENARIOS, Scenario, spectra};
use std::fmt::Write;
use tally::{Tally, table};

/// Terminals that cannot be written to.
const TERMINALS: [&str; 5] = [
    ">&-",
    "2>&-",
    ">/dev/full",
    "2>/dev/full",
    ">/dev/full 2>/dev/full",
];

/// How many trials of a kind a scenario gets.
struct Effort {
    kills: usize,
    faults: usize,
    signals: usize,
    terminals: usize,
}

/// Numbers from 1 to `last`, at most `count` of them, evenly.
fn spread(count: usize, last: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count)
        .map(|i| 1 + (2 * i + 1) * last / (2 * count))
        .collect();
    numbers.dedup();
    numbers
}

/// Tries a scenario.
fn try_out(scenario: Scenario, preload: &Preload, effort: &Effort) -> Tally {
    let bench = Bench::new(scenario, preload);
    let mut tally = Tally::default();
    let last = bench.operations.len();
    for at in spread(effort.kills, last) {
        bench.meet(Fault::Kill, at, &mut tally);
    }
    for at in spread(effort.kills / 4, last) {
        bench.meet(Fault::Torn, at, &mut tally);
    }
    for (index, at) in spread(effort.faults, last * Fault::ERRORS.len())
        .into_iter()
        .enumerate()
    {
        let fault = Fault::ERRORS[index % Fault::ERRORS.len()];
        bench.meet(fault, 1 + (at - 1) / Fault::ERRORS.len(), &mut tally);
    }
    // At other times in other scenarios: a golden share of the way on each time.
    for index in 0..effort.signals {
        let share = (index as f64 * 0.618_034).fract();
        let after = bench.duration.mul_f64(share);
        let signal = ["KILL", "TERM", "INT", "HUP"][index % 4];
        bench.signal(signal, after, &mut tally);
    }
    for redirection in TERMINALS.iter().take(effort.terminals) {
        bench.without_terminal(redirection, &mut tally);
    }
    tally
}

fn try_all(effort: &Effort) -> Vec<(&'static str, Tally)> {
    let folder = tempfile::tempdir().unwrap();
    let preload = Preload::compile(folder.path());
    let preload = &preload;
    // Two at a time: much of a trial is waiting for the disk.
    let (first, second) = SCENARIOS.split_at(SCENARIOS.len() / 2);
    let try_some = move |scenarios: &[Scenario]| -> Vec<(&'static str, Tally)> {
        let tried = scenarios
            .iter()
            .map(|&scenario| (scenario.name, try_out(scenario, preload, effort)));
        tried.collect()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(move || try_some(second));
        let mut tallies = try_some(first);
        tallies.extend(other.join().unwrap());
        tallies
    })
}

fn harm(tallies: &[(&str, Tally)]) -> String {
    let mut text = String::new();
    for (_, tally) in tallies {
        for (column, what) in &tally.harm {
            writeln!(text, "{column:?}: {what}").unwrap();
        }
    }
    text
}

/// Catches a result that is half there, an old one lost, a panic, a wrong exit status, a next start that makes other
/// results, and temporary files that stay: a few kills and faults of each command.
#[test]
fn a_few_faults_do_no_harm() {
    let effort = Effort {
        kills: 4,
        faults: 3,
        signals: 2,
        terminals: 1,
    };
    let tallies = try_all(&effort);
    assert_eq!(harm(&tallies), "", "\n{}", table(&tallies));
}

/// The same at many operations, with the table of `reports/reliability`.
#[test]
#[ignore = "takes a quarter of an hour"]
fn many_faults_do_no_harm() {
    let effort = Effort {
        kills: 64,
        faults: 90,
        signals: 8,
        terminals: TERMINALS.len(),
    };
    let tallies = try_all(&effort);
    let table = table(&tallies);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/reliability");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("{HEAD}\n{table}\n{TAIL}");
    std::fs::write(folder.join("README.md"), text).unwrap();
    assert_eq!(harm(&tallies), "", "\n{table}");
}

const HEAD: &str = "\
# What kills and failing disks do

Every command that writes was run with a result of another seed in its place (`train` and `study` without one), was ended or
disturbed, and was then started once more without disturbance. A kill is SIGKILL before an operation that makes,
writes, flushes, renames or removes a file (spread over the run), in the midst of a write, or at any other time. A fault is an operation that
fails for want of space, once or from then on, or with an error of the device, and a write that is interrupted or does half of
its work. Signals are SIGTERM, SIGINT and SIGHUP. Terminals are a closed or full stdout or stderr.
";

const TAIL: &str = "\
- half-written: a file or a report under its final name that is neither the old one nor the new one.
- old result lost: one that was there before is there no more.
- wrong exit status: 0 without all results, other than 0 and 2, or none without a sentence; 2 where nothing was lost.
- next start differs: it does not leave the results of an undisturbed run, bit for bit but for times.
- temporary file left: after the next start.

Made by `cargo test --release --test faults -- --ignored`.
";

/// Catches an exit status that depends on who reads what is said: 2 stays 2 and 0 stays 0, and a result that is lost
/// on a full standard output is no success.
#[test]
fn the_work_decides_the_exit_status() {
    let root = tempfile::tempdir().unwrap();
    Scenario::write_inputs(root.path());
    let status = |arguments: &[&str], redirection: &str| {
        let command = spectra(arguments, root.path(), 1);
        let output = redirected(command, redirection).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("panicked"), "{text}");
        output.status.code()
    };
    for redirection in TERMINALS {
        for arguments in [
            &["analyze", "IN/nan.npy", "--draws", "39"][..],
            &["compare", "IN/nan.npy", "IN/one.npy"],
            &["inspect", "IN/missing.npy"],
        ] {
            let case = format!("{arguments:?} {redirection}");
            assert_eq!(status(arguments, redirection), Some(2), "{case}");
        }
    }
    let analyze = ["analyze", "IN/one.npy", "--draws", "39"];
    for redirection in [">&-", "2>&-", "2>/dev/full"] {
        assert_eq!(status(&analyze, redirection), Some(0), "{redirection}");
    }
    assert_eq!(status(&analyze, ">/dev/full"), Some(2));
}

/// Catches a file that is lost, or a failure that is called a success, where the reader of standard output leaves
/// early.
#[test]
fn a_reader_that_leaves_costs_no_file() {
    let root = tempfile::tempdir().unwrap();
    Scenario::write_inputs(root.path());
    std::fs::create_dir(root.path().join("out")).unwrap();
    let arguments = [
        "fit-basis",
        "IN/one.npy",
        "--k",
        "4",
        "--no-controls",
        "--device",
        "cpu",
        "--out",
        "OUT/fit.safetensors",
    ];
    let mut child = spectra(&arguments, root.path(), 1)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(root.path().join("out/fit.safetensors").is_file());
    let mut child = spectra(&["analyze", "IN/nan.npy"], root.path(), 1)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}
