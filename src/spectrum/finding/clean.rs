//! What is set aside before a matrix is judged: lines of zeros, repeated lines, outlying entries.

use faer::{Mat, MatRef};

use crate::spectrum::Cleaning;
use crate::spectrum::moments::for_each_row;

/// An entry is outlying beyond this many times the median of |w|, divided by that of a standard normal.
const OUTLYING: f64 = 25.0 / 0.674_49;
/// Most entries that are called outlying: of more, the law of the entries has a heavy tail.
const FEW: usize = 3;
/// The same as a share of all entries.
const SHARE: f64 = 2e-4;
/// Entries that the median is first estimated from.
const SAMPLE: usize = 4096;
/// Positions that are named.
const NAMED: usize = 8;

/// What is left of a matrix.
pub(crate) struct Cleaned<'a> {
    pub counts: Cleaning,
    /// The matrix without what was set aside, where something was.
    rest: Option<Mat<f64>>,
    whole: MatRef<'a, f64>,
    /// Whether its singular values differ from the whole's by more than zeros.
    pub changes_values: bool,
}

impl<'a> Cleaned<'a> {
    /// Drops rows and columns of zeros, then those that repeat an earlier one exactly, and takes
    /// outlying entries as zero, but for a matrix of `low_rank`, whose rank that would raise. O(m n).
    pub fn of(matrix: MatRef<'a, f64>, low_rank: bool) -> Cleaned<'a> {
        let (m, n) = matrix.shape();
        let mut counts = Cleaning::default();
        let (rows, columns) = nonzero_lines(matrix);
        counts.zero_rows = m - rows.len();
        counts.zero_columns = n - columns.len();
        let kept_rows = distinct(&rows, |i| (0..n).map(move |j| matrix[(i, j)]));
        counts.repeated_rows = rows.len() - kept_rows.len();
        let kept = &kept_rows;
        let kept_columns = distinct(&columns, |j| kept.iter().map(move |&i| matrix[(i, j)]));
        counts.repeated_columns = columns.len() - kept_columns.len();
        let outlying = if low_rank {
            Vec::new()
        } else {
            outlying(matrix, kept_rows.len() * kept_columns.len())
        };
        counts.outlying_entries = outlying.len();
        counts.outlying_at = outlying.iter().copied().take(NAMED).collect();
        let repeated = counts.repeated_rows + counts.repeated_columns;
        let rest = (counts != Cleaning::default()).then(|| {
            let mut rest = Mat::from_fn(kept_rows.len(), kept_columns.len(), |i, j| {
                matrix[(kept_rows[i], kept_columns[j])]
            });
            for (i, j) in &outlying {
                let position = (kept_rows.binary_search(i), kept_columns.binary_search(j));
                if let (Ok(i), Ok(j)) = position {
                    rest[(i, j)] = 0.0;
                }
            }
            rest
        });
        Cleaned {
            changes_values: repeated + outlying.len() > 0,
            counts,
            rest,
            whole: matrix,
        }
    }

    /// The matrix without what was set aside.
    pub fn matrix(&self) -> MatRef<'_, f64> {
        match &self.rest {
            Some(rest) => rest.as_ref(),
            None => self.whole,
        }
    }
}

/// Indices of the rows and of the columns that hold something.
fn nonzero_lines(matrix: MatRef<'_, f64>) -> (Vec<usize>, Vec<usize>) {
    let mut columns = vec![false; matrix.ncols()];
    let mut rows = Vec::with_capacity(matrix.nrows());
    let mut unseen = columns.len();
    let mut i = 0;
    for_each_row(&[matrix], |row| {
        // Columns are looked at until each has shown something: mostly one row is enough.
        if unseen > 0 {
            for (seen, &x) in columns.iter_mut().zip(row) {
                *seen |= x != 0.0;
            }
            unseen = columns.iter().filter(|seen| !**seen).count();
        }
        if row.iter().any(|&x| x != 0.0) {
            rows.push(i);
        }
        i += 1;
    });
    (rows, (0..columns.len()).filter(|&j| columns[j]).collect())
}

/// Those of `lines` that are unlike all before them.
fn distinct<I: Iterator<Item = f64>>(lines: &[usize], entries: impl Fn(usize) -> I) -> Vec<usize> {
    // Lines whose first few entries differ are different; only the others are compared whole.
    const PREFIX: usize = 4;
    // -0 and 0 are the same number.
    let bits = |line: usize| entries(line).map(|x| (x + 0.0).to_bits());
    let mut order: Vec<(Vec<u64>, usize)> = lines
        .iter()
        .map(|&line| (bits(line).take(PREFIX).collect(), line))
        .collect();
    order.sort_unstable();
    let mut kept = Vec::with_capacity(lines.len());
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        if let [(_, line)] = group {
            kept.push(*line);
            continue;
        }
        let mut seen = std::collections::HashSet::new();
        for &(_, line) in group {
            if seen.insert(bits(line).collect::<Vec<u64>>()) {
                kept.push(line);
            }
        }
    }
    kept.sort_unstable();
    kept
}

