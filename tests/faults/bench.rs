//! One scenario with its inputs, and what is wrong after something failed.

use super::preload::{Fault, Preload};
use super::scenario::Scenario;
use super::snapshot::Snapshot;
use super::tally::{Column, Tally};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Seeds of the older result and of the new one.
const SEEDS: [u64; 2] = [1, 2];

/// A scenario in a folder of its own.
pub struct Bench<'a> {
    pub scenario: Scenario,
    root: TempDir,
    preload: &'a Preload,
    old: Snapshot,
    new: Snapshot,
    /// One letter for each operation of an undisturbed run.
    pub operations: String,
    /// How long that takes.
    pub duration: Duration,
}

impl<'a> Bench<'a> {
    pub fn new(scenario: Scenario, preload: &'a Preload) -> Bench<'a> {
        let root = tempfile::tempdir().unwrap();
        Scenario::write_inputs(root.path());
        let out = root.path().join("out");
        std::fs::create_dir(&out).unwrap();
        if scenario.replaces {
            succeed(scenario.command(root.path(), SEEDS[0]).output().unwrap());
        }
        let old = Snapshot::of(&out);
        let log = root.path().join("operations");
        let mut command = scenario.command(root.path(), SEEDS[1]);
        preload.count(&mut command, &out, &log);
        let start = Instant::now();
        succeed(command.output().unwrap());
        let duration = start.elapsed();
        let new = Snapshot::of(&out);
        assert!(new.temporary.is_empty(), "{:?}", new.temporary);
        Bench {
            scenario,
            operations: std::fs::read_to_string(log).unwrap(),
            root,
            preload,
            old,
            new,
            duration,
        }
    }

    fn out(&self) -> PathBuf {
        self.root.path().join("out")
    }

    /// Runs with `fault` at operation `at`, and once more without.
    pub fn meet(&self, fault: Fault, at: usize, tally: &mut Tally) {
        self.old.restore(&self.out());
        let mut command = self.scenario.command(self.root.path(), SEEDS[1]);
        self.preload.inject(&mut command, &self.out(), fault, at);
        let output = command.output().unwrap();
        let case = format!("{} {fault:?} at {at}", self.scenario.name);
        if Fault::KILLS.contains(&fault) {
            tally.kills += 1;
            self.assess(&case, tally);
        } else {
            tally.faults += 1;
            let now = self.assess(&case, tally);
            self.assess_ending(&case, &output, fault.is_harmless(), &now, tally);
        }
        self.start_again(&case, tally);
    }

    /// Sends `signal` after a while, and runs once more.
    pub fn signal(&self, signal: &str, after: Duration, tally: &mut Tally) {
        self.old.restore(&self.out());
        let mut command = self.scenario.command(self.root.path(), SEEDS[1]);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(after);
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .stderr(Stdio::null())
            .status();
        let _ = sent.unwrap();
        let output = child.wait_with_output().unwrap();
        let case = format!("{} SIG{signal} after {after:?}", self.scenario.name);
        let now = self.assess(&case, tally);
        if signal == "KILL" {
            tally.kills += 1;
        } else {
            tally.signals += 1;
            // Before the program listens a signal ends it, which has lost nothing.
            if output.status.signal().is_none() {
                self.assess_ending(&case, &output, false, &now, tally);
            }
        }
        self.start_again(&case, tally);
    }

    /// Runs with a terminal that cannot be written to: `redirection` is the shell's.
    pub fn without_terminal(&self, redirection: &str, tally: &mut Tally) {
        self.old.restore(&self.out());
        let command = self.scenario.command(self.root.path(), SEEDS[1]);
        let output = redirected(command, redirection).output().unwrap();
        let case = format!("{} {redirection}", self.scenario.name);
        tally.terminals += 1;
        self.assess(&case, tally);
        let complete = self.is_new();
        tally.check(Column::Lost, complete, || {
            format!("{case}: results are missing")
        });
        self.assess_status(&case, output.status, Some(0), tally);
    }

    /// Checks that every result is there as a whole, the old or the new one. Returns what is there.
    fn assess(&self, case: &str, tally: &mut Tally) -> Snapshot {
        let now = Snapshot::of(&self.out());
        let mut whole = |folder: &str, is_whole: bool| {
            tally.check(Column::Half, is_whole, || {
                format!("{case}: {folder} is neither old nor new")
            });
        };
        let report = now.within("report");
        let is_empty = report.is_empty();
        let same = |other: &Snapshot| is_same(&report, &other.within("report"));
        let is_listed_alone = !self.scenario.replaces && is_listed(&report, "report");
        whole(
            "report",
            same(&self.old) || same(&self.new) || is_listed_alone,
        );
        // What an interrupted run has beside the complete report says so by its name.
        let part = now.within("report.interrupted");
        whole(
            "report.interrupted",
            part.is_empty() || is_listed(&part, "report.interrupted"),
        );
        for (path, bytes) in &now.files {
            if path.starts_with("report") || path.starts_with("report.interrupted") {
                continue;
            }
            let held = [&self.old, &self.new].map(|other| other.files.get(path));
            let is_whole = match path.file_name().unwrap().to_str().unwrap() {
                // It grows, and its end may be cut off.
                "rows.jsonl" | "lock" => true,
                name => {
                    held.into_iter()
                        .flatten()
                        .any(|other| is_same_file(name, bytes, other))
                        || is_whole_beside(name, bytes)
                }
            };
            whole(&path.to_string_lossy(), is_whole);
        }
        let lost = self
            .old
            .files
            .keys()
            .find(|path| !path.starts_with("report") && !now.files.contains_key(*path));
        let lost = lost.is_some() || (is_empty && !self.old.within("report").is_empty());
        tally.check(Column::Lost, !lost, || {
            format!("{case}: an old result is lost")
        });
        now
    }

    /// Checks how a run ended that was not killed.
    fn assess_ending(
        &self,
        case: &str,
        output: &Output,
        is_harmless: bool,
        now: &Snapshot,
        tally: &mut Tally,
    ) {
        let text = String::from_utf8_lossy(&output.stderr);
        let expected = match (is_harmless, is_complete(now, &self.new)) {
            (true, _) => Some(0),
            // A failure that leaves all results, as of a removal, may be told or not.
            (false, true) => None,
            (false, false) => Some(2),
        };
        self.assess_status(case, output.status, expected, tally);
        let says = output.status.success() || text.contains("spectra: ");
        tally.check(Column::Status, says, || {
            format!("{case}: no sentence in {text:?}")
        });
        let panicked = text.contains("panicked");
        tally.check(Column::Panic, !panicked, || format!("{case}: {text}"));
    }

    fn assess_status(
        &self,
        case: &str,
        status: ExitStatus,
        expected: Option<i32>,
        tally: &mut Tally,
    ) {
        let is_panic = status.code().is_none_or(|code| code == 101);
        tally.check(Column::Panic, !is_panic, || format!("{case}: {status}"));
        let is_right = match expected {
            Some(expected) => status.code() == Some(expected),
            None => matches!(status.code(), Some(0 | 2)),
        };
        tally.check(Column::Status, is_right, || {
            format!("{case}: {status}, not {expected:?}")
        });
    }

    /// Runs without a fault and checks that all is there as if none had been.
    fn start_again(&self, case: &str, tally: &mut Tally) {
        let output = self
            .scenario
            .next(self.root.path(), SEEDS[1])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let done = output.status.success();
        tally.check(Column::Status, done, || {
            format!("{case}: the next start says {text}")
        });
        let now = Snapshot::of(&self.out());
        let complete = is_complete(&now, &self.new);
        tally.check(Column::Bits, complete, || {
            format!("{case}: the next start made other results")
        });
        let left = &now.temporary;
        tally.check(Column::Temporary, left.is_empty(), || {
            format!("{case}: {left:?} is left")
        });
    }

    fn is_new(&self) -> bool {
        is_complete(&Snapshot::of(&self.out()), &self.new)
    }
}

/// Whether all files of `new` are in `now`, the same but for what tells of time.
fn is_complete(now: &Snapshot, new: &Snapshot) -> bool {
    let names = new.files.keys().filter(|path| !path.ends_with("lock"));
    names.into_iter().all(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let held = now.files.get(path);
        held.is_some_and(|bytes| is_same_file(name, bytes, &new.files[path]))
    })
}

