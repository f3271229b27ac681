//! Where rows and columns of a bipartite graph stand by its singular vectors.

use crate::linalg::algebra::{eigen, product};
use faer::{Mat, MatRef};

/// Singular vectors of `D₁^(-1/2) A D₂^(-1/2)`, `A` (m × n) being weights ≥ 0, `D` their sums by row
/// and by column, those of the largest values first; rows and columns without weight have zeros.
pub(in crate::family) struct Spectral {
    rows: Mat<f64>,
    columns: Mat<f64>,
}

impl Spectral {
    /// From the Gram matrix of the shorter side: its squared condition is safe here, where vectors of
    /// the largest values alone start a search.
    pub fn of(weights: &[f64], m: usize, n: usize) -> Spectral {
        let mut row_sums = vec![0.0; m];
        let mut column_sums = vec![0.0; n];
        for (row, sum) in weights.chunks_exact(n).zip(&mut row_sums) {
            *sum = row.iter().sum();
            for (x, sum) in row.iter().zip(&mut column_sums) {
                *sum += x;
            }
        }
        let root = |sum: &f64| if *sum > 0.0 { sum.sqrt().recip() } else { 0.0 };
        let (left, right): (Vec<f64>, Vec<f64>) = (
            row_sums.iter().map(root).collect(),
            column_sums.iter().map(root).collect(),
        );
        let a = Mat::from_fn(m, n, |i, j| weights[i * n + j] * left[i] * right[j]);
        if m <= n {
            let rows = leading(product(a.as_ref(), a.transpose()).as_ref());
            let columns = product(a.transpose(), rows.as_ref());
            Spectral { rows, columns }
        } else {
            let columns = leading(product(a.transpose(), a.as_ref()).as_ref());
            let rows = product(a.as_ref(), columns.as_ref());
            Spectral { rows, columns }
        }
    }

    /// How much each row, and each column, points along each of `count` directions: the rows that
    /// stand farthest apart, made orthogonal one after the other. A row of `count` numbers an item.
    pub fn scores(&self, count: usize) -> (Vec<f64>, Vec<f64>) {
        let side = |vectors: &Mat<f64>| unit_rows(vectors.subcols(0, count));
        let (rows, columns) = (side(&self.rows), side(&self.columns));
        let shorter = if rows.nrows() <= columns.nrows() {
            &rows
        } else {
            &columns
        };
        let directions = pivots(shorter.clone());
        let along = |items: &Mat<f64>| {
            let scores = product(items.as_ref(), directions.as_ref());
            let all = scores
                .row_iter()
                .flat_map(|row| row.iter().map(|x| x.abs()));
            all.collect()
        };
        (along(&rows), along(&columns))
    }
}

/// Eigenvectors, that of the largest eigenvalue first.
fn leading(gram: MatRef<'_, f64>) -> Mat<f64> {
    eigen(gram).0.reverse_cols().to_owned()
}

fn unit_rows(vectors: MatRef<'_, f64>) -> Mat<f64> {
    let lengths: Vec<f64> = vectors.row_iter().map(|row| row.norm_l2()).collect();
    Mat::from_fn(vectors.nrows(), vectors.ncols(), |i, j| match lengths[i] {
        0.0 => 0.0,
        length => vectors[(i, j)] / length,
    })
}

/// Orthonormal directions, one a column: the row that is longest, then of what is left of the others
/// the longest, and so on (QR with column pivoting).
fn pivots(mut rows: Mat<f64>) -> Mat<f64> {
    let count = rows.ncols();
    let mut directions = Mat::zeros(count, count);
    for k in 0..count {
        let lengths: Vec<f64> = rows.row_iter().map(|row| row.squared_norm_l2()).collect();
        let farthest = (0..lengths.len()).max_by(|&a, &b| lengths[a].total_cmp(&lengths[b]));
        let Some(pivot) = farthest.filter(|&i| lengths[i] > 0.0) else {
            break;
        };
        let length = lengths[pivot].sqrt();
        let direction = rows.row(pivot).transpose().to_owned() * faer::Scale(1.0 / length);
        let along = product(rows.as_ref(), direction.as_mat());
        rows -= product(along.as_ref(), direction.as_mat().transpose());
        directions.col_mut(k).copy_from(&direction);
    }
    directions
}
