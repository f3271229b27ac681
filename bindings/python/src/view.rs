//! Numbers that Python objects hold, where they lie.

use crate::{dlpack, interface};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use spectra::weights::Dtype;

/// An array in the memory of a Python object: nothing is copied.
///
/// The object keeps the memory alive. Another thread may change numbers in it meanwhile, as it may while NumPy computes
/// without the interpreter's lock; each is read once or several times, and no index depends on it.
#[derive(Debug)]
pub struct View {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Bytes from an element to its neighbour along each dimension.
    pub strides: Vec<isize>,
    /// Whether the bytes of an element are in the other order than those of this machine.
    pub is_swapped: bool,
    data: *const u8,
    /// Keeps the memory.
    _owner: Py<PyAny>,
}

// SAFETY: the memory is only read, and belongs to no thread; the owner may be dropped on any.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

/// The protocol by which an array is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// It has NumPy's interface.
    Numpy,
    /// A tensor of PyTorch.
    Torch,
    /// It has DLPack's interface.
    Other,
}

impl Family {
    /// Returns the kind of `object`; `None` where it is no array.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Family>> {
        if is_tensor(object)? {
            return Ok(Some(Family::Torch));
        }
        let py = object.py();
        Ok(
            if object.hasattr(pyo3::intern!(py, "__array_interface__"))? {
                Some(Family::Numpy)
            } else if object.hasattr(pyo3::intern!(py, "__dlpack__"))? {
                Some(Family::Other)
            } else {
                None
            },
        )
    }
}

/// Returns whether an object is a tensor of PyTorch, which is not imported for that.
fn is_tensor(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    static TENSOR: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = object.py();
    if let Some(class) = TENSOR.get(py) {
        return object.is_instance(class.bind(py));
    }
    let modules = py.import("sys")?.getattr("modules")?;
    let torch = modules.call_method1("get", ("torch",))?;
    // While it is being imported it has no tensors yet.
    let Ok(class) = torch.getattr("Tensor") else {
        return Ok(false);
    };
    let class = TENSOR.get_or_init(py, || class.unbind());
    object.is_instance(class.bind(py))
}

/// Returns whether an array of NumPy has a mask.
fn is_masked(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    Ok(
        object.hasattr(pyo3::intern!(py, "mask"))?
            && object.hasattr(pyo3::intern!(py, "filled"))?,
    )
}

/// Says what a tensor is that has no numbers which lie one beside the other, and what to give instead.
fn special(object: &Bound<'_, PyAny>) -> Option<PyErr> {
    let is = |name: &str| {
        let flag = object.getattr(name).and_then(|flag| flag.is_truthy());
        flag.unwrap_or(false)
    };
    let has = |name: &str, words: &str| {
        let value = object.getattr(name).and_then(|value| value.str());
        value.is_ok_and(|value| value.to_string().starts_with(words))
    };
    let words = if is("is_nested") {
        "a nested tensor: give its parts, as w.unbind()"
    } else if is("is_quantized") {
        "a quantised tensor: give its numbers, as w.dequantize()"
    } else if is("is_meta") {
        "a tensor on the device meta has no numbers: load them first"
    } else if object
        .get_type()
        .name()
        .is_ok_and(|name| name.to_string().starts_with("Uninitialized"))
    {
        "a parameter of a lazy layer without numbers: run the model once first"
    } else if has("layout", "torch.sparse") {
        "a sparse tensor: give it dense, as w.to_dense()"
    } else {
        return None;
    };
    Some(PyTypeError::new_err(words))
}

impl View {
    /// Returns the numbers of an array.
    ///
    /// # Errors
    ///
    /// `TypeError`, where it is none, or its numbers cannot be read where they lie, with what to give instead.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<View> {
        let view = match Family::of(object)? {
            Some(Family::Numpy) if is_masked(object)? => Err(PyTypeError::new_err(
                "a masked array has entries that do not count; give the numbers that do, as a.filled(0.0)",
            )),
            Some(Family::Numpy) => interface::view(object),
            Some(Family::Torch | Family::Other) => {
                dlpack::view(object).map_err(|error| special(object).unwrap_or(error))
            }
            None => Err(PyTypeError::new_err(format!(
                "an array is needed, of NumPy, PyTorch or anything with __array_interface__ or __dlpack__, not {}; \
                 numpy.asarray makes one",
                object.get_type().name()?
            ))),
        }?;
        if view.data.is_null() && view.len() > 0 {
            return Err(PyTypeError::new_err(
                "its numbers are not in memory: its storage was freed, as that of a sharded parameter is, or it is a fake tensor",
            ));
        }
        Ok(view)
    }

    /// Makes a view of memory.
    ///
    /// # Safety
    ///
    /// Every element that shape and strides reach from `data` is readable as long as `owner` lives.
    pub unsafe fn new(
        data: *const u8,
        dtype: Dtype,
        shape: Vec<usize>,
        strides: Option<Vec<isize>>,
        is_swapped: bool,
        owner: Py<PyAny>,
    ) -> View {
        let size = dtype.size().unwrap_or(1);
        View {
            strides: strides.unwrap_or_else(|| row_major(&shape, size)),
            dtype,
            shape,
            is_swapped,
            data,
            _owner: owner,
        }
    }

    /// Returns the number of elements.
    pub fn len(&self) -> usize {
        if self.shape.contains(&0) {
            0
        } else {
            self.shape.iter().product()
        }
    }

    /// Returns the address of the element that lies `offset` bytes from the first.
    pub fn at(&self, offset: isize) -> *const u8 {
        self.data.wrapping_offset(offset)
    }

    /// Returns whether the elements lie in row-major order without gaps.
    pub fn is_row_major(&self) -> bool {
        let expected = row_major(&self.shape, self.dtype.size().unwrap_or(1));
        let dimensions = self.shape.iter().zip(&self.strides).zip(&expected);
        self.len() == 0
            || dimensions
                .into_iter()
                .all(|((&n, step), e)| n == 1 || step == e)
    }

    /// Returns what two views have in common that show the same elements.
    pub fn identity(&self) -> (usize, Dtype, Vec<usize>, Vec<isize>) {
        let (shape, strides) = (self.shape.clone(), self.strides.clone());
        (self.data.addr(), self.dtype.clone(), shape, strides)
    }
}

/// Returns the steps of elements of `size` bytes, the last index fastest.
fn row_major(shape: &[usize], size: usize) -> Vec<isize> {
    let mut step = size as isize;
    let mut strides: Vec<isize> = shape
        .iter()
        .rev()
        .map(|&n| {
            let own = step;
            step = step.wrapping_mul(n as isize);
            own
        })
        .collect();
    strides.reverse();
    strides
}