fn is_same(one: &BTreeMap<&Path, &[u8]>, other: &BTreeMap<&Path, &[u8]>) -> bool {
    one.keys().eq(other.keys())
        && one.iter().all(|(path, bytes)| {
            let name = path.file_name().unwrap().to_str().unwrap();
            is_same_file(name, bytes, other[path])
        })
}

/// Whether a report that holds a part of the results is whole: all files that its list names, and no other.
fn is_listed(report: &BTreeMap<&Path, &[u8]>, folder: &str) -> bool {
    let path = |name: &str| Path::new(folder).join(name);
    let list = report.get(path(".spectra-report.json").as_path());
    let list = list.and_then(|list| serde_json::from_slice::<serde_json::Value>(list).ok());
    let named = list.as_ref().and_then(|list| list["files"].as_array());
    named.is_some_and(|named| {
        let there = |name: &str| report.contains_key(path(name).as_path());
        let all = named.iter().all(|name| name.as_str().is_some_and(there));
        let page = report.get(path("index.html").as_path());
        all && named.len() + 1 == report.len() && page.is_some_and(|page| is_page(page))
    })
}

/// Whether two files say the same. Records and pages of trainings tell how long they took.
fn is_same_file(name: &str, one: &[u8], other: &[u8]) -> bool {
    let timed = |bytes: &[u8]| -> Option<serde_json::Value> {
        let mut json: serde_json::Value = serde_json::from_slice(bytes).ok()?;
        strip_times(&mut json);
        Some(json)
    };
    match name {
        "record.json" | "report.json" => {
            one == other || timed(one).is_some_and(|one| Some(one) == timed(other))
        }
        "index.html" => one == other || (is_page(one) && is_page(other)),
        "runs.parquet" => one == other || (one.ends_with(b"PAR1") && other.ends_with(b"PAR1")),
        _ => one == other,
    }
}

