//! A matrix of low rank as some of its own rows and the multiples of them that the others are.
//!
//! Rank r costs r (m + n − r) numbers and r indices instead of r (m + n), and so less than the matrix itself for almost every r.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::qr::col_pivoting::factor::{qr_in_place, qr_in_place_scratch};
use faer::linalg::qr::no_pivoting::factor::recommended_block_size;
use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::prelude::default;
use faer::{Mat, MatRef, Par};

/// Returns what a matrix m × n of rank r costs in this form, in numbers, an index counted as one.
#[must_use]
pub fn pivoted_cost(m: usize, n: usize, rank: usize) -> u64 {
    (rank * (m + n - rank) + rank) as u64
}

/// A matrix m × n of rank r.
#[derive(Debug, Clone)]
pub struct Pivoted {
    /// Which rows are kept, r of them.
    pub kept: Vec<usize>,
    /// Those rows, r × n.
    pub rows: Mat<f64>,
    /// The other rows in their order as sums of these, (m − r) × r.
    pub multiples: Mat<f64>,
}

impl Pivoted {
    /// Returns `A B` in this form; `A` is m × r with orthonormal columns, `B` r × n. The rows are the pivots of a QR
    /// decomposition of `Aᵀ`, which keeps the multiples small.
    #[must_use]
    pub fn new(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Pivoted {
        let (m, r) = a.shape();
        let (triangle, order) = pivoted_triangle(a.transpose().to_owned());
        let mut solved = triangle.subcols(r, m - r).to_owned();
        solve_upper_triangular_in_place(triangle.subcols(0, r), solved.as_mut(), Par::Seq);
        let kept = order[..r].to_vec();
        // The others in the order in which they stand.
        let mut others: Vec<(usize, usize)> =
            (0..).zip(&order[r..]).map(|(at, &row)| (row, at)).collect();
        others.sort_unstable();
        let pivots = Mat::from_fn(r, r, |i, j| a[(kept[i], j)]);
        Pivoted {
            rows: &pivots * b,
            multiples: Mat::from_fn(m - r, r, |i, j| solved[(j, others[i].1)]),
            kept,
        }
    }

    /// Returns the matrix, m × n.
    #[must_use]
    pub fn dense(&self) -> Mat<f64> {
        let (r, n) = self.rows.shape();
        let m = r + self.multiples.nrows();
        let others = &self.multiples * &self.rows;
        let mut dense = Mat::zeros(m, n);
        let mut is_kept = vec![None; m];
        for (place, &row) in self.kept.iter().enumerate() {
            is_kept[row] = Some(place);
        }
        let mut other = 0;
        for (row, kept) in is_kept.into_iter().enumerate() {
            match kept {
                Some(place) => dense.row_mut(row).copy_from(self.rows.row(place)),
                None => {
                    dense.row_mut(row).copy_from(others.row(other));
                    other += 1;
                }
            }
        }
        dense
    }
}

/// Returns the triangle of a QR decomposition with column pivoting, and the columns in the order of the pivots; on the calling
/// thread, so that its bits depend on nothing else.
fn pivoted_triangle(mut a: Mat<f64>) -> (Mat<f64>, Vec<usize>) {
    let (m, n) = a.shape();
    let size = recommended_block_size::<f64>(m, n);
    let mut coefficients = Mat::zeros(size, m.min(n));
    let (mut order, mut inverse) = (vec![0; n], vec![0; n]);
    let scratch = qr_in_place_scratch::<usize, f64>(m, n, size, Par::Seq, default());
    qr_in_place(
        a.as_mut(),
        coefficients.as_mut(),
        &mut order,
        &mut inverse,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        default(),
    );
    let triangle = Mat::from_fn(m.min(n), n, |i, j| if i <= j { a[(i, j)] } else { 0.0 });
    (triangle, order)
}

#[cfg(test)]
mod tests {
    use super::{Pivoted, pivoted_cost};
    use crate::linalg::algebra::{orthonormal_columns, product};
    use crate::random::Stream;
    use faer::Mat;

    /// Would catch rows in a wrong order, multiples that amplify rounding, and a cost that is not what is stored.
    #[test]
    fn the_matrix_comes_back_from_its_rows() {
        let mut stream = Stream::new(4, &[1]);
        for (m, n, r) in [(12, 7, 5), (7, 12, 7), (30, 40, 1), (20, 20, 19)] {
            let mut normal = |rows, columns| Mat::from_fn(rows, columns, |_, _| stream.normal());
            let (a, b) = (orthonormal_columns(normal(m, r)), normal(r, n));
            let dense = product(a.as_ref(), b.as_ref());
            let pivoted = Pivoted::new(a.as_ref(), b.as_ref());
            let back = pivoted.dense();
            let far = Mat::from_fn(m, n, |i, j| dense[(i, j)] - back[(i, j)]).norm_max();
            let largest = pivoted.multiples.norm_max();
            assert!(
                far <= 1e-13 * (m * n) as f64 * largest.max(1.0),
                "{m} x {n}, rank {r}: {far}"
            );
            assert!(largest < 4.0, "{largest}");
            let stored = r * n + (m - r) * r + pivoted.kept.len();
            assert_eq!(pivoted_cost(m, n, r), stored as u64);
        }
    }
}
