//! Least squares by orthogonal factorisation.

use super::algebra::{product, thin_svd, triangle};
use super::{Real, singular_values};
use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::{Mat, MatRef, Par};

/// The m × n problem min ‖A x - b‖, m ≥ n, reduced to its n × n triangle by Householder
/// reflections: R x = c, beside a part of b that no x reaches.
///
/// 2 m n² operations; nothing is squared, so errors grow with the condition of A and not with that
/// of AᵀA (Golub & Van Loan, section 5.3).
#[derive(Debug, Clone)]
pub struct Triangle {
    /// R, n × n, upper triangular.
    pub r: Mat<f64>,
    /// c, the first n entries of Qᵀ b.
    pub c: Vec<f64>,
    /// ‖A x - b‖ at the solution.
    pub residual_norm: f64,
    /// m.
    pub rows: usize,
    /// ε of the numbers of A.
    pub epsilon: f64,
}

/// The solution of smallest norm.
#[derive(Debug, Clone)]
pub struct LeastSquares {
    /// x.
    pub solution: Vec<f64>,
    /// ‖A x - b‖.
    pub residual_norm: f64,
    /// Largest singular value of A over the smallest that counts.
    pub condition: f64,
    /// Singular values above max(m, n) ε s₁; the others count as zero.
    pub rank: usize,
}

impl Triangle {
    /// Reduces the problem `[A b]`, m × (n + 1).
    ///
    /// # Panics
    ///
    /// When there is no column b or an entry is not finite.
    #[must_use]
    pub fn of<T: Real>(augmented: MatRef<'_, T>) -> Triangle {
        let n = augmented.ncols().checked_sub(1).expect("a column b");
        let r = triangle(augmented);
        let r = Mat::from_fn(r.nrows(), r.ncols(), |i, j| r[(i, j)].to_f64());
        let kept = r.nrows().min(n);
        let mut square = Mat::zeros(n, n);
        let mut top = square.as_mut().submatrix_mut(0, 0, kept, n);
        top.copy_from(r.submatrix(0, 0, kept, n));
        let mut c = vec![0.0; n];
        for (i, c) in c.iter_mut().enumerate().take(kept) {
            *c = r[(i, n)];
        }
        let residual_norm = if r.nrows() > n { r[(n, n)].abs() } else { 0.0 };
        Triangle {
            r: square,
            c,
            residual_norm,
            rows: augmented.nrows(),
            epsilon: T::EPSILON.to_f64(),
        }
    }

    /// R⁻¹ c, where R is known to be regular.
    #[must_use]
    pub fn back_substituted(&self) -> Vec<f64> {
        let mut x = Mat::from_fn(self.c.len(), 1, |i, _| self.c[i]);
        solve_upper_triangular_in_place(self.r.as_ref(), x.as_mut(), Par::Seq);
        x.col_as_slice(0).to_vec()
    }

    /// A solution, of smallest norm where R shows on its diagonal that the columns of A are dependent.
    #[must_use]
    pub fn minimiser(&self) -> Vec<f64> {
        let sizes = (0..self.c.len()).map(|i| self.r[(i, i)].abs());
        let (least, largest) = sizes.fold((f64::INFINITY, 0.0f64), |(least, largest), size| {
            (least.min(size), largest.max(size))
        });
        if least > self.epsilon.sqrt() * largest {
            self.back_substituted()
        } else {
            self.solve().solution
        }
    }

    /// The solution, of smallest norm where the columns of A are dependent.
    #[must_use]
    pub fn solve(&self) -> LeastSquares {
        let n = self.c.len();
        let values = singular_values(self.r.as_ref(), Par::rayon(0)).expect("finite entries");
        let largest = values.first().copied().unwrap_or(0.0);
        let floor = self.rows.max(n) as f64 * self.epsilon * largest;
        let rank = values.iter().take_while(|s| **s > floor).count();
        let (solution, lost) = if rank == n {
            (self.back_substituted(), 0.0)
        } else {
            self.smallest(rank)
        };
        LeastSquares {
            solution,
            residual_norm: self.residual_norm.hypot(lost),
            condition: rank
                .checked_sub(1)
                .map_or(1.0, |last| largest / values[last]),
            rank,
        }
    }

