//! Tall matrix to square triangular matrix with the same singular values.
//!
//! The rows are taken a block at a time: the triangle so far on top of a block of rows is taken to
//! a triangle again (the flat tree of Demmel, Grigori, Hoemmen & Langou, *Communication-optimal
//! parallel and sequential QR and LU factorizations*, SIAM J. Sci. Comput. 34, 2012). As many
//! operations as one factorisation of the whole, but what is worked on stays in cache, and no copy
//! of the whole is needed.

use faer::prelude::ReborrowMut;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::load::{apart, copy_scaled, scaled_copy};
use super::panel::Panel;
use super::product::product;
use super::real::Real;
use super::scale::Scale;

/// Columns eliminated at once.
const WIDTH: usize = 32;

/// Rows added at once.
const BLOCK: usize = 768;

/// The n × n factor `R` of `Q R`, equal to `a` (m × n with m ≥ n) times the scale.
pub(super) fn triangular_factor<T: Real>(a: MatRef<'_, T>, scale: Scale<T>, par: Par) -> Mat<T> {
    let (m, n) = a.shape();
    let first = n + (m - n) % BLOCK;
    let mut panel = Panel::new(WIDTH + BLOCK.max(first), WIDTH);
    let mut work = [Mat::zeros(WIDTH, n), Mat::zeros(WIDTH, n)];
    let mut start = scaled_copy(a.subrows(0, first), scale);
    let mut factor = apart(n, n);
    for j in (0..n).step_by(WIDTH) {
        let (width, height) = (WIDTH.min(n - j), first - j);
        let (columns, mut right) = start
            .as_mut()
            .submatrix_mut(j, j, height, n - j)
            .split_at_col_mut(width);
        panel.matrix_mut(height, width).copy_from(columns);
        panel.factor(height, width);
        factor
            .as_mut()
            .submatrix_mut(j, j, width, width)
            .copy_from(panel.r.as_ref().submatrix(0, 0, width, width));
        let v = panel.matrix(height, width);
        apply(v, panel.t.as_ref(), None, right.rb_mut(), &mut work, par);
        factor
            .as_mut()
            .submatrix_mut(j, j + width, width, n - j - width)
            .copy_from(right.subrows(0, width));
    }
    drop(start);
    let mut block = apart(BLOCK.min(m - first), n);
    for i in (first..m).step_by(BLOCK) {
        copy_scaled(a.subrows(i, BLOCK), scale, block.as_mut());
        for j in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - j);
            let (mut corner, top) = factor
                .as_mut()
                .submatrix_mut(j, j, width, n - j)
                .split_at_col_mut(width);
            let (columns, below) = block.as_mut().subcols_mut(j, n - j).split_at_col_mut(width);
            let mut stacked = panel.matrix_mut(width + BLOCK, width);
            stacked
                .rb_mut()
                .subrows_mut(0, width)
                .copy_from(corner.as_ref());
            stacked.subrows_mut(width, BLOCK).copy_from(columns);
            panel.factor(width + BLOCK, width);
            corner.copy_from(panel.r.as_ref().submatrix(0, 0, width, width));
            let v = panel.matrix(width + BLOCK, width).subrows(width, BLOCK);
            apply(v, panel.t.as_ref(), Some(top), below, &mut work, par);
        }
    }
    factor
}

/// Applies the transposed block reflector `I − V Tᵀ Vᵀ` to `rows`, or `I − [I; V] Tᵀ [I; V]ᵀ` to
/// `top` over `rows`.
fn apply<T: Real>(
    v: MatRef<'_, T>,
    t: MatRef<'_, T>,
    top: Option<MatMut<'_, T>>,
    rows: MatMut<'_, T>,
    work: &mut [Mat<T>; 2],
    par: Par,
) {
    let (width, columns) = (v.ncols(), rows.ncols());
    let t = t.submatrix(0, 0, width, width);
    let [w, tw] = work;
    let mut w = w.as_mut().submatrix_mut(0, 0, width, columns);
    let mut tw = tw.as_mut().submatrix_mut(0, 0, width, columns);
    let accumulate = match &top {
        Some(top) => {
            w.copy_from(top.as_ref());
            Accum::Add
        }
        None => Accum::Replace,
    };
    product(
        w.as_mut(),
        accumulate,
        v.transpose(),
        rows.as_ref(),
        T::ONE,
        par,
    );
    product(
        tw.as_mut(),
        Accum::Replace,
        t.transpose(),
        w.as_ref(),
        T::ONE,
        par,
    );
    if let Some(mut top) = top {
        top -= tw.as_ref();
    }
    product(rows, Accum::Add, v, tw.as_ref(), -T::ONE, par);
}