fn is_page(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes)
        .trim_end()
        .ends_with("</html>")
}

fn strip_times(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(map) => {
            map.retain(|key, _| !key.contains("timing") && !key.contains("seconds"));
            map.values_mut().for_each(strip_times);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(strip_times),
        _ => {}
    }
}

/// Whether a file that an undisturbed run does not leave is whole: checkpoints of a study's run, an interrupted
/// record.
fn is_whole_beside(name: &str, bytes: &[u8]) -> bool {
    match name {
        "record.json" => serde_json::from_slice::<serde_json::Value>(bytes).is_ok(),
        name if name.starts_with("step-") => safetensors::SafeTensors::deserialize(bytes).is_ok(),
        name if name.contains(".interrupted") => true,
        // What a training leaves that was interrupted: of fewer steps.
        "weights.safetensors" => safetensors::SafeTensors::deserialize(bytes).is_ok(),
        "recipe.toml" => bytes.ends_with(b"\n"),
        "record.parquet" => bytes.ends_with(b"PAR1"),
        ".spectra-report.json" => serde_json::from_slice::<serde_json::Value>(bytes).is_ok(),
        name if name.ends_with(".svg") => bytes.trim_ascii_end().ends_with(b"</svg>"),
        name if name.ends_with(".png") => bytes.ends_with(b"IEND\xaeB`\x82"),
        _ => false,
    }
}

/// The command with its terminal as the shell makes it.
pub fn redirected(command: Command, redirection: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec \"$0\" \"$@\" {redirection}")])
        .arg(command.get_program())
        .args(command.get_args())
        .env("RAYON_NUM_THREADS", "1")
        .current_dir(command.get_current_dir().unwrap())
        .stdin(Stdio::null());
    shell
}

fn succeed(output: Output) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
}
