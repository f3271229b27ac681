//! Numbers that are handed to Python: as an array of the family that was given.

use crate::view::Family;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyMemoryView};
use std::mem::size_of_val;

/// Numbers of one type.
#[derive(Debug)]
pub enum Values {
    F64(Vec<f64>),
    F32(Vec<f32>),
}

impl Values {
    fn is_empty(&self) -> bool {
        match self {
            Values::F64(values) => values.is_empty(),
            Values::F32(values) => values.is_empty(),
        }
    }

    /// Returns a copy of the bytes that Python may write to.
    fn bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        fn copy<const N: usize>(to: &mut [u8], from: impl Iterator<Item = [u8; N]>) {
            to.chunks_exact_mut(N)
                .zip(from)
                .for_each(|(to, from)| to.copy_from_slice(&from));
        }
        let length = match self {
            Values::F64(values) => size_of_val(values.as_slice()),
            Values::F32(values) => size_of_val(values.as_slice()),
        };
        PyByteArray::new_with(py, length, |to| {
            match self {
                Values::F64(values) => copy(to, values.iter().map(|x| x.to_ne_bytes())),
                Values::F32(values) => copy(to, values.iter().map(|x| x.to_ne_bytes())),
            }
            Ok(())
        })
    }

    /// Makes an array of this shape: of NumPy or PyTorch, or a `memoryview` for others.
    pub fn into_array<'py>(
        self,
        py: Python<'py>,
        shape: &[usize],
        family: Family,
    ) -> PyResult<Bound<'py, PyAny>> {
        let module = match family {
            Family::Numpy => py.import(intern!(py, "numpy"))?,
            Family::Torch => py.import(intern!(py, "torch"))?,
            Family::Other => return self.into_memory(py, shape),
        };
        let dtype = match self {
            Values::F64(_) => intern!(py, "float64"),
            Values::F32(_) => intern!(py, "float32"),
        };
        let dtype = module.getattr(dtype)?;
        if self.is_empty() {
            let options = [("dtype", dtype)];
            let options = pyo3::types::IntoPyDict::into_py_dict(options, py)?;
            return module.call_method("zeros", (shape.to_vec(),), Some(&options));
        }
        let bytes = self.bytes(py)?;
        let array = match family {
            Family::Torch => {
                let options = pyo3::types::IntoPyDict::into_py_dict([("dtype", dtype)], py)?;
                module.call_method("frombuffer", (bytes,), Some(&options))?
            }
            _ => module.call_method1(intern!(py, "frombuffer"), (bytes, dtype))?,
        };
        if shape.len() == 1 {
            return Ok(array);
        }
        array.call_method1(intern!(py, "reshape"), (shape.to_vec(),))
    }

    fn into_memory<'py>(self, py: Python<'py>, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
        let view = PyMemoryView::from(self.bytes(py)?.as_any())?;
        let format = match self {
            Values::F64(_) => "d",
            Values::F32(_) => "f",
        };
        if self.is_empty() || shape.len() == 1 {
            return view.call_method1("cast", (format,));
        }
        view.call_method1("cast", (format, shape.to_vec()))
    }
}
