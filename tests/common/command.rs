//! The programs as a user runs them, and what they say.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// `spectra`, started in the root of the repository.
pub fn spectra() -> Command {
    spectra_in(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// `spectra`, started in this folder. The environment names no folder of data sets.
pub fn spectra_in(folder: &Path) -> Command {
    program(env!("CARGO_BIN_EXE_spectra"), folder)
}

/// `fit-basis`, started in the root of the repository.
pub fn fit_basis() -> Command {
    fit_basis_in(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// `fit-basis`, started in this folder.
pub fn fit_basis_in(folder: &Path) -> Command {
    program(env!("CARGO_BIN_EXE_fit-basis"), folder)
}

fn program(path: &str, folder: &Path) -> Command {
    let mut command = Command::new(path);
    command.current_dir(folder).env_remove("SPECTRA_DATA");
    command
}

/// The bytes as text.
#[track_caller]
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What was written to standard error.
#[track_caller]
pub fn stderr(output: &Output) -> String {
    text(&output.stderr)
}

/// Standard output as JSON.
#[track_caller]
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// The output of a command that must have succeeded.
#[track_caller]
pub fn succeed(output: Output) -> Output {
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

/// What a command that must have succeeded wrote to standard output.
#[track_caller]
pub fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    text(&output.stdout)
}

/// The one sentence of a command that must have refused: exit status 2 and one line on standard error.
#[track_caller]
pub fn sentence(output: &Output) -> String {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}
