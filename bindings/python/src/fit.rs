//! Files of fits.

use crate::compute::compute;
use crate::error::Error;
use crate::memory::Named;
use crate::values::Values;
use crate::view::Family;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use spectra::fit::product::{Coefficients, FitHeader, given_bases};
use spectra::report::read_fit_file;
use std::path::PathBuf;

/// A file of fits: a header from which the fixed matrices are made again, and the coefficients of every factor.
#[pyclass(frozen, module = "spectra_weights._native")]
pub struct Fit {
    header: FitHeader,
    coefficients: Vec<Coefficients>,
}

#[pymethods]
impl Fit {
    /// Reads a file.
    #[new]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Fit> {
        let read = compute(py, |_| read_fit_file(&path))?;
        let (header, coefficients) = read.map_err(|error| Error::new_err(error.to_string()))?;
        Ok(Fit {
            header,
            coefficients,
        })
    }

    /// Returns the header as JSON.
    fn header(&self) -> PyResult<String> {
        serde_json::to_string(&self.header).map_err(|error| Error::new_err(error.to_string()))
    }

    /// Returns the coefficients of the factors of a fit, in the order of the product.
    fn coefficients<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let factors = self.coefficients[self.index(name)?].iter();
        let arrays = factors.map(|a| {
            let values = Values::F64(a.clone());
            values.into_array(py, &[a.len()], default_family(py))
        });
        arrays.collect()
    }

    /// Returns the matrix that a fit stands for, outputs × inputs.
    #[pyo3(signature = (name, basis=None))]
    fn matrix<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        basis: Option<Named>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let index = self.index(name)?;
        let basis = basis.map(|basis| basis.source(py)).transpose()?;
        let made = compute(py, |_| {
            let given = basis.as_ref().map(given_bases).transpose()?;
            let coefficients = &self.coefficients[index];
            let matrix = self.header.rebuild(index, coefficients, given.as_deref());
            let matrix = matrix.map_err(|error| error.to_string())?;
            let (m, n) = (matrix.nrows(), matrix.ncols());
            let entries = (0..m).flat_map(|i| (0..n).map(move |j| (i, j)));
            let entries: Vec<f64> = entries.map(|at| matrix[at]).collect();
            Ok::<_, String>((m, n, entries))
        })?;
        let (m, n, entries) = made.map_err(Error::new_err)?;
        Values::F64(entries).into_array(py, &[m, n], default_family(py))
    }
}

impl Fit {
    fn index(&self, name: &str) -> PyResult<usize> {
        let place = self.header.fits.iter().position(|fit| fit.name == name);
        place.ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }
}

/// Arrays of NumPy where it is installed.
fn default_family(py: Python<'_>) -> Family {
    if py.import("numpy").is_ok() {
        Family::Numpy
    } else {
        Family::Other
    }
}
