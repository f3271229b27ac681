//! Rows or columns of unequal scale: noise that has no single variance.

use faer::{Mat, MatRef, Par};

use super::bulk::Spectrum;
use super::entries::{SHUFFLES, fitted_bulk, is_noise};
use super::noise::{Noise, Shuffles};
use super::question::Question;
use super::shuffles::shuffled_spectra;
use crate::linalg::singular_values;
use crate::spectrum::UnequalLines;
use crate::spectrum::moments::{Moments, for_each_row, sum_of};

/// Standard errors by which the spread of the lines' mean squares must exceed chance.
const CLEAR: f64 = 5.0;
/// Rounds in which rows and columns are scaled in turn.
const ROUNDS: usize = 5;
/// Draws of unequal noise that rule it out where their largest values are far below.
const SCREEN: usize = 2;

/// The lines that differ in scale, where that alone makes the matrix other than noise of one variance,
/// and the chance of a largest value as large in such noise.
///
/// The lines are brought to one scale, the entries shuffled and the scales put back: twenty matrices whose
/// values must be as large as the matrix's, and spread as they are.
pub(super) fn unequal_noise(
    matrix: MatRef<'_, f64>,
    values: &[f64],
    question: Question<'_>,
) -> Option<(UnequalLines, f64)> {
    let (m, n) = (
        matrix.nrows().min(matrix.ncols()),
        matrix.nrows().max(matrix.ncols()),
    );
    if values.len() < m {
        return None;
    }
    let variance = values.iter().map(|s| s * s).sum::<f64>() / (m as f64 * n as f64);
    let ratio = values[0] * values[0] / variance;
    let scaled = equalized(matrix)?;
    // No scales make more of a value than their largest.
    let most = scaled.largest_square() / variance
        * Noise::Light { excess: 0.0 }.ratio(m, n, question.level);
    if ratio > most {
        return None;
    }
    let draw = |draws| {
        let scales = Some((&scaled.rows[..], &scaled.columns[..]));
        shuffled_spectra(
            scaled.matrix.as_ref(),
            scales,
            draws,
            question.settings.seed,
        )
    };
    // Two draws first: most matrices are far from them.
    let mut spectra = draw(0..SCREEN);
    let near = |values: &Vec<f64>| values[0] * values[0] / variance > ratio / 1.5;
    if !spectra.iter().any(near) {
        return None;
    }
    spectra.extend(draw(SCREEN..SHUFFLES.0));
    let shuffles = Shuffles::of(spectra, m, n);
    let mean_square = variance * n as f64;
    shuffles.law(0, mean_square).distance_within(values, 0.0)?;
    let noise = Noise::Shuffled(shuffles);
    if ratio > noise.ratio(m, n, question.level) {
        return None;
    }
    // With the scales taken out nothing may be left: directions that all lines share are still there.
    let rest = scaled.matrix.as_ref();
    let values = singular_values(rest, Par::rayon(0)).expect("the layer's entries are finite");
    let spectrum = Spectrum {
        values: &values,
        short: m,
        long: n,
        level: question.level,
    };
    let (_, bulk) = fitted_bulk(&spectrum, rest, &Moments::of(&[rest]), question.settings);
    is_noise(&bulk).then(|| (scaled.which, noise.p_value(m, n, ratio)))
}

/// A matrix whose lines are brought to mean square one, and the scales that were taken out.
pub(super) struct Scaled {
    pub which: UnequalLines,
    pub matrix: Mat<f64>,
    pub rows: Vec<f64>,
    pub columns: Vec<f64>,
}

impl Scaled {
    /// The largest square of a row's scale times a column's.
    pub fn largest_square(&self) -> f64 {
        let largest = |scales: &[f64]| scales.iter().copied().fold(0.0, f64::max);
        (largest(&self.rows) * largest(&self.columns)).powi(2)
    }
}

/// The matrix with its lines brought to one scale, if their scales differ by more than chance.
pub(super) fn equalized(matrix: MatRef<'_, f64>) -> Option<Scaled> {
    let (m, n) = matrix.shape();
    let which = match differ(matrix) {
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
    let mut scales = Vec::with_capacity(matrix.nrows());
    for_each_row(&[matrix], |row| {
        let squares = row.iter().zip(columns).map(|(x, c)| (x / c).powi(2));
        scales.push((squares.sum::<f64>() / row.len() as f64).sqrt());
    });
    scales
}

/// Whether the mean squares of the rows, and those of the columns, spread more than those of independent
/// entries: their variance over that of w², divided by the length of a line, is 1 ± √(2/(lines - 1)).
fn differ(matrix: MatRef<'_, f64>) -> (bool, bool) {
    let mut rows = Vec::with_capacity(matrix.nrows());
    let mut columns = vec![0.0; matrix.ncols()];
    let mut fourths = 0.0;
    for_each_row(&[matrix], |row| {
        rows.push(sum_of(row, |x| x * x));
        fourths += sum_of(row, |x| (x * x) * (x * x));
        for (sum, x) in columns.iter_mut().zip(row) {
            *sum += x * x;
        }
    });
    let (m, n) = (rows.len() as f64, columns.len() as f64);
    let mean = rows.iter().sum::<f64>() / (m * n);
    let of_entries = fourths / (m * n) - mean * mean;
    let clear = |sums: &[f64], length: f64| {
        let lines = sums.len() as f64;
        let squares = sums.iter().map(|sum| (sum / length - mean).powi(2));
        let ratio = squares.sum::<f64>() / (lines - 1.0) * length / of_entries;
        ratio - 1.0 > CLEAR * (2.0 / (lines - 1.0)).sqrt()
    };
    if of_entries > 0.0 {
        (clear(&rows, n), clear(&columns, m))
    } else {
        (false, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::sample::Sample;

    /// Catches scales that are seen in plain noise, or in the wrong direction.
    #[test]
    fn unequal_lines_are_told_from_equal_ones() {
        let mut sample = Sample::new(11);
        let plain = sample.gaussian(60, 90);
        assert!(equalized(plain.as_ref()).is_none());
        let rows = Mat::from_fn(60, 90, |i, j| (0.5 + i as f64 / 60.0) * plain[(i, j)]);
        let found = equalized(rows.as_ref()).unwrap();
        assert_eq!(found.which, UnequalLines::Rows);
        assert_eq!(
            equalized(rows.transpose()).unwrap().which,
            UnequalLines::Columns
        );
        for i in 0..60 {
            let squares: f64 = found.matrix.row(i).iter().map(|x| x * x).sum();
            assert!((squares / 90.0 - 1.0).abs() < 90.0 * f64::EPSILON);
        }
    }
}
