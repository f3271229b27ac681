//! Symmetric systems on the calling thread, so that their bits depend on nothing else.

use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Mat, MatMut, MatRef, Par};

/// Share of the mean of the diagonal that is added to it.
const RIDGE: f64 = 1e-10;

/// Replaces `right` by `H⁻¹ right`, `H` symmetric without negative eigenvalues, with a ridge that rounding asks for; `None`
/// where `H` is zero or not finite.
pub(super) fn solve(h: MatRef<'_, f64>, mut right: MatMut<'_, f64>) -> Option<()> {
    let n = h.nrows();
    let ridge = RIDGE * (0..n).map(|i| h[(i, i)]).sum::<f64>() / n as f64;
    let mut lower = Mat::from_fn(n, n, |i, j| h[(i, j)] + if i == j { ridge } else { 0.0 });
    for k in 0..n {
        let pivot = lower[(k, k)];
        if !(pivot.is_finite() && pivot > 0.0) {
            return None;
        }
        let root = pivot.sqrt();
        let column: Vec<f64> = (k..n).map(|i| lower[(i, k)] / root).collect();
        lower
            .col_mut(k)
            .subrows_mut(k, n - k)
            .iter_mut()
            .zip(&column)
            .for_each(|(x, y)| *x = *y);
        for j in k + 1..n {
            let factor = column[j - k];
            let rest = &column[j - k..];
            let target = lower.col_mut(j).subrows_mut(j, n - j);
            target
                .iter_mut()
                .zip(rest)
                .for_each(|(x, y)| *x -= factor * y);
        }
    }
    solve_lower_triangular_in_place(lower.as_ref(), right.as_mut(), Par::Seq);
    solve_upper_triangular_in_place(lower.transpose(), right.as_mut(), Par::Seq);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::solve;
    use crate::linalg::algebra::product;
    use crate::random::Stream;
    use faer::Mat;

    /// Would catch a wrong triangle: H times the solution is the right-hand side.
    #[test]
    fn the_solution_solves() {
        let mut stream = Stream::new(9, &[1]);
        let x = Mat::from_fn(7, 12, |_, _| stream.normal());
        let h = product(x.as_ref(), x.as_ref().transpose());
        let right = Mat::from_fn(7, 3, |_, _| stream.normal());
        let mut found = right.clone();
        solve(h.as_ref(), found.as_mut()).unwrap();
        let back = product(h.as_ref(), found.as_ref());
        let far = Mat::from_fn(7, 3, |i, j| back[(i, j)] - right[(i, j)]).norm_max();
        assert!(far < 1e-6, "{far}");
        assert!(solve(Mat::zeros(7, 7).as_ref(), found.as_mut()).is_none());
    }
}
