//! Tensors of Python objects as a source of weights.

use crate::elements::Elements;
use crate::view::View;
use pyo3::intern;
use pyo3::prelude::*;
use spectra::weights::{Dtype, MemoryReader, MemoryTensor, Source};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// The name of what holds arrays, and these with their names.
#[derive(FromPyObject)]
pub struct Named(String, Vec<(String, Py<PyAny>)>);

/// Where the numbers of a tensor are.
#[derive(Debug)]
enum Place {
    /// In memory.
    Here(View),
    /// On another device: they are copied when their turn comes.
    Elsewhere(Py<PyAny>),
    /// Nowhere that can be read.
    Nowhere,
}

#[derive(Debug)]
struct Memory(Vec<Place>);

impl MemoryReader for Memory {
    fn elements(&self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        match &self.0[index] {
            Place::Here(view) => Ok(Box::new(Elements::new(view))),
            Place::Elsewhere(tensor) => {
                let copied = Python::attach(|py| {
                    let tensor = tensor.bind(py).call_method0("detach")?;
                    View::of(&tensor.call_method0("cpu")?)
                });
                let view = copied.map_err(|error| io::Error::other(error.to_string()))?;
                Ok(Box::new(Elements::new(Arc::new(view))))
            }
            Place::Nowhere => Err(io::Error::other("it has no numbers")),
        }
    }
}

impl Named {
    /// Returns the source of the tensors. Those that show the very same elements are one, as in files of PyTorch.
    pub fn source(self, py: Python<'_>) -> PyResult<Source> {
        let Named(holder, tensors) = self;
        let mut places = Vec::with_capacity(tensors.len());
        let mut declared = Vec::with_capacity(tensors.len());
        let mut first = HashMap::new();
        for (index, (name, object)) in tensors.into_iter().enumerate() {
            let (place, mut tensor) = describe(name, object.bind(py))?;
            if let Place::Here(view) = &place
                && view.len() > 0
            {
                let earlier = *first.entry(view.identity()).or_insert(index);
                tensor.same_as = (earlier < index).then_some(earlier);
            }
            places.push(place);
            declared.push(tensor);
        }
        let reader = Arc::new(Memory(places));
        Ok(Source::in_memory(Path::new(&holder), declared, reader))
    }
}

/// Declares a tensor. One that cannot be read says why.
fn describe(name: String, object: &Bound<'_, PyAny>) -> PyResult<(Place, MemoryTensor)> {
    let declare = |dtype, shape, unreadable| MemoryTensor {
        name,
        dtype,
        shape,
        same_as: None,
        unreadable,
    };
    if let Some((dtype, shape)) = elsewhere(object)? {
        let place = Place::Elsewhere(object.clone().unbind());
        return Ok((place, declare(dtype, shape, None)));
    }
    Ok(match View::of(object) {
        Ok(view) => {
            let unreadable = match &view.dtype {
                Dtype::Other(name) => Some(format!(
                    "numbers of type {name} are not read: floats of 8 to 64 bits, integers and booleans are"
                )),
                _ => None,
            };
            let tensor = declare(view.dtype.clone(), view.shape.clone(), unreadable);
            (Place::Here(view), tensor)
        }
        Err(error) => {
            let reason = error.value(object.py()).str()?.to_string();
            let shape = object.getattr(intern!(object.py(), "shape"));
            let shape = shape.and_then(|shape| shape.extract()).unwrap_or_default();
            let dtype = Dtype::Other("unknown".into());
            (Place::Nowhere, declare(dtype, shape, Some(reason)))
        }
    })
}

/// Returns type and shape of a tensor of PyTorch that lies on a device which has its numbers, but not in memory.
fn elsewhere(object: &Bound<'_, PyAny>) -> PyResult<Option<(Dtype, Vec<usize>)>> {
    let py = object.py();
    let Some(device) = object.getattr_opt(intern!(py, "device"))? else {
        return Ok(None);
    };
    let Some(kind) = device.getattr_opt(intern!(py, "type"))? else {
        return Ok(None);
    };
    let kind: String = kind.extract()?;
    if kind == "cpu" || kind == "meta" {
        return Ok(None);
    }
    let dtype = object.getattr(intern!(py, "dtype"))?.str()?.to_string();
    let dtype = match dtype.trim_start_matches("torch.") {
        "float64" => Dtype::F64,
        "float32" => Dtype::F32,
        "float16" => Dtype::F16,
        "bfloat16" => Dtype::BF16,
        "float8_e4m3fn" => Dtype::F8E4M3,
        "float8_e5m2" => Dtype::F8E5M2,
        "int64" => Dtype::I64,
        "int32" => Dtype::I32,
        "int16" => Dtype::I16,
        "int8" => Dtype::I8,
        "uint8" => Dtype::U8,
        "bool" => Dtype::Bool,
        _ => return Ok(None),
    };
    let shape = object.getattr(intern!(py, "shape"))?.extract()?;
    Ok(Some((dtype, shape)))
}
