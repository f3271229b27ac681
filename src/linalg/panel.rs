//! QR factorisation of a narrow panel, with the block reflector in compact form.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use pulp::{Arch, Simd, WithSimd};

use super::kernels::{axpy, dot, reflector};
use super::real::Real;

/// Columns factored by vector operations; wider panels are halved, and the halves put together by
/// products.
const STRIP: usize = 8;

/// Vector operations start at multiples of this many rows: of zeros, where that is above the pivot.
const ALIGNMENT: usize = 8;

/// A panel being factored: `rows × width`, columns contiguous.
///
/// After [`Panel::factor`] the reflectors `H₁ H₂ … = I − V T Vᵀ` (Schreiber & Van Loan 1989) have
/// `V` in the panel, ones and zeros of its trapezium written out, so that products take it as it
/// is.
pub(super) struct Panel<T> {
    /// One column, which starts at a cache line as no `Vec` does.
    entries: Mat<T>,
    width: usize,
    /// Upper triangular `T`, width × width.
    pub(super) t: Mat<T>,
    /// Upper triangular `R`, width × width.
    pub(super) r: Mat<T>,
    work: [Mat<T>; 2],
}

impl<T: Real> Panel<T> {
    /// Room for panels of `width` columns and at most `rows` rows.
    pub(super) fn new(rows: usize, width: usize) -> Self {
        let square = || Mat::zeros(width, width);
        Panel {
            entries: Mat::zeros(rows * width, 1),
            width,
            t: square(),
            r: square(),
            work: [square(), square()],
        }
    }

    /// The first `rows × width` entries as a matrix: the panel before, `V` after factoring.
    pub(super) fn matrix(&self, rows: usize, width: usize) -> MatRef<'_, T> {
        let entries = self.entries.col_as_slice(0);
        MatRef::from_column_major_slice(&entries[..rows * width], rows, width)
    }

    /// The same, to be written.
    pub(super) fn matrix_mut(&mut self, rows: usize, width: usize) -> MatMut<'_, T> {
        let entries = self.entries.col_as_slice_mut(0);
        MatMut::from_column_major_slice_mut(&mut entries[..rows * width], rows, width)
    }

    /// Factors the `rows × width` panel `P = Q [R; 0]`; a panel wider than tall has `rows`
    /// reflectors.
    pub(super) fn factor(&mut self, rows: usize, width: usize) {
        assert!(
            width <= self.width,
            "a panel of {} columns holds no {width}",
            self.width
        );
        self.factor_columns(rows, 0, width);
    }

    /// Factors `width` columns from `first` on, where the pivot of the first is in row `first`
    /// (Elmroth & Gustavson, *Applying recursion to serial and parallel QR factorization leads to
    /// better performance*, IBM J. Res. Dev. 44, 2000).
    fn factor_columns(&mut self, rows: usize, first: usize, width: usize) {
        if width <= STRIP {
            let entries = self.entries.col_as_slice_mut(0);
            Arch::new().dispatch(FactorStrip {
                strip: &mut entries[first * rows..(first + width) * rows],
                rows,
                first,
                r: self.r.as_mut().subcols_mut(first, width),
                t: self.t.as_mut().submatrix_mut(first, first, width, width),
            });
            return;
        }
        let left = (width / 2).next_multiple_of(STRIP);
        let (middle, right) = (first + left, width - left);
        self.factor_columns(rows, first, left);
        self.apply(rows, first, left, right);
        self.factor_columns(rows, middle, right);
        self.join(rows, first, left, right);
    }

    /// Applies the transposed reflectors of `left` columns from `first` on to the `right` columns
    /// after them.
    fn apply(&mut self, rows: usize, first: usize, left: usize, right: usize) {
        let pivot = first.min(rows);
        let t = self.t.as_ref().submatrix(first, first, left, left);
        let [w, tw] = &mut self.work;
        let mut w = w.as_mut().submatrix_mut(0, 0, left, right);
        let mut tw = tw.as_mut().submatrix_mut(0, 0, left, right);
        let entries = self.entries.col_as_slice_mut(0);
        let (v, x) = entries[first * rows..].split_at_mut(left * rows);
        let v = MatRef::from_column_major_slice(v, rows, left).subrows(pivot, rows - pivot);
        let x = MatMut::from_column_major_slice_mut(&mut x[..right * rows], rows, right);
        let x = x.subrows_mut(pivot, rows - pivot);
        let (replace, one) = (Accum::Replace, T::ONE);
        matmul(
            w.as_mut(),
            replace,
            v.transpose(),
            x.as_ref(),
            one,
            Par::Seq,
        );
        matmul(
            tw.as_mut(),
            replace,
            t.transpose(),
            w.as_ref(),
            one,
            Par::Seq,
        );
        matmul(x, Accum::Add, v, tw.as_ref(), -one, Par::Seq);
    }

    /// The `T` of all reflectors from the `T₁`, `T₂` of two neighbouring groups of them:
    /// `[T₁  −T₁ V₁ᵀV₂ T₂; 0  T₂]`.
    fn join(&mut self, rows: usize, first: usize, left: usize, right: usize) {
        let middle = first + left;
        let pivot = middle.min(rows);
        let entries = self.entries.col_as_slice(0);
        let v = MatRef::from_column_major_slice(
            &entries[..(middle + right) * rows],
            rows,
            middle + right,
        );
        let v = v.subrows(pivot, rows - pivot);
        let [w, tw] = &mut self.work;
        let mut w = w.as_mut().submatrix_mut(0, 0, left, right);
        let mut tw = tw.as_mut().submatrix_mut(0, 0, left, right);
        let (t, t2) = self.t.as_mut().split_at_col_mut(middle);
        let t1 = t.as_ref().submatrix(first, first, left, left);
        let (t12, t2) = t2.subcols_mut(0, right).split_at_row_mut(middle);
        let (replace, one) = (Accum::Replace, T::ONE);
        matmul(
            w.as_mut(),
            replace,
            v.subcols(first, left).transpose(),
            v.subcols(middle, right),
            one,
            Par::Seq,
        );
        matmul(tw.as_mut(), replace, t1, w.as_ref(), one, Par::Seq);
        matmul(
            t12.subrows_mut(first, left),
            replace,
            tw.as_ref(),
            t2.as_ref().subrows(0, right),
            -one,
            Par::Seq,
        );
    }
}

