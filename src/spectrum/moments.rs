//! Statistics of the entries of a matrix or of its blocks.

use faer::MatRef;

/// Moments of the entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub count: usize,
    pub mean: f64,
    /// About the mean, divided by the count.
    pub variance: f64,
    /// E(x-μ)⁴/σ⁴; absent for constant entries.
    pub kurtosis: Option<f64>,
    pub largest: f64,
}

impl Moments {
    /// Two passes, row by row, so that rounding grows with a row's length and not with the
    /// matrix's size.
    pub fn of(blocks: &[MatRef<'_, f64>]) -> Moments {
        let count = blocks.iter().map(|b| b.nrows() * b.ncols()).sum::<usize>();
        let n = count.max(1) as f64;
        let first = blocks.first().map_or(0.0, |b| b[(0, 0)]);
        let (mut sum, mut largest, mut constant) = (0.0, 0.0, true);
        for_each_row(blocks, |row| {
            sum += sum_of(row, |x| x);
            largest = row.iter().fold(largest, |largest: f64, x| largest.max(x.abs()));
            constant = constant && row.iter().all(|&x| x == first);
        });
        let mean = sum / n;
        let (mut second, mut fourth) = (0.0, 0.0);
        for_each_row(blocks, |row| {
            second += sum_of(row, |x| (x - mean) * (x - mean));
            fourth += sum_of(row, |x| ((x - mean) * (x - mean)).powi(2));
        });
        let (variance, fourth) = (second / n, fourth / n);
        Moments {
            count,
            mean,
            variance: if constant { 0.0 } else { variance },
            kurtosis: (!constant).then(|| fourth / (variance * variance)),
            largest,
        }
    }
}

/// Σ f(x), in eight sums side by side.
pub(super) fn sum_of(row: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = row.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += f(x);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|&x| f(x)).sum::<f64>()
}

/// Calls `visit` with every row of the blocks in turn, copied where a row is not contiguous.
pub(super) fn for_each_row(blocks: &[MatRef<'_, f64>], mut visit: impl FnMut(&[f64])) {
    let mut copy = Vec::new();
    for block in blocks {
        for row in block.row_iter() {
            match row.try_as_row_major() {
                Some(row) => visit(row.as_slice()),
                None => {
                    copy.clear();
                    copy.extend(row.iter());
                    visit(&copy);
                }
            }
        }
    }
}

/// The largest absolute entry.
pub(super) fn largest_entry(blocks: &[MatRef<'_, f64>]) -> f64 {
    let mut largest: f64 = 0.0;
    for_each_row(blocks, |row| {
        largest = row.iter().fold(largest, |largest, x| largest.max(x.abs()));
    });
    largest
}

#[cfg(test)]
mod tests {
    use super::Moments;
    use faer::MatRef;

    /// Closed form for 1, 2, 3, 4: mean 5/2, variance 5/4, fourth central moment 41/16.
    /// Catches a wrong divisor or a moment about the wrong centre.
    #[test]
    fn of_four_numbers() {
        let data = [1.0, 2.0, 3.0, 4.0];
        let blocks = [
            MatRef::from_row_major_slice(&data[..2], 1, 2),
            MatRef::from_row_major_slice(&data[2..], 2, 1),
        ];
        let m = Moments::of(&blocks);
        assert_eq!((m.count, m.mean, m.variance), (4, 2.5, 1.25));
        assert_eq!(m.largest, 4.0);
        let kurtosis = 41.0 / 16.0 / (5.0f64 / 4.0).powi(2);
        assert!((m.kurtosis.unwrap() - kurtosis).abs() < 4.0 * f64::EPSILON);
    }

    /// Catches a division by a variance of zero.
    #[test]
    fn of_constant_entries() {
        let data = [0.1; 37 * 53];
        let m = Moments::of(&[MatRef::from_row_major_slice(&data, 37, 53)]);
        assert_eq!((m.kurtosis, m.variance), (None, 0.0));
    }
}
