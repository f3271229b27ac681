//! Singular values of arrays.

use crate::compute::{Watch, compute};
use crate::elements::Elements;
use crate::error::Error;
use crate::pool::pool;
use crate::values::Values;
use crate::view::{Family, View};
use faer::{MatRef, Par};
use half::{bf16, f16};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use rayon::prelude::*;
use spectra::linalg::{Real, singular_values};
use spectra::weights::Dtype;
use std::io::Read;

/// Entries from which a matrix is worked on by several threads.
const LARGE: usize = 512 * 512;
/// Multiplications of a batch, about, from which its matrices are shared among threads.
const MANY: usize = 1 << 20;

/// Returns the singular values of a matrix, or of each matrix of a batch, in descending order.
///
/// As ``numpy.linalg.svd(a, compute_uv=False)`` and ``torch.linalg.svdvals(a)``: an array of shape (..., m, n) gives one of shape
/// (..., min(m, n)), of NumPy or PyTorch as the one that was given, else a ``memoryview``. Floats of 64 and 32 bits give values of
/// their type, floats of 16 bits (of bfloat16 too) values of 32 bits, computed in these. The array is read where it lies, whatever
/// its strides; other threads of the interpreter go on meanwhile and must not write to it. A value is off by at most (16 + max(m, n))
/// epsilon times the largest one. No gradient flows through it.
///
/// Raises ``Error``, a ``ValueError``, where an entry is NaN or infinite, with its place, or where there are fewer than two dimensions;
/// ``TypeError`` where the numbers are none of these floats or lie on another device, with what to give instead.
///
/// >>> import numpy as np
/// >>> import spectra_weights as sw
/// >>> sw.svdvals(np.array([[3.0, 0.0], [0.0, -4.0]]))
/// array([4., 3.])
/// >>> sw.svdvals(np.zeros((5, 2, 3), dtype="float32")).shape
/// (5, 2)
#[pyfunction]
#[pyo3(signature = (a, /))]
pub fn svdvals<'py>(py: Python<'py>, a: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let view = View::of(a)?;
    let batch = Batch::of(&view)?;
    let values = if batch.work() < LONG {
        py.detach(|| batch.values(None))
    } else {
        compute(py, |watch| batch.values(Some(watch)))?
    };
    let values = values.map_err(Error::new_err)?;
    let mut shape = view.shape[..view.shape.len() - 2].to_vec();
    shape.push(batch.rows.min(batch.columns));
    let family = Family::of(a)?.unwrap_or(Family::Other);
    values.into_array(py, &shape, family)
}

/// Multiplications, about, from which Ctrl-C is heard between the matrices of a batch.
const LONG: usize = 1 << 30;

/// The matrices of an array: its last two dimensions.
struct Batch<'a> {
    view: &'a View,
    count: usize,
    rows: usize,
    columns: usize,
}

