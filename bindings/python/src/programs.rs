//! The programs of the command line.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use spectra::cli::{fit_basis_main_with, main_with};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs a command line, the name of the program first, and returns its exit status. It may end the process.
#[pyfunction]
pub fn main(py: Python<'_>, program: &str, arguments: Vec<OsString>) -> PyResult<u8> {
    let run: fn(Vec<OsString>) -> ExitCode = match program {
        "spectra" => |arguments| main_with(arguments),
        "fit-basis" => |arguments| fit_basis_main_with(arguments),
        _ => {
            return Err(PyValueError::new_err(
                "spectra and fit-basis are the programs",
            ));
        }
    };
    let code = py.detach(|| run(arguments));
    // The programs have no third status.
    Ok(if code == ExitCode::SUCCESS { 0 } else { 2 })
}
