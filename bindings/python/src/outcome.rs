//! Runs of commands and their results.

use crate::arrow;
use crate::compute::compute;
use crate::error::of_command;
use crate::memory::Named;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use spectra::cli::{self, Beside, Supplied};
use spectra::weights::{Source, write_file};
use std::ffi::OsString;
use std::path::PathBuf;

/// The result of a command, as the command line has it before it is shown.
#[pyclass(frozen, module = "spectra_weights._native")]
pub struct Outcome(Box<dyn cli::Outcome>);

/// Runs a command of the command line, on files that `arguments` name or on what is given in their place.
#[pyfunction]
#[pyo3(signature = (arguments, weights=None, inputs=None, basis=None))]
pub fn run(
    py: Python<'_>,
    arguments: Vec<OsString>,
    weights: Option<Vec<Named>>,
    inputs: Option<Named>,
    basis: Option<Named>,
) -> PyResult<Outcome> {
    let source = |named: Named| named.source(py);
    let sources = weights.map(|all| all.into_iter().map(source).collect());
    let sources: Option<Vec<Source>> = sources.transpose()?;
    let beside = Beside {
        inputs: inputs.map(source).transpose()?,
        basis: basis.map(source).transpose()?,
    };
    let supplied = Supplied { sources, beside };
    let outcome = compute(py, |watch| cli::call(&arguments, supplied, watch))?;
    outcome.map(Outcome).map_err(|error| of_command(&error))
}

#[pymethods]
impl Outcome {
    /// Returns the JSON document that the command writes.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        self.made(py, |outcome| outcome.json())
    }

    /// Returns the table that the command shows on a terminal.
    fn table(&self, py: Python<'_>) -> PyResult<String> {
        self.made(py, |outcome| outcome.table())
    }

    /// Returns the overview of the page; None where the command has none.
    fn overview(&self) -> Option<String> {
        self.0.overview()
    }

    /// Returns the columns of the table that the command writes as CSV and Parquet, as lists by name.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        arrow::columns(py, self.made(py, |outcome| outcome.frame())?)
    }

    /// Returns the same table as a capsule `arrow_array_stream`.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A wish that a producer may pass over.
        let _ = requested_schema;
        arrow::stream(py, self.made(py, |outcome| outcome.frame())?)
    }

    /// Writes the file of coefficients; returns whether there are fits.
    fn save_fits(&self, py: Python<'_>, path: PathBuf) -> PyResult<bool> {
        self.made(py, |outcome| {
            let Some(file) = outcome.fit_file()? else {
                return Ok(false);
            };
            write_file(&path, &file)?;
            Ok(true)
        })
    }

    /// Writes page, data and pictures into a folder.
    fn report(&self, py: Python<'_>, folder: PathBuf) -> PyResult<()> {
        self.made(py, |outcome| outcome.report(&folder))
    }
}

impl Outcome {
    /// Returns what is made of the result beside the interpreter.
    fn made<T: Send>(
        &self,
        py: Python<'_>,
        make: impl FnOnce(&dyn cli::Outcome) -> anyhow::Result<T> + Send,
    ) -> PyResult<T> {
        let outcome = &*self.0;
        compute(py, move |_| make(outcome))?.map_err(|error| of_command(&error))
    }
}
