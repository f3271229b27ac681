//! Dense products and factorisations on the calling thread, so that their bits depend on nothing else.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj,
};
use faer::linalg::matmul::matmul;
use faer::linalg::qr::no_pivoting::factor::{
    qr_in_place, qr_in_place_scratch, recommended_block_size,
};
use faer::prelude::default;
use faer::{Accum, Conj, Mat, MatRef, Par};

/// `A B`.
pub(super) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut c = Mat::zeros(a.nrows(), b.ncols());
    matmul(c.as_mut(), Accum::Replace, a, b, 1.0, Par::Seq);
    c
}

/// The thin factor `Q`, m × k with orthonormal columns, of `A = Q R` (m ≥ k) with a diagonal of `R`
/// that is nowhere negative. Householder: 4 (m k² − k³/3) operations.
pub(super) fn orthonormal_columns(mut a: Mat<f64>) -> Mat<f64> {
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

/// `Σ a²`, summed column by column.
pub(super) fn energy(a: MatRef<'_, f64>) -> f64 {
    let column = |j: usize| a.col(j).iter().map(|x| x * x).sum::<f64>();
    (0..a.ncols()).map(column).sum()
}
