//! Waiting for what another process does.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// More than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// Waits until it is so, and fails if it never is.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The same for a state of a moment: looks without a pause.
#[track_caller]
pub fn until_soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

/// Reads lines up to one that contains `wanted`; returns it.
#[track_caller]
pub fn line(stream: &mut BufReader<impl Read>, wanted: &str) -> String {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        let read = stream.read_line(&mut line).unwrap();
        assert!(read > 0, "the stream ended without {wanted:?}");
    }
    line
}

/// Waits until a process has computed for half a second: a wait for a time would hit an earlier state on a busy machine.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn work(child: &Child) {
    let path = format!("/proc/{}/stat", child.id());
    until("the process to compute", || {
        let stat = std::fs::read_to_string(&path).unwrap();
        // what stands before is the name of the program, which may have spaces
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        // ticks in user mode, a hundred a second
        fields[11].parse::<u64>().unwrap() >= 50
    });
}

/// Waits until a process listens for SIGINT.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn listens(child: &Child) {
    let path = format!("/proc/{}/status", child.id());
    until("a handler of SIGINT", || {
        let text = std::fs::read_to_string(&path).unwrap();
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & 2 != 0
    });
}

/// Sends a signal such as `-INT`.
#[track_caller]
pub fn signal(child: &Child, name: &str) {
    let process = child.id().to_string();
    let sent = Command::new("kill").args([name, &process]).status();
    assert!(sent.unwrap().success());
}
