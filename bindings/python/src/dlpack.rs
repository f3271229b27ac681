//! DLPack: <https://dmlc.github.io/dlpack/latest/c_api.html>.

use crate::view::View;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use spectra::weights::Dtype;
use std::ffi::c_void;

/// `kDLCPU`.
const CPU: i32 = 1;

#[repr(C)]
struct Device {
    kind: i32,
    number: i32,
}

#[repr(C)]
struct DataType {
    code: u8,
    bits: u8,
    lanes: u16,
}

/// `DLTensor`, which is also the beginning of `DLManagedTensor`.
#[repr(C)]
struct Tensor {
    data: *const c_void,
    device: Device,
    dimensions: i32,
    dtype: DataType,
    shape: *const i64,
    /// In elements; null for row-major order.
    strides: *const i64,
    byte_offset: u64,
}

/// Returns the numbers of an object that has `__dlpack__`; a tensor that requires gradients is taken without them.
pub fn view(object: &Bound<'_, PyAny>) -> PyResult<View> {
    let py = object.py();
    let requires_grad = object.getattr_opt(intern!(py, "requires_grad"))?;
    let object = match requires_grad {
        Some(flag) if flag.is_truthy()? => object.call_method0(intern!(py, "detach"))?,
        _ => object.clone(),
    };
    let capsule = object.call_method0(intern!(py, "__dlpack__"))?;
    let capsule = capsule.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(c"dltensor"))?;
    // SAFETY: a capsule of this name holds a `DLManagedTensor`, which lives as long as nobody takes it over; the capsule is
    // kept and stays ours.
    let tensor: &Tensor = unsafe { pointer.cast().as_ref() };
    if tensor.device.kind != CPU {
        return Err(PyTypeError::new_err(
            "the array does not lie in the memory of the CPU; give a copy that does, as a.cpu()",
        ));
    }
    let dimensions = usize::try_from(tensor.dimensions).unwrap_or(0);
    let list = |start: *const i64| {
        if start.is_null() || dimensions == 0 {
            return None;
        }
        // SAFETY: shape and strides have as many numbers as there are dimensions.
        Some(unsafe { std::slice::from_raw_parts(start, dimensions) })
    };
    let shape = list(tensor.shape).unwrap_or_default();
    let shape: Vec<usize> = shape.iter().map(|&n| n as usize).collect();
    let dtype = dtype(&tensor.dtype);
    let size = dtype.size().unwrap_or(1) as isize;
    let in_bytes = |steps: &[i64]| steps.iter().map(|&step| step as isize * size).collect();
    let strides: Option<Vec<isize>> = list(tensor.strides).map(in_bytes);
    let data = tensor
        .data
        .cast::<u8>()
        .wrapping_add(tensor.byte_offset as usize);
    // SAFETY: the protocol promises as much, and the capsule keeps the memory.
    Ok(unsafe {
        View::new(
            data,
            dtype,
            shape,
            strides,
            false,
            capsule.into_any().unbind(),
        )
    })
}

fn dtype(kind: &DataType) -> Dtype {
    match (kind.code, kind.bits, kind.lanes) {
        (0, 64, 1) => Dtype::I64,
        (0, 32, 1) => Dtype::I32,
        (0, 16, 1) => Dtype::I16,
        (0, 8, 1) => Dtype::I8,
        (1, 64, 1) => Dtype::U64,
        (1, 32, 1) => Dtype::U32,
        (1, 16, 1) => Dtype::U16,
        (1, 8, 1) => Dtype::U8,
        (2, 64, 1) => Dtype::F64,
        (2, 32, 1) => Dtype::F32,
        (2, 16, 1) => Dtype::F16,
        (4, 16, 1) => Dtype::BF16,
        (5, bits, 1) => Dtype::Other(format!("complex{bits}")),
        (6, 8, 1) => Dtype::Bool,
        (10, 8, 1) => Dtype::F8E4M3,
        (12, 8, 1) => Dtype::F8E5M2,
        (code, bits, lanes) => Dtype::Other(format!("type {code} of {bits} bits, {lanes} lanes")),
    }
}
