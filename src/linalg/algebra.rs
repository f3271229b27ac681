//! Dense products and factorisations whose bits do not depend on the number of threads: on the calling
//! thread, or cut by shape alone.

use super::Real;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj,
};
use faer::linalg::matmul::matmul;
use faer::linalg::qr::no_pivoting::factor::{
    qr_in_place, qr_in_place_scratch, recommended_block_size,
};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::prelude::default;
use faer::{Accum, Conj, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// `A B` on the calling thread, so that its bits depend on nothing else.
pub(crate) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut c = Mat::zeros(a.nrows(), b.ncols());
    matmul(c.as_mut(), Accum::Replace, a, b, 1.0, Par::Seq);
    c
}

/// Columns or rows of a product that one thread computes at a time.
const STRIP: usize = 64;
/// Multiplications that are not worth a second thread.
const SMALL: usize = 1 << 18;
/// m n² of a triangle whose strips on several threads are worth the triangle of their triangles.
const LARGE: usize = 1 << 29;

/// `C ← A B` on all threads: strips of columns, or of rows where there are few columns.
pub(crate) fn multiply<T: Real>(c: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    if a.nrows() * a.ncols() * b.ncols() < SMALL {
        matmul(c, Accum::Replace, a, b, T::ONE, Par::Seq);
    } else if b.ncols() >= 2 * STRIP {
        let strips = c.par_col_chunks_mut(STRIP).zip(b.par_col_chunks(STRIP));
        strips.for_each(|(c, b)| matmul(c, Accum::Replace, a, b, T::ONE, Par::Seq));
    } else {
        let strips = c.par_row_chunks_mut(STRIP).zip(a.par_row_chunks(STRIP));
        strips.for_each(|(c, a)| matmul(c, Accum::Replace, a, b, T::ONE, Par::Seq));
    }
}

/// The triangle `R` of `A = Q R`, min(m, n) × n, by Householder reflections: 2 m n² operations.
///
/// Large tall matrices are cut into strips of rows; the triangle of their triangles is that of the whole
/// (Demmel, Grigori, Hoemmen, Langou 2012, "Communication-optimal parallel and sequential QR").
pub(crate) fn triangle<T: Real>(a: MatRef<'_, T>) -> Mat<T> {
    let (m, n) = a.shape();
    let height = (3 * n).max(1024);
    if m < 2 * height || m * n * n < LARGE {
        return upper(a.to_owned());
    }
    let strips = a.par_row_chunks(height);
    let triangles: Vec<Mat<T>> = strips.map(|strip| upper(strip.to_owned())).collect();
    let rows = triangles.iter().map(Mat::nrows).sum();
    let mut stacked = Mat::zeros(rows, n);
    let mut start = 0;
    for triangle in triangles {
        let mut place = stacked.as_mut().subrows_mut(start, triangle.nrows());
        place.copy_from(&triangle);
        start += triangle.nrows();
    }
    upper(stacked)
}

fn upper<T: Real>(mut a: Mat<T>) -> Mat<T> {
    let (m, n) = a.shape();
    let k = m.min(n);
    let block = recommended_block_size::<T>(m, n);
    let mut coefficients = Mat::zeros(block, k);
    let scratch = qr_in_place_scratch::<T>(m, n, block, Par::Seq, default());
    qr_in_place(
        a.as_mut(),
        coefficients.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        default(),
    );
    Mat::from_fn(k, n, |i, j| if i <= j { a[(i, j)] } else { T::ZERO })
}

