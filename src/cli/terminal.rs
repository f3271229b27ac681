//! All that is written to the terminal.
//!
//! A stderr that is closed or full costs nothing: what is said there is lost. A stdout whose reader left costs nothing
//! either; one that is full is an error, for the result is lost.

use crate::weights::{escape_within, plain_reason};
use console::Style;
use std::io::{Error, ErrorKind, IsTerminal, Write, stderr, stdout};
use std::path::Path;

/// Writes a line to stderr, if that can be written to.
pub(super) fn say(line: &str) {
    // One call, so that lines of two processes or threads do not mix.
    let _ = stderr().write_all(format!("{line}\n").as_bytes());
}

/// Says why something failed or what is odd. Names of files may be quoted in it: control characters in it are made
/// visible.
pub(super) fn complain(sentence: &str) {
    say(&format!("spectra: {}", escape_within(sentence, usize::MAX)));
}

/// Says each of the warnings.
pub(super) fn warn(warnings: &[String]) {
    for warning in warnings {
        complain(&format!("warning: {warning}"));
    }
}

/// Says what needs no attention, dim on a terminal that wants colours.
pub(super) fn note(text: &str) {
    let dim = Style::new().dim().force_styling(true);
    if coloured(stderr().is_terminal()) {
        say(&dim.apply_to(text).to_string());
    } else {
        say(text);
    }
}

/// Writes a result to standard output. Whether somebody reads it: a reader that left is no failure.
pub(super) fn print(bytes: &[u8]) -> Result<bool, Error> {
    let mut out = stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => {
            let (count, reason) = (bytes.len(), plain_reason(&error));
            let text = format!("standard output: cannot be written ({count} bytes): {reason}");
            Err(Error::new(error.kind(), text))
        }
    }
}

/// Whether a result wants colours: it goes to standard output, and that is a terminal that wants them.
pub(super) fn colours(path: Option<&Path>) -> bool {
    coloured(path.is_none() && stdout().is_terminal())
}

fn coloured(terminal: bool) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    terminal && !refused
}