/// Positions of the entries far outside all others, of a matrix with `live` entries that count.
fn outlying(matrix: MatRef<'_, f64>, live: usize) -> Vec<(usize, usize)> {
    let (m, n) = matrix.shape();
    let most = FEW.max((SHARE * live as f64) as usize);
    let beyond = |limit: f64| {
        let mut positions = Vec::new();
        let mut i = 0;
        for_each_row(&[matrix], |row| {
            if positions.len() <= most && row.iter().any(|x| x.abs() > limit) {
                let beyond = row.iter().enumerate().filter(|(_, x)| x.abs() > limit);
                positions.extend(beyond.map(|(j, _)| (i, j)));
            }
            i += 1;
        });
        (positions.len() <= most).then_some(positions)
    };
    // Half of the limit, from a sample: nearly always nothing is beyond it, or too much.
    let stride = (m * n).div_ceil(SAMPLE);
    let sample = (0..m * n).step_by(stride).map(|k| matrix[(k / n, k % n)]);
    let Some(rough) = median_magnitude(sample) else {
        return Vec::new();
    };
    if beyond(0.5 * OUTLYING * rough).is_some_and(|positions| positions.is_empty()) {
        return Vec::new();
    }
    let mut all = Vec::with_capacity(m * n);
    for_each_row(&[matrix], |row| all.extend_from_slice(row));
    let Some(median) = median_magnitude(all.into_iter()) else {
        return Vec::new();
    };
    beyond(OUTLYING * median).unwrap_or_default()
}

/// The median of |x| over the entries that are not zero.
fn median_magnitude(entries: impl Iterator<Item = f64>) -> Option<f64> {
    let mut magnitudes: Vec<f64> = entries.map(f64::abs).filter(|x| *x > 0.0).collect();
    if magnitudes.is_empty() {
        return None;
    }
    let middle = magnitudes.len() / 2;
    let (_, median, _) = magnitudes.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*median)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::sample::Sample;

    /// Catches a line that is dropped twice, kept, or taken for a repeated one because it is zero.
    #[test]
    fn dead_and_repeated_lines_are_counted_once() {
        let mut matrix = Sample::new(3).gaussian(20, 30);
        for j in 0..30 {
            matrix[(4, j)] = 0.0;
            matrix[(9, j)] = matrix[(2, j)];
            matrix[(15, j)] = matrix[(2, j)];
        }
        for i in 0..20 {
            matrix[(i, 7)] = 0.0;
            matrix[(i, 8)] = -0.0;
            matrix[(i, 20)] = matrix[(i, 21)];
        }
        let cleaned = Cleaned::of(matrix.as_ref(), false);
        let counts = &cleaned.counts;
        assert_eq!((counts.zero_rows, counts.zero_columns), (1, 2));
        assert_eq!((counts.repeated_rows, counts.repeated_columns), (2, 1));
        assert_eq!(counts.outlying_entries, 0);
        assert_eq!(cleaned.matrix().shape(), (17, 27));
        assert!(cleaned.changes_values);
    }

    /// Catches entries of heavy-tailed or sparse noise that are set aside, and one huge entry that is not.
    #[test]
    fn only_a_few_entries_far_outside_are_outlying() {
        let mut matrix = Sample::new(4).gaussian(64, 64);
        assert_eq!(
            Cleaned::of(matrix.as_ref(), false).counts,
            Cleaning::default()
        );
        matrix[(5, 6)] = -60.0;
        matrix[(9, 1)] = 80.0;
        let cleaned = Cleaned::of(matrix.as_ref(), false);
        assert_eq!(cleaned.counts.outlying_at, [(5, 6), (9, 1)]);
        assert_eq!(cleaned.matrix()[(9, 1)], 0.0);
        let mut sample = Sample::new(5);
        let sparse = Mat::from_fn(64, 64, |_, _| {
            if sample.uniform() < 0.1 {
                sample.normal()
            } else {
                0.0
            }
        });
        assert_eq!(
            Cleaned::of(sparse.as_ref(), false).counts.outlying_entries,
            0
        );
        let many = Mat::from_fn(64, 64, |i, j| if i == j { 1e6 } else { matrix[(i, j)] });
        assert_eq!(Cleaned::of(many.as_ref(), false).counts.outlying_entries, 0);
    }
}