    /// The solution on the first `rank` singular vectors, and the norm of what of c the others hold.
    fn smallest(&self, rank: usize) -> (Vec<f64>, f64) {
        let n = self.c.len();
        let (u, s, v) = thin_svd(self.r.as_ref());
        let c = Mat::from_fn(n, 1, |i, _| self.c[i]);
        let turned = product(u.transpose(), c.as_ref());
        let scaled = Mat::from_fn(rank, 1, |i, _| turned[(i, 0)] / s[i]);
        let x = product(v.subcols(0, rank), scaled.as_ref());
        let lost = turned.subrows(rank, n - rank).norm_l2();
        (x.col_as_slice(0).to_vec(), lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn problem(m: usize, n: usize, condition: f64) -> (Mat<f64>, Vec<f64>) {
        let mut stream = Stream::new(m as u64, &[n as u64]);
        let mut a = Mat::from_fn(m, n, |_, _| stream.normal());
        for j in 0..n {
            let scale = condition.powf(-(j as f64) / (n.max(2) - 1) as f64);
            a.col_as_slice_mut(j).iter_mut().for_each(|x| *x *= scale);
        }
        let x = (0..n).map(|_| stream.normal()).collect();
        (a, x)
    }

    fn augmented(a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
        Mat::from_fn(a.nrows(), a.ncols() + 1, |i, j| {
            if j < a.ncols() { a[(i, j)] } else { b[(i, 0)] }
        })
    }

    /// A planted solution at condition 1e9 leaves a residual of n ε ‖A‖‖x‖: catches normal
    /// equations, whose error would be 1e9 times larger, and strips of a large problem that are lost.
    #[test]
    fn a_planted_solution_is_found() {
        for (m, n) in [(1, 1), (9, 4), (200, 30), (30, 30), (40_001, 120)] {
            let (a, x) = problem(m, n, 1e9);
            let b = &a * Mat::from_fn(n, 1, |i, _| x[i]);
            let found = Triangle::of(augmented(&a, &b).as_ref()).solve();
            assert_eq!(found.rank, n);
            let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            let bound = (m + n) as f64 * f64::EPSILON * a.norm_l2() * norm;
            assert!(
                found.residual_norm <= bound,
                "{} {bound}",
                found.residual_norm
            );
            let left = &a * Mat::from_fn(n, 1, |i, _| found.solution[i]) - &b;
            assert!(left.norm_l2() <= 4.0 * bound);
        }
    }

    /// The residual is orthogonal to every column, and as long as said.
    #[test]
    fn the_residual_is_orthogonal() {
        let (a, _) = problem(60, 12, 10.0);
        let (b, _) = problem(60, 1, 1.0);
        let found = Triangle::of(augmented(&a, &b).as_ref()).solve();
        let left = &a * Mat::from_fn(12, 1, |i, _| found.solution[i]) - &b;
        let bound = 72.0 * f64::EPSILON * a.norm_l2() * b.norm_l2();
        assert!((a.transpose() * &left).norm_max() <= bound);
        assert!((left.norm_l2() - found.residual_norm).abs() <= bound);
    }

    /// Repeated and zero columns: catches a division by zero and a solution that is not the smallest.
    #[test]
    fn dependent_columns_share() {
        let (a, _) = problem(20, 3, 1.0);
        let doubled = Mat::from_fn(20, 5, |i, j| match j {
            0..3 => a[(i, j)],
            3 => a[(i, 0)],
            _ => 0.0,
        });
        let b = Mat::from_fn(20, 1, |i, _| 2.0 * a[(i, 0)] - a[(i, 2)]);
        let triangle = Triangle::of(augmented(&doubled, &b).as_ref());
        let found = triangle.solve();
        assert_eq!(found.rank, 3);
        assert_eq!(triangle.minimiser(), found.solution);
        for (x, expected) in found.solution.iter().zip([1.0, 0.0, -1.0, 1.0, 0.0]) {
            assert!((x - expected).abs() < 1e-13, "{:?}", found.solution);
        }
    }
}
