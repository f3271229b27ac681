//! Tables by the C stream interface of Arrow.

use crate::error::InternalError;
use polars::prelude::{AnyValue, CompatLevel, DataFrame, SchemaExt};
use polars_arrow::array::StructArray;
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_arrow::ffi::{ArrowArrayStream, export_iterator};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};

/// A stream in a capsule.
#[repr(transparent)]
struct Stream(
    #[allow(
        dead_code,
        reason = "read by whoever takes it, and released when dropped"
    )]
    ArrowArrayStream,
);

// SAFETY: the stream owns copies of columns, which belong to no thread.
unsafe impl Send for Stream {}

/// Returns a capsule `arrow_array_stream` with the rows of a table.
pub fn stream(py: Python<'_>, mut frame: DataFrame) -> PyResult<Bound<'_, PyCapsule>> {
    frame.rechunk_mut_par();
    let level = CompatLevel::oldest();
    let fields: Vec<Field> = frame
        .schema()
        .to_arrow(level)
        .iter_values()
        .cloned()
        .collect();
    let dtype = ArrowDataType::Struct(fields);
    let rows = dtype.clone();
    let batches: Vec<_> = frame.iter_chunks(level, false).collect();
    let batches = batches.into_iter().map(move |batch| {
        let length = batch.len();
        let arrays = batch.into_arrays();
        StructArray::try_new(rows.clone(), length, arrays, None).map(|rows| rows.boxed())
    });
    let field = Field::new("".into(), dtype, false);
    let stream = Stream(export_iterator(Box::new(batches), field));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

/// Returns the columns of a table as lists.
pub fn columns(py: Python<'_>, frame: DataFrame) -> PyResult<Bound<'_, PyDict>> {
    let columns = PyDict::new(py);
    for column in frame.columns() {
        let values = PyList::empty(py);
        for row in 0..column.len() {
            let value = column
                .get(row)
                .map_err(|error| InternalError::new_err(error.to_string()))?;
            values.append(cell(py, &value)?)?;
        }
        columns.set_item(column.name().as_str(), values)?;
    }
    Ok(columns)
}

fn cell<'py>(py: Python<'py>, value: &AnyValue<'_>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        AnyValue::Null => Ok(py.None().into_bound(py)),
        AnyValue::Boolean(x) => x.into_bound_py_any(py),
        AnyValue::Float64(x) => x.into_bound_py_any(py),
        AnyValue::UInt64(x) => x.into_bound_py_any(py),
        AnyValue::Int64(x) => x.into_bound_py_any(py),
        AnyValue::UInt32(x) => x.into_bound_py_any(py),
        AnyValue::Int32(x) => x.into_bound_py_any(py),
        AnyValue::String(x) => x.into_bound_py_any(py),
        AnyValue::StringOwned(x) => x.as_str().into_bound_py_any(py),
        other => other.to_string().into_bound_py_any(py),
    }
}
