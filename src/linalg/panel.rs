//! QR factorisation of a narrow panel, with the block reflector in compact form.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use pulp::{Arch, Simd, WithSimd};

use super::kernels::{axpy, dot, reflector};
use super::real::Real;

/// Columns factored by vector operations before the rest of the panel is updated by products.
const STRIP: usize = 8;

/// A panel being factored: `rows × width`, columns contiguous.
///
/// After [`Panel::factor`] the reflectors `H₁ H₂ … = I − V T Vᵀ` (Schreiber & Van Loan 1989) have
/// `V` in the panel, ones and zeros of its trapezium written out, so that products take it as it
/// is.
pub(super) struct Panel<T> {
    entries: Vec<T>,
    width: usize,
    /// Upper triangular `T`, width × width.
    pub(super) t: Mat<T>,
    /// Upper triangular `R`, width × width.
    pub(super) r: Mat<T>,
    gram: Mat<T>,
    work: Vec<T>,
}

impl<T: Real> Panel<T> {
    /// Room for panels of `width` columns and at most `rows` rows.
    pub(super) fn new(rows: usize, width: usize) -> Self {
        Panel {
            entries: vec![T::ZERO; rows * width],
            width,
            t: Mat::zeros(width, width),
            r: Mat::zeros(width, width),
            gram: Mat::zeros(width, width),
            work: vec![T::ZERO; 2 * STRIP * width],
        }
    }

    /// The first `rows × width` entries as a matrix: the panel before, `V` after factoring.
    pub(super) fn matrix(&self, rows: usize, width: usize) -> MatRef<'_, T> {
        MatRef::from_column_major_slice(&self.entries[..rows * width], rows, width)
    }

    /// The same, to be written.
    pub(super) fn matrix_mut(&mut self, rows: usize, width: usize) -> MatMut<'_, T> {
        MatMut::from_column_major_slice_mut(&mut self.entries[..rows * width], rows, width)
    }

    /// Factors the `rows × width` panel `P = Q [R; 0]`; a panel wider than tall has `rows`
    /// reflectors.
    pub(super) fn factor(&mut self, rows: usize, width: usize) {
        assert!(
            width <= self.width,
            "a panel of {} columns holds no {width}",
            self.width
        );
        let arch = Arch::new();
        let mut taus = [T::ZERO; 64];
        for first in (0..width).step_by(STRIP) {
            let strip = STRIP.min(width - first);
            let (left, rest) = self.entries[first * rows..width * rows].split_at_mut(strip * rows);
            arch.dispatch(FactorStrip {
                strip: left,
                rows,
                first,
                r: self.r.as_mut(),
                taus: &mut taus[first..first + strip],
            });
            let later = width - first - strip;
            if later == 0 || first >= rows {
                continue;
            }
            let v = MatRef::from_column_major_slice(left, rows, strip).subrows(first, rows - first);
            let right = MatMut::from_column_major_slice_mut(rest, rows, later);
            let mut right = right.subrows_mut(first, rows - first);
            let mut gram = self.gram.as_mut().submatrix_mut(0, 0, strip, strip);
            matmul(
                gram.as_mut(),
                Accum::Replace,
                v.transpose(),
                v,
                T::ONE,
                Par::Seq,
            );
            compact_factor(self.t.as_mut(), gram.as_ref(), &taus[first..first + strip]);
            let t = self.t.as_ref().submatrix(0, 0, strip, strip);
            let (w, tw) = self.work.split_at_mut(STRIP * self.width);
            let mut w = MatMut::from_column_major_slice_mut(&mut w[..strip * later], strip, later);
            let mut tw =
                MatMut::from_column_major_slice_mut(&mut tw[..strip * later], strip, later);
            matmul(
                w.as_mut(),
                Accum::Replace,
                v.transpose(),
                right.as_ref(),
                T::ONE,
                Par::Seq,
            );
            matmul(
                tw.as_mut(),
                Accum::Replace,
                t.transpose(),
                w.as_ref(),
                T::ONE,
                Par::Seq,
            );
            matmul(
                right.as_mut(),
                Accum::Add,
                v,
                tw.as_ref(),
                -T::ONE,
                Par::Seq,
            );
        }
        let v = MatRef::from_column_major_slice(&self.entries[..rows * width], rows, width);
        let mut gram = self.gram.as_mut().submatrix_mut(0, 0, width, width);
        matmul(
            gram.as_mut(),
            Accum::Replace,
            v.transpose(),
            v,
            T::ONE,
            Par::Seq,
        );
        compact_factor(self.t.as_mut(), gram.as_ref(), &taus[..width]);
    }
}

/// The `T` of `I − V T Vᵀ` from `VᵀV` and the τ: `T₁..ₖ,ₖ = −τₖ T₁..ₖ,₁..ₖ (VᵀV)₁..ₖ,ₖ` above the
/// diagonal.
fn compact_factor<T: Real>(mut t: MatMut<'_, T>, gram: MatRef<'_, T>, taus: &[T]) {
    for (k, &tau) in taus.iter().enumerate() {
        for i in 0..k {
            let mut sum = T::ZERO;
            for l in i..k {
                sum += t[(i, l)] * gram[(l, k)];
            }
            t[(i, k)] = -tau * sum;
        }
        t[(k, k)] = tau;
        for i in k + 1..taus.len() {
            t[(i, k)] = T::ZERO;
        }
    }
}

/// Factors a strip of columns whose first pivot is in row `first`, by vector operations.
struct FactorStrip<'a, T: Real> {
    strip: &'a mut [T],
    rows: usize,
    first: usize,
    r: MatMut<'a, T>,
    taus: &'a mut [T],
}

impl<T: Real> WithSimd for FactorStrip<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let FactorStrip {
            strip,
            rows,
            first,
            mut r,
            taus,
        } = self;
        for (j, tau) in taus.iter_mut().enumerate() {
            let pivot = (first + j).min(rows);
            let (done, rest) = strip.split_at_mut((j + 1) * rows);
            let (above, v) = done[j * rows..].split_at_mut(pivot);
            let reflector = reflector(v);
            for i in 0..r.nrows() {
                r[(i, first + j)] = above.get(i).copied().unwrap_or(T::ZERO);
            }
            if pivot < rows {
                r[(pivot, first + j)] = reflector.beta;
            }
            above.fill(T::ZERO);
            *tau = reflector.tau;
            for column in rest.chunks_exact_mut(rows) {
                let column = &mut column[pivot..];
                axpy(-reflector.tau * dot(v, column), v, column);
            }
        }
    }
}
