//! NumPy's array interface, version 3: <https://numpy.org/doc/stable/reference/arrays.interface.html>.

use crate::view::View;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use spectra::weights::{Dtype, parse_descr};

/// Returns the numbers of an object that has the interface.
pub fn view(object: &Bound<'_, PyAny>) -> PyResult<View> {
    let py = object.py();
    let interface = object.getattr(intern!(py, "__array_interface__"))?;
    let interface = interface.cast_into::<PyDict>()?;
    let missing = || PyTypeError::new_err("its __array_interface__ lacks shape, typestr or data");
    let shape: Vec<usize> = interface
        .get_item(intern!(py, "shape"))?
        .ok_or_else(missing)?
        .extract()?;
    let data = interface
        .get_item(intern!(py, "data"))?
        .filter(|data| !data.is_none());
    let (address, _): (usize, bool) = data.ok_or_else(missing)?.extract()?;
    let strides = interface.get_item(intern!(py, "strides"))?;
    let strides: Option<Vec<isize>> = strides.map_or(Ok(None), |strides| strides.extract())?;
    let kind = interface
        .get_item(intern!(py, "typestr"))?
        .ok_or_else(missing)?;
    let kind = kind.extract::<String>()?;
    let (dtype, is_big_endian) = parse_descr(&kind);
    let dtype = match dtype {
        Dtype::Other(_) => named(&kind, object),
        dtype => dtype,
    };
    let is_swapped = is_big_endian != cfg!(target_endian = "big") && dtype.size() != Some(1);
    let data = std::ptr::with_exposed_provenance(address);
    // SAFETY: the interface promises as much, and the object is kept.
    Ok(unsafe {
        View::new(
            data,
            dtype,
            shape,
            strides,
            is_swapped,
            object.clone().unbind(),
        )
    })
}

/// Returns a type that NumPy itself has not by the name of the array's dtype.
fn named(kind: &str, object: &Bound<'_, PyAny>) -> Dtype {
    let name = object.getattr("dtype").and_then(|dtype| dtype.str());
    let name = name.and_then(|name| name.extract::<String>());
    match name.as_deref().unwrap_or(kind) {
        "bfloat16" => Dtype::BF16,
        "float8_e4m3fn" => Dtype::F8E4M3,
        "float8_e5m2" => Dtype::F8E5M2,
        other => Dtype::Other(other.to_owned()),
    }
}
