//! The discrete cosine transform, of columns and of images.

use super::LinearOperator;
use crate::program::{Gemm, Record, TrigonometricTransform, View, Waves};
use faer::Mat;
use std::fmt;
use std::sync::Arc;

/// Orthonormal DCT-II: `A[k, i] = s cos(π (2i + 1) k / 2n)`, `s = √(2/n)`, `√(1/n)` for `k = 0`. For
/// images stored row by row, that of the rows and of the columns: `C_h ⊗ C_w`. No parameters.
///
/// Cost: `5/2 n log₂ n` operations a sample, `2 n²` of fewer than 32 numbers, for images `2 h w (h + w)`.
#[derive(Debug, Clone)]
pub struct Dct {
    height: usize,
    width: usize,
    down: Arc<[f64]>,
    across: Arc<[f64]>,
}

impl Dct {
    /// The transform of `n` numbers.
    pub fn new(n: usize) -> Dct {
        Dct::images(1, n)
    }

    /// The two-dimensional transform of images of `height × width`.
    pub fn images(height: usize, width: usize) -> Dct {
        Dct {
            height,
            width,
            down: matrix(height),
            across: if height == 1 && width >= FAST {
                Arc::new([])
            } else {
                matrix(width)
            },
        }
    }
}

/// The shortest column whose fast transform takes less time than a product with the matrix.
const FAST: usize = 32;

/// The matrix of the transform of n numbers, column by column.
fn matrix(n: usize) -> Arc<[f64]> {
    let columns = (0..n).flat_map(|i| (0..n).map(move |k| Waves::Cosine.entry(n, k, i)));
    columns.collect()
}

impl LinearOperator for Dct {
    fn shape(&self) -> (usize, usize) {
        let n = self.height * self.width;
        (n, n)
    }

    fn parameters(&self) -> usize {
        0
    }

    fn emit(&self, record: &mut Record, _: View, x: View, y: View) {
        let (height, width) = (self.height, self.width);
        if height == 1 && width >= FAST {
            return record.add(y, TrigonometricTransform::new(Waves::Cosine, width, x));
        }
        let across = record.constant("dct", width, width, Arc::clone(&self.across));
        if height == 1 {
            return record.add(y, Gemm::new(1.0, across, x));
        }
        // an image stored row by row is a column-major width × height matrix
        let images = x.unstacked(width, height);
        let rows = record.push(Gemm::new(1.0, across.repeated(x.columns), images));
        let down = record.constant("dct", height, height, Arc::clone(&self.down));
        let both = Gemm::new(1.0, rows, down.t().repeated(x.columns));
        record.add(y.unstacked(width, height), both);
    }

    fn dense(&self, _: &[f64]) -> Mat<f64> {
        let (n, _) = self.shape();
        let (h, w) = (self.height, self.width);
        let entry = |n, k, i| Waves::Cosine.entry(n, k, i);
        Mat::from_fn(n, n, |k, i| entry(h, k / w, i / w) * entry(w, k % w, i % w))
    }
}

impl fmt::Display for Dct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.height {
            1 => write!(f, "dct({})", self.width),
            height => write!(f, "dct({height}×{} images)", self.width),
        }
    }
}