/// Factors a strip of columns whose first pivot is in row `first`, by vector operations.
struct FactorStrip<'a, T: Real> {
    strip: &'a mut [T],
    rows: usize,
    first: usize,
    r: MatMut<'a, T>,
    t: MatMut<'a, T>,
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
            mut t,
        } = self;
        for j in 0..t.ncols() {
            let pivot = (first + j).min(rows);
            let start = pivot - pivot % ALIGNMENT;
            let (before, rest) = strip.split_at_mut(j * rows);
            let (column, rest) = rest.split_at_mut(rows);
            let (above, v) = column.split_at_mut(pivot);
            let reflector = reflector(v);
            for i in 0..r.nrows() {
                r[(i, j)] = above.get(i).copied().unwrap_or(T::ZERO);
            }
            if pivot < rows {
                r[(pivot, j)] = reflector.beta;
            }
            above.fill(T::ZERO);
            let v = &column[start..];
            for column in rest.chunks_exact_mut(rows) {
                let column = &mut column[start..];
                axpy(-reflector.tau * dot(v, column), v, column);
            }
            // column j of T is −τ T Vᵀv above the diagonal
            let mut products = [T::ZERO; STRIP];
            for (product, column) in products.iter_mut().zip(before.chunks_exact(rows)) {
                *product = dot(&column[start..], v);
            }
            for i in 0..j {
                let mut sum = T::ZERO;
                for l in i..j {
                    sum += t[(i, l)] * products[l];
                }
                t[(i, j)] = -reflector.tau * sum;
            }
            t[(j, j)] = reflector.tau;
        }
    }
}