/// The thin factor `Q`, m × k with orthonormal columns, of `A = Q R` (m ≥ k) with a diagonal of `R`
/// that is nowhere negative. Householder: 4 (m k² − k³/3) operations.
pub(crate) fn orthonormal_columns(mut a: Mat<f64>) -> Mat<f64> {
    let (m, k) = a.shape();
    assert!(
        m >= k,
        "orthonormal columns of {m} × {k}: more columns than rows"
    );
    let block = recommended_block_size::<f64>(m, k);
    let mut coefficients = Mat::zeros(block, k);
    let scratch = qr_in_place_scratch::<f64>(m, k, block, Par::Seq, default());
    qr_in_place(
        a.as_mut(),
        coefficients.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        default(),
    );
    let mut q = Mat::zeros(m, k);
    for j in 0..k {
        q[(j, j)] = if a[(j, j)] < 0.0 { -1.0 } else { 1.0 };
    }
    let scratch = apply_block_householder_sequence_on_the_left_in_place_scratch::<f64>(m, block, k);
    apply_block_householder_sequence_on_the_left_in_place_with_conj(
        a.as_ref(),
        coefficients.as_ref(),
        Conj::No,
        q.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
    );
    q
}

/// Thin singular value decomposition: `U` (m × k), `s` descending, `V` (n × k), k = min(m, n).
///
/// # Panics
///
/// When an entry is not finite.
pub(crate) fn thin_svd(a: MatRef<'_, f64>) -> (Mat<f64>, Vec<f64>, Mat<f64>) {
    let (m, n) = a.shape();
    let k = m.min(n);
    let (mut u, mut s, mut v) = (Mat::zeros(m, k), Diag::zeros(k), Mat::zeros(n, k));
    let thin = ComputeSvdVectors::Thin;
    let scratch = svd_scratch::<f64>(m, n, thin, thin, Par::Seq, default());
    svd(
        a,
        s.as_mut(),
        Some(u.as_mut()),
        Some(v.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        default(),
    )
    .unwrap_or_else(|_| panic!("decomposition of {m} × {n}: an entry is not finite"));
    (u, s.column_vector().iter().copied().collect(), v)
}

/// Returns the eigenvectors of a symmetric matrix, as columns, and its eigenvalues, the smallest first.
///
/// # Panics
///
/// When an entry is not finite.
pub(crate) fn eigen(a: MatRef<'_, f64>) -> (Mat<f64>, Vec<f64>) {
    let n = a.nrows();
    let (mut u, mut s) = (Mat::zeros(n, n), Diag::zeros(n));
    let vectors = ComputeEigenvectors::Yes;
    let scratch = self_adjoint_evd_scratch::<f64>(n, vectors, Par::Seq, default());
    self_adjoint_evd(
        a,
        s.as_mut(),
        Some(u.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        default(),
    )
    .unwrap_or_else(|_| panic!("eigenvectors of {n} × {n}: an entry is not finite"));
    (u, s.column_vector().iter().copied().collect())
}

/// Returns the eigenvalues of a symmetric matrix, the largest first.
///
/// # Panics
///
/// When an entry is not finite.
pub(crate) fn eigenvalues(a: MatRef<'_, f64>) -> Vec<f64> {
    let n = a.nrows();
    let mut s = Diag::zeros(n);
    let vectors = ComputeEigenvectors::No;
    let scratch = self_adjoint_evd_scratch::<f64>(n, vectors, Par::Seq, default());
    self_adjoint_evd(
        a,
        s.as_mut(),
        None,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        default(),
    )
    .unwrap_or_else(|_| panic!("eigenvalues of {n} × {n}: an entry is not finite"));
    let mut values: Vec<f64> = s.column_vector().iter().copied().collect();
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    values
}

/// `Σ a²`, summed column by column.
pub(crate) fn energy(a: MatRef<'_, f64>) -> f64 {
    let column = |j: usize| a.col(j).iter().map(|x| x * x).sum::<f64>();
    (0..a.ncols()).map(column).sum()
}

/// `Σ aᵢ bᵢ` over the shorter length, in eight partial sums.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a, b) = (a[..length].as_chunks::<8>(), b[..length].as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.0.iter().zip(b.0) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a.1.iter().zip(b.1).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// `Σ xᵢ²` in order.
pub(crate) fn sum_of_squares(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// `√(Σ xᵢ²)`, summed in order.
pub(crate) fn norm(x: &[f64]) -> f64 {
    sum_of_squares(x).sqrt()
}

/// `y ← y + factor x`.
pub(crate) fn add_scaled(y: &mut [f64], factor: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}
