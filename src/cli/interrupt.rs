//! Requests to end from outside: Ctrl-C, the end of the terminal's session, a termination.

use super::terminal::say;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the process was asked to end: once for the process, which has one handler, however many bars it shows.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The sentence that answers the first request; the bar shown last sets it.
static SAID: Mutex<&str> = Mutex::new("");

/// Listens for requests to end from now on. The first one is answered by `said` and heard by [`interrupted`]; the
/// second ends the process at once, which loses no finished file.
pub(super) fn listen(said: &'static str) {
    *SAID.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = said;
    // Refused where an earlier bar has set it. Without a handler a request ends the process at once.
    let _ = handle();
}

/// Whether the process was asked to end.
pub(super) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Answers a request to end.
fn answer() {
    if INTERRUPTED.swap(true, Ordering::Relaxed) {
        std::process::exit(130);
    }
    let said = *SAID.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    say(&format!("spectra: {said}; Ctrl-C again ends at once"));
}

#[cfg(unix)]
fn handle() -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    static HANDLED: AtomicBool = AtomicBool::new(false);
    if HANDLED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let mut heard = vec![SIGINT, SIGTERM];
    // nohup has the process ignore the end of its session, and so it stays.
    if !is_ignored(SIGHUP) {
        heard.push(SIGHUP);
    }
    let mut signals = Signals::new(heard)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || signals.forever().for_each(|_| answer()))?;
    Ok(())
}

/// Whether the process was started with a signal ignored, as far as the system tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(not(unix))]
fn handle() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(answer)
}
