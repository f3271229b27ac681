//! Fits of a layer in the families of plans.

use crate::compute::compute;
use crate::elements::doubles;
use crate::error::Error;
use crate::values::Values;
use crate::view::{Family, View};
use faer::Mat;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use spectra::compress::{Family as Form, Moment, Size, Sizes, member_fits};
use spectra::weights::Dtype;

/// Returns the member of a family that is nearest to a weight, m × n, against the second moment of its inputs, n × n: an array of
/// the weight's family and shape.
#[pyfunction]
#[pyo3(signature = (weight, inputs, family, size, blocks=None, grid=None))]
pub fn member<'py>(
    py: Python<'py>,
    weight: &Bound<'py, PyAny>,
    inputs: &Bound<'py, PyAny>,
    family: &str,
    size: usize,
    blocks: Option<[usize; 2]>,
    grid: Option<[usize; 3]>,
) -> PyResult<Bound<'py, PyAny>> {
    let arrays = Family::of(weight)?.unwrap_or(Family::Other);
    let (w, c) = (matrix(weight)?, matrix(inputs)?);
    let (m, n) = w.shape();
    if c.shape() != (n, n) {
        return Err(Error::new_err("the moment is of another number of inputs"));
    }
    let form = Form::ALL.into_iter().find(|form| form.name() == family);
    let wanted = form.map(|family| Size {
        family,
        size,
        blocks,
    });
    let sizes = Sizes { m, n, grid };
    let wanted = wanted
        .filter(|wanted| wanted.family != Form::LowRank && wanted.suits(&sizes))
        .ok_or_else(|| Error::new_err(format!("{m} x {n} has no {family} of size {size}")))?;
    let fit = compute(py, |_| {
        let found = member_fits(w.as_ref(), &Moment::Full(c), &sizes, &[wanted]);
        Some(found.into_iter().next()??.dense())
    })?;
    let fit = fit.ok_or_else(|| {
        Error::new_err(format!(
            "{family} of size {size} cannot be fitted to these inputs"
        ))
    })?;
    let entries = (0..m).flat_map(|i| (0..n).map(move |j| (i, j)));
    let entries = entries.map(|at| fit[at]).collect();
    Values::F64(entries).into_array(py, &[m, n], arrays)
}

fn matrix(array: &Bound<'_, PyAny>) -> PyResult<Mat<f64>> {
    let view = View::of(array)?;
    let &[rows, columns] = &view.shape[..] else {
        return Err(PyTypeError::new_err("a matrix is needed"));
    };
    if view.dtype != Dtype::F64 {
        return Err(PyTypeError::new_err("numbers of 64 bits are needed"));
    }
    let numbers = doubles(&view);
    if numbers.iter().any(|x| !x.is_finite()) {
        return Err(Error::new_err(
            "a matrix has entries that are NaN or infinite",
        ));
    }
    Ok(Mat::from_fn(rows, columns, |i, j| numbers[i * columns + j]))
}