impl Batch<'_> {
    fn of(view: &View) -> PyResult<Batch<'_>> {
        let [outer @ .., rows, columns] = view.shape.as_slice() else {
            return Err(Error::new_err(format!(
                "singular values are those of matrices: an array of shape (..., m, n) is needed, not of {} dimensions",
                view.shape.len()
            )));
        };
        let is_float = matches!(
            view.dtype,
            Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16
        );
        if !is_float {
            return Err(PyTypeError::new_err(format!(
                "an array of {} has no singular values here: floats of 64, 32 or 16 bits are needed, as a copy by \
                 a.astype('float64') or a.double() has",
                view.dtype
            )));
        }
        if view.is_swapped {
            return Err(PyTypeError::new_err(
                "the bytes of the numbers are in the other order than this machine's; give a copy, as \
                 a.astype(a.dtype.newbyteorder('='))",
            ));
        }
        Ok(Batch {
            view,
            count: outer.iter().product(),
            rows: *rows,
            columns: *columns,
        })
    }

    /// Returns about how many multiplications the values of all matrices take.
    fn work(&self) -> usize {
        let smaller = self.rows.min(self.columns);
        let one = self
            .rows
            .saturating_mul(self.columns)
            .saturating_mul(smaller);
        one.saturating_mul(self.count)
    }

    /// Returns the values of one matrix after the other, or a sentence that says where a number is not finite. It ends early,
    /// with some sentence, when it is told to.
    fn values(&self, watch: Option<&Watch>) -> Result<Values, String> {
        match self.view.dtype {
            Dtype::F64 => {
                Ok(Values::F64(self.each(watch, |offset, par| {
                    self.in_place::<f64>(offset, par)
                })?))
            }
            Dtype::F32 => {
                Ok(Values::F32(self.each(watch, |offset, par| {
                    self.in_place::<f32>(offset, par)
                })?))
            }
            _ => Ok(Values::F32(
                self.each(watch, |offset, par| self.widened(offset, par))?,
            )),
        }
    }

    /// Returns what `one` makes of each matrix, which begins so many bytes from the first element.
    fn each<T: Send>(
        &self,
        watch: Option<&Watch>,
        one: impl Fn(isize, Par) -> Option<Vec<T>> + Sync,
    ) -> Result<Vec<T>, String> {
        let (entries, smaller) = (self.rows * self.columns, self.rows.min(self.columns));
        if smaller == 0 || self.count == 0 {
            return Ok(Vec::new());
        }
        let one = |index: usize, par| {
            if watch.is_some_and(Watch::is_ended) {
                return Err("interrupted".to_owned());
            }
            let values = one(self.offset(index), par);
            values.ok_or_else(|| self.not_finite(index))
        };
        if entries >= LARGE {
            let all = || {
                (0..self.count)
                    .map(|index| one(index, Par::rayon(0)))
                    .collect()
            };
            let all: Result<Vec<Vec<T>>, String> = pool().install(all);
            return Ok(all?.into_iter().flatten().collect());
        }
        if self.count == 1 {
            return one(0, Par::Seq);
        }
        let all: Result<Vec<Vec<T>>, String> = if self.work() < MANY {
            (0..self.count).map(|index| one(index, Par::Seq)).collect()
        } else {
            let shared = (0..self.count).into_par_iter();
            pool().install(|| shared.map(|index| one(index, Par::Seq)).collect())
        };
        Ok(all?.into_iter().flatten().collect())
    }

    /// Returns how many bytes from the first element matrix `index` begins.
    fn offset(&self, index: usize) -> isize {
        let mut rest = index;
        let mut offset = 0;
        let outer = self.view.shape.len() - 2;
        let dimensions = self.view.shape[..outer]
            .iter()
            .zip(&self.view.strides[..outer]);
        for (&n, &step) in dimensions.rev() {
            offset += (rest % n) as isize * step;
            rest /= n;
        }
        offset
    }

    /// Returns the values of a matrix that is read where it lies; `None` where an entry is not finite.
    fn in_place<T: Real>(&self, offset: isize, par: Par) -> Option<Vec<T>> {
        let size = size_of::<T>() as isize;
        let first = self.view.at(offset);
        let [.., by_row, by_column] = self.view.strides[..] else {
            unreachable!("a batch has two dimensions at least");
        };
        let is_aligned = first.addr().is_multiple_of(align_of::<T>());
        if is_aligned && by_row % size == 0 && by_column % size == 0 {
            let (rows, columns) = (self.rows, self.columns);
            // SAFETY: the entries are aligned elements of the view.
            let a = unsafe {
                MatRef::from_raw_parts(first.cast(), rows, columns, by_row / size, by_column / size)
            };
            return singular_values(a, par).ok();
        }
        // A field of a structured array, for one: its entries are copied.
        let entries = self.copied(offset, |bytes: &[u8]| {
            // SAFETY: as many bytes as the type has, whatever their alignment; every pattern is a number.
            unsafe { bytes.as_ptr().cast::<T>().read_unaligned() }
        });
        self.of_entries(&entries, par)
    }

    /// Returns the values of a matrix of floats of 16 bits, computed in 32 bits.
    fn widened(&self, offset: isize, par: Par) -> Option<Vec<f32>> {
        let is_brain = self.view.dtype == Dtype::BF16;
        let entries = self.copied(offset, |bytes: &[u8]| {
            let bytes = [bytes[0], bytes[1]];
            if is_brain {
                bf16::from_ne_bytes(bytes).to_f32()
            } else {
                f16::from_ne_bytes(bytes).to_f32()
            }
        });
        self.of_entries(&entries, par)
    }

    fn of_entries<T: Real>(&self, entries: &[T], par: Par) -> Option<Vec<T>> {
        let a = MatRef::from_row_major_slice(entries, self.rows, self.columns);
        singular_values(a, par).ok()
    }

    /// Copies the entries of a matrix, row by row.
    fn copied<T>(&self, offset: isize, entry: impl Fn(&[u8]) -> T) -> Vec<T> {
        let size = self.view.dtype.size().expect("a float");
        let mut elements = Elements::of_matrix(self.view, offset);
        let mut bytes = Vec::new();
        elements
            .read_to_end(&mut bytes)
            .expect("memory can be read");
        bytes.chunks_exact(size).map(entry).collect()
    }

    /// Says where the first entry of matrix `index` is that is not finite.
    fn not_finite(&self, index: usize) -> String {
        let is_finite = |bytes: &[u8]| match *bytes {
            [a, b] if self.view.dtype == Dtype::BF16 => bf16::from_ne_bytes([a, b]).is_finite(),
            [a, b] => f16::from_ne_bytes([a, b]).is_finite(),
            [a, b, c, d] => f32::from_ne_bytes([a, b, c, d]).is_finite(),
            _ => f64::from_ne_bytes(bytes.try_into().unwrap_or_default()).is_finite(),
        };
        let finite = self.copied(self.offset(index), is_finite);
        let count = finite.iter().filter(|&&is_finite| !is_finite).count();
        let first = finite.iter().position(|&is_finite| !is_finite).unwrap_or(0);
        let mut place = vec![first / self.columns, first % self.columns];
        let mut rest = index;
        for &n in self.view.shape[..self.view.shape.len() - 2].iter().rev() {
            place.insert(0, rest % n);
            rest /= n;
        }
        let entries = if count == 1 {
            "1 entry of the matrix is".to_owned()
        } else {
            format!("{count} entries of the matrix are")
        };
        format!("{entries} NaN or infinite, the first at {place:?}: it has no singular values")
    }
}
