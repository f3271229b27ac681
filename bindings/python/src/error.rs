//! Exceptions, and the sentences of the command line in the words of Python.

use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::any::Any;

create_exception!(
    spectra_weights,
    Error,
    PyValueError,
    "Something about the arguments or the files does not fit; the message says what, where and what to do."
);
create_exception!(
    spectra_weights,
    InternalError,
    PyRuntimeError,
    "A mistake in this package: the computation ended early. Please report the message."
);

/// Makes an exception of an error of a command.
pub fn of_command(error: &anyhow::Error) -> PyErr {
    Error::new_err(in_python(&spectra::cli::sentence(error)))
}

/// Makes an exception of what a thread panicked with.
pub fn of_panic(payload: &(dyn Any + Send)) -> PyErr {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "without a message".to_owned());
    InternalError::new_err(format!("the computation panicked: {text}"))
}

/// Replaces options of the command line, as in `--block-share <SHARE>`, by the names that arguments have in Python.
fn in_python(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once("--") {
        let is_start = before
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric());
        let is_option = |c: char| c.is_ascii_lowercase() || c == '-';
        let end = after.find(|c| !is_option(c)).unwrap_or(after.len());
        text.push_str(before);
        if is_start && after.starts_with(|c: char| c.is_ascii_lowercase()) {
            let name = after[..end].trim_end_matches('-');
            text.push_str(&argument(name));
            rest = without_placeholder(&after[name.len()..]);
        } else {
            text.push_str("--");
            rest = after;
        }
    }
    text + rest
}

/// Leaves out what stands for the value of an option, as in ` <SHARE>`.
fn without_placeholder(text: &str) -> &str {
    let named = text
        .strip_prefix(" <")
        .and_then(|rest| rest.split_once('>'));
    named.map_or(text, |(_, rest)| rest)
}

/// Returns the name in Python of an option.
fn argument(option: &str) -> String {
    match option {
        "tensor" => "tensors".into(),
        "report" => "report()".into(),
        _ => option.replace('-', "_"),
    }
}
