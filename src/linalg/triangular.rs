//! Tall matrix to square triangular matrix with the same singular values.

use faer::linalg::matmul::matmul;
use faer::prelude::ReborrowMut;
use faer::{Accum, Mat, MatMut, Par};

use super::panel::Panel;
use super::real::Real;

/// The n × n factor R of `a = Q R`, m ≥ n; destroys `a`.
pub(super) fn triangular_factor<T: Real>(mut a: MatMut<'_, T>, par: Par) -> Mat<T> {
    const WIDTH: usize = 32;
    let (m, n) = a.shape();
    let mut factor = Mat::<T>::zeros(n, n);
    let mut panel = Panel::new(m, WIDTH);
    let (mut w, mut tw) = (Mat::<T>::zeros(WIDTH, n), Mat::<T>::zeros(WIDTH, n));
    for j in (0..n).step_by(WIDTH) {
        let width = WIDTH.min(n - j);
        let (height, rest) = (m - j, n - j - width);
        let (columns, mut right) = a
            .rb_mut()
            .submatrix_mut(j, j, height, width + rest)
            .split_at_col_mut(width);
        panel.matrix_mut(height, width).copy_from(columns);
        panel.factor(height, width, par);
        for c in 0..width {
            for i in 0..=c {
                factor[(j + i, j + c)] = panel.r[(i, c)];
            }
        }
        let v = panel.matrix(height, width);
        let t = panel.t.as_ref().submatrix(0, 0, width, width);
        let mut w = w.as_mut().submatrix_mut(0, 0, width, rest);
        let mut tw = tw.as_mut().submatrix_mut(0, 0, width, rest);
        matmul(
            w.as_mut(),
            Accum::Replace,
            v.transpose(),
            right.as_ref(),
            T::ONE,
            par,
        );
        matmul(
            tw.as_mut(),
            Accum::Replace,
            t.transpose(),
            w.as_ref(),
            T::ONE,
            par,
        );
        matmul(right.as_mut(), Accum::Add, v, tw.as_ref(), -T::ONE, par);
        factor
            .as_mut()
            .submatrix_mut(j, j + width, width, rest)
            .copy_from(right.subrows(0, width));
    }
    factor
}
