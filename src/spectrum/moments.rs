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
        let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
            blocks
                .iter()
                .flat_map(|b| b.row_iter())
                .map(|row| row.iter().map(|&x| f(x)).sum::<f64>())
                .sum::<f64>()
        };
        let mean = sum(&|x| x) / n;
        let variance = sum(&|x| (x - mean) * (x - mean)) / n;
        let fourth = sum(&|x| ((x - mean) * (x - mean)).powi(2)) / n;
        let largest = largest_entry(blocks);
        let first = blocks.first().map(|b| b[(0, 0)]);
        let mut entries = blocks
            .iter()
            .flat_map(|b| b.row_iter())
            .flat_map(|row| row.iter());
        let constant = entries.all(|&x| Some(x) == first);
        Moments {
            count,
            mean,
            variance: if constant { 0.0 } else { variance },
            kurtosis: (!constant).then(|| fourth / (variance * variance)),
            largest,
        }
    }
}

/// The largest absolute entry.
pub(super) fn largest_entry(blocks: &[MatRef<'_, f64>]) -> f64 {
    blocks
        .iter()
        .flat_map(|b| b.row_iter())
        .flat_map(|row| row.iter())
        .fold(0.0, |largest: f64, x| largest.max(x.abs()))
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
