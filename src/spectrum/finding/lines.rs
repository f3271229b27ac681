//! Rows or columns of unequal scale: noise that has no single variance.

use faer::{Mat, MatRef};

use crate::spectrum::UnequalLines;

/// Standard errors by which the spread of the lines' mean squares must exceed chance.
const CLEAR: f64 = 5.0;
/// Rounds in which rows and columns are scaled in turn.
const ROUNDS: usize = 5;

/// A matrix whose lines are brought to mean square one, and the scales that were taken out.
pub(super) struct Scaled {
    pub which: UnequalLines,
    pub matrix: Mat<f64>,
    pub rows: Vec<f64>,
    pub columns: Vec<f64>,
}

/// The matrix with its lines brought to one scale, if their scales differ by more than chance.
pub(super) fn equalized(matrix: MatRef<'_, f64>) -> Option<Scaled> {
    let (m, n) = matrix.shape();
    let which = match (differ(matrix), differ(matrix.transpose())) {
        (false, false) => return None,
        (true, false) => UnequalLines::Rows,
        (false, true) => UnequalLines::Columns,
        (true, true) => UnequalLines::Both,
    };
    let (mut rows, mut columns) = (vec![1.0; m], vec![1.0; n]);
    for _ in 0..ROUNDS {
        if which != UnequalLines::Columns {
            rows = scales(matrix, &columns);
        }
        if which != UnequalLines::Rows {
            columns = scales(matrix.transpose(), &rows);
        }
        if which != UnequalLines::Both {
            break;
        }
    }
    let matrix = Mat::from_fn(m, n, |i, j| matrix[(i, j)] / (rows[i] * columns[j]));
    Some(Scaled {
        which,
        matrix,
        rows,
        columns,
    })
}

/// Root mean squares of the rows once the columns are divided by `columns`.
fn scales(matrix: MatRef<'_, f64>, columns: &[f64]) -> Vec<f64> {
    let n = matrix.ncols() as f64;
    (0..matrix.nrows())
        .map(|i| {
            let squares = matrix.row(i).iter().zip(columns).map(|(x, c)| (x / c).powi(2));
            (squares.sum::<f64>() / n).sqrt()
        })
        .collect()
}

/// Whether the rows' mean squares spread more than those of independent entries: their variance
/// over that of w², divided by the length of a row, is 1 ± √(2/(rows - 1)).
fn differ(matrix: MatRef<'_, f64>) -> bool {
    let (m, n) = (matrix.nrows() as f64, matrix.ncols() as f64);
    let means: Vec<f64> = (0..matrix.nrows())
        .map(|i| matrix.row(i).iter().map(|x| x * x).sum::<f64>() / n)
        .collect();
    let mean = means.iter().sum::<f64>() / m;
    let squares = |i: usize| matrix.row(i).iter().map(|x| (x * x - mean).powi(2)).sum::<f64>();
    let of_entries = (0..matrix.nrows()).map(squares).sum::<f64>() / (m * n);
    let of_means = means.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (m - 1.0);
    let expected = of_entries / n;
    expected > 0.0 && of_means / expected - 1.0 > CLEAR * (2.0 / (m - 1.0)).sqrt()
}
