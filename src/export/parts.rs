//! The tensors that a fit is stored as.

use super::fitted::{Fitted, row_major};
use super::forms::{Changed, Form};
use crate::compress::{Family, Fit, Pivoted, Sizes, balanced};
use crate::linalg::algebra::{orthonormal_columns, product};
use crate::plan::Storage;
use crate::weights::{Dtype, RawTensor, encode};
use faer::{Mat, MatRef};

/// A tensor of a fit: what follows the layer's name, its shape, and whether its numbers are indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub ending: &'static str,
    pub shape: Vec<usize>,
    pub is_index: bool,
}

impl Part {
    fn new(ending: &'static str, shape: &[usize]) -> Part {
        Part {
            ending,
            shape: shape.to_vec(),
            is_index: false,
        }
    }

    /// Returns the indices of what is kept.
    fn kept(count: usize) -> Part {
        Part {
            is_index: true,
            ..Part::new("kept", &[count])
        }
    }

    /// Returns the tensor of a layer, without a place.
    pub fn tensor(&self, layer: &str, changed: &Changed) -> RawTensor {
        let name = format!("{layer}.{}", self.ending);
        if self.is_index {
            RawTensor::new(name, &Dtype::I32, self.shape.clone())
        } else {
            changed.tensor(name, self.shape.clone())
        }
    }
}

/// Returns the parts of a layer, before it is fitted.
///
/// Factors multiply to the matrix in the orientation of the view, `A B`. Kept rows are those of the layer as it acts: of a
/// table those of its transpose.
pub(super) fn parts(changed: &Changed, form: &Form, storage: Storage) -> Vec<Part> {
    let (rows, columns, size) = (changed.view.rows, changed.view.columns, form.size.size);
    let Sizes { m, n, .. } = form.sizes;
    match (form.size.family, storage) {
        (Family::Dense, _) => Vec::new(),
        (Family::LowRank, Storage::Factors) => vec![
            Part::new("A", &[rows, size]),
            Part::new("B", &[size, columns]),
        ],
        (Family::LowRank, Storage::Pivoted) => vec![
            Part::new("rows", &[size, n]),
            Part::new("multiples", &[m - size, size]),
            Part::kept(size),
        ],
        (Family::Columns, _) => vec![Part::new("values", &[m, size]), Part::kept(size)],
        (Family::Kronecker, _) => {
            let [m1, n1] = form.size.blocks.unwrap_or([1, 1]);
            vec![
                Part::new("A", &[size, m1, n1]),
                Part::new("B", &[size, m / m1, n / n1]),
            ]
        }
        (Family::Dct, _) => vec![Part::new("values", &[m, size])],
    }
}

/// Returns the bytes of the parts, in their order; `None` where a number is beyond the range of the tensor's type.
pub(super) fn contents(
    changed: &Changed,
    form: &Form,
    storage: Storage,
    fitted: &Fitted,
) -> Option<Vec<Vec<u8>>> {
    let numbers = |matrix: MatRef<'_, f64>| {
        let restored = |x: f64| fitted.scale.restore(x);
        let values: Vec<f64> = row_major(matrix).into_iter().map(restored).collect();
        encode(&changed.dtype, &values)
    };
    let plain = |matrix: MatRef<'_, f64>| encode(&changed.dtype, &row_major(matrix));
    match (&fitted.fit, storage) {
        (Fit::LowRank { a, b }, Storage::Factors) => {
            let (a, b) = balanced(a.as_ref(), b.as_ref());
            if form.is_table {
                Some(vec![numbers(b.transpose())?, plain(a.transpose())?])
            } else {
                Some(vec![numbers(a.as_ref())?, plain(b.as_ref())?])
            }
        }
        (Fit::LowRank { a, b }, Storage::Pivoted) => {
            let (a, b) = orthonormal(a, b);
            let pivoted = Pivoted::new(a.as_ref(), b.as_ref());
            Some(vec![
                numbers(pivoted.rows.as_ref())?,
                plain(pivoted.multiples.as_ref())?,
                indices(&pivoted.kept)?,
            ])
        }
        (Fit::Columns { values, kept, .. }, _) => {
            Some(vec![numbers(values.as_ref())?, indices(kept)?])
        }
        (Fit::Kronecker { a, b }, _) => {
            let all = |factors: &[Mat<f64>], one: &dyn Fn(MatRef<'_, f64>) -> Option<Vec<u8>>| {
                let bytes: Option<Vec<_>> = factors.iter().map(|f| one(f.as_ref())).collect();
                Some(bytes?.concat())
            };
            Some(vec![all(a, &numbers)?, all(b, &plain)?])
        }
        (Fit::Dct { values, .. }, _) => Some(vec![numbers(values.as_ref())?]),
    }
}

/// Returns indices in four bytes each.
fn indices(kept: &[usize]) -> Option<Vec<u8>> {
    let bytes = kept
        .iter()
        .map(|&index| Some(i32::try_from(index).ok()?.to_le_bytes()));
    Some(bytes.collect::<Option<Vec<_>>>()?.concat())
}

/// Returns factors of the same product, the left one with orthonormal columns.
fn orthonormal(a: &Mat<f64>, b: &Mat<f64>) -> (Mat<f64>, Mat<f64>) {
    let q = orthonormal_columns(a.clone());
    let turned = product(q.as_ref().transpose(), a.as_ref());
    let b = product(turned.as_ref(), b.as_ref());
    (q, b)
}
