//! NumPy's array interface, version 3: <https://numpy.org/doc/stable/reference/arrays.interface.html>.

use crate::view::View;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use spectra::weights::Dtype;

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
    let dtype = dtype(&kind, object)?;
    let own_order = if cfg!(target_endian = "big") {
        '<'
    } else {
        '>'
    };
    let is_swapped = kind.starts_with(own_order) && dtype.size() != Some(1);
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

/// Returns the type of elements by its name: `<f4`. Types that NumPy itself has not are named by the array's dtype.
fn dtype(kind: &str, object: &Bound<'_, PyAny>) -> PyResult<Dtype> {
    Ok(match kind.get(1..).unwrap_or_default() {
        "f8" => Dtype::F64,
        "f4" => Dtype::F32,
        "f2" => Dtype::F16,
        "i8" => Dtype::I64,
        "i4" => Dtype::I32,
        "i2" => Dtype::I16,
        "i1" => Dtype::I8,
        "u8" => Dtype::U64,
        "u4" => Dtype::U32,
        "u2" => Dtype::U16,
        "u1" => Dtype::U8,
        "b1" => Dtype::Bool,
        _ => {
            let name = object.getattr("dtype").and_then(|dtype| dtype.str());
            let name = name.and_then(|name| name.extract::<String>());
            match name.as_deref().unwrap_or(kind) {
                "bfloat16" => Dtype::BF16,
                "float8_e4m3fn" => Dtype::F8E4M3,
                "float8_e5m2" => Dtype::F8E5M2,
                other => Dtype::Other(other.to_owned()),
            }
        }
    })
}
