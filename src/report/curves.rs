//! What every picture of a spectrum needs: which orders to keep, bins, rounding.

use crate::spectrum::LawComparison;
use serde::Serialize;

/// The orders (1, 2, …) at which a curve over `count` values is drawn with at most `limit`
/// points: all when they fit; else the first quarter of the points are the first orders, one by
/// one, because spikes sit there, a sixteenth are the last ones, and the rest are spread evenly.
pub fn kept_orders(count: usize, limit: usize) -> Vec<usize> {
    let limit = limit.max(2);
    if count <= limit {
        return (1..=count).collect();
    }
    let (head, tail) = (limit / 4, (limit / 16).max(1));
    let middle = limit - head - tail;
    let span = count - head - tail;
    (1..=head)
        .chain((0..middle).map(|i| head + 1 + i * span / middle))
        .chain(count - tail + 1..=count)
        .collect()
}

/// `x` rounded to `digits` significant digits: the nearest such decimal, as a double.
pub fn rounded(x: f64, digits: usize) -> f64 {
    if x.is_finite() {
        format!("{x:.*e}", digits - 1).parse().unwrap_or(x)
    } else {
        x
    }
}

/// Share of `count` singular values that a fitted bulk accounts for: those of its noise matrix but the
/// spikes. Values of zero rows, and zeros beyond the rank, are no part of it.
pub fn bulk_share(bulk: &LawComparison, count: usize) -> f64 {
    let inside = bulk
        .rows
        .min(bulk.columns)
        .saturating_sub(bulk.spikes + bulk.below);
    inside as f64 / count.max(1) as f64
}

/// Counts of singular values in bins of equal width.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    /// Where the first bin begins.
    pub from: f64,
    /// Width of a bin.
    pub width: f64,
    /// Values in each bin.
    pub counts: Vec<usize>,
    /// Values above the last bin.
    pub above: usize,
}

impl Histogram {
    /// Bins of `values` (descending, finite). `edge`, the upper edge of the bulk, keeps a few far
    /// spikes from squeezing it: bins end at the larger of 1.6 edges and the 98th percentile when
    /// the largest value is beyond 2.5 edges. One bin holds some eight values, at least 6 and at
    /// most 60 bins: eigenvalues repel each other, so their counts fluctuate far less than those
    /// of independent values and finer bins than usual stay smooth.
    ///
    /// `None` without values or when all are equal.
    pub fn of(values: &[f64], edge: Option<f64>) -> Option<Histogram> {
        let (&largest, &smallest) = (values.first()?, values.last()?);
        let high = match edge {
            Some(edge) if edge > 0.0 && largest > 2.5 * edge => {
                let few = values.len().div_ceil(50).min(values.len() - 1);
                values[few].max(1.6 * edge).min(largest)
            }
            _ => largest,
        };
        let bins = (values.len() / 8).clamp(6, 60);
        // The bins start at zero when that costs little: a bulk that touches zero shows it.
        let from = if smallest < 0.15 * high {
            0.0
        } else {
            smallest
        };
        let from = rounded_down(from);
        let width = rounded_up((high - from) / bins as f64);
        if !(width > 0.0 && width.is_finite() && smallest < largest) {
            return None;
        }
        let mut counts = vec![0; bins];
        let mut above = 0;
        for &value in values {
            // At least zero because `from` is at most the smallest value.
            match counts.get_mut(((value - from) / width) as usize) {
                Some(count) => *count += 1,
                None if value <= high => counts[bins - 1] += 1,
                None => above += 1,
            }
        }
        Some(Histogram {
            from,
            width,
            counts,
            above,
        })
    }
}

/// Four digits, never above `x`.
fn rounded_down(x: f64) -> f64 {
    let near = rounded(x, 4);
    if near <= x {
        near
    } else {
        rounded(x - (near - x), 4).min(x)
    }
}

/// Four digits, never below `x`.
fn rounded_up(x: f64) -> f64 {
    let near = rounded(x, 4);
    if near >= x {
        near
    } else {
        rounded(x * (1.0 + 1e-3), 4).max(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch a lost head or tail, repeats, and a limit not kept.
    #[test]
    fn kept_orders_are_increasing_and_keep_both_ends() {
        for (count, limit) in [
            (0, 300),
            (1, 300),
            (300, 300),
            (301, 300),
            (5000, 300),
            (384, 57),
            (9, 1),
        ] {
            let orders = kept_orders(count, limit);
            assert!(
                orders.len() <= limit.max(2),
                "{count} {limit}: {}",
                orders.len()
            );
            assert!(
                orders.windows(2).all(|w| w[0] < w[1]),
                "{count} {limit}: {orders:?}"
            );
            assert_eq!(orders.first().copied(), (count > 0).then_some(1));
            assert_eq!(orders.last().copied(), (count > 0).then_some(count));
        }
        assert_eq!(kept_orders(5000, 300)[..75], (1..=75).collect::<Vec<_>>());
    }

    #[test]
    fn rounding_keeps_significant_digits() {
        assert_eq!(rounded(0.123_456, 4), 0.1235);
        assert_eq!(rounded(-1.234_56e-200, 4), -1.235e-200);
        assert_eq!(rounded(99_999.0, 4), 100_000.0);
        assert!(rounded(f64::NAN, 4).is_nan());
    }

    /// Would catch a value that falls between bins, out of them, or is counted twice.
    #[test]
    fn every_value_is_in_one_bin_or_above() {
        for count in [2, 10, 77, 1000] {
            for spike in [1.0, 2.0, 50.0] {
                let mut values: Vec<f64> = (0..count)
                    .map(|i| 1.0 - i as f64 / count as f64 * 0.97)
                    .collect();
                values[0] = spike;
                let h = Histogram::of(&values, Some(1.0)).unwrap();
                assert_eq!(h.counts.iter().sum::<usize>() + h.above, count);
                assert_eq!(h.above, usize::from(spike > 2.5));
                let inside = |i: usize| {
                    let (low, high) = (
                        h.from + i as f64 * h.width,
                        h.from + (i + 1) as f64 * h.width,
                    );
                    values.iter().filter(|&&v| v >= low && v < high).count()
                };
                for i in 0..h.counts.len() - 1 {
                    assert!(inside(i).abs_diff(h.counts[i]) <= 1, "bin {i}");
                }
            }
        }
    }

    /// Would catch a division by zero on a constant spectrum.
    #[test]
    fn equal_values_have_no_histogram() {
        assert_eq!(Histogram::of(&[2.0, 2.0], None), None);
        assert_eq!(Histogram::of(&[], None), None);
        assert_eq!(Histogram::of(&[0.0, 0.0, 0.0], Some(0.0)), None);
    }

    /// Would catch bins that begin above the smallest value.
    #[test]
    fn directed_rounding_goes_its_way() {
        for x in [
            0.0,
            1.0,
            1.234_449,
            1.234_551,
            9.999_9,
            1e-300,
            7.777_77e250,
        ] {
            assert!(rounded_down(x) <= x && rounded_up(x) >= x, "{x}");
            assert!(rounded_up(x) - rounded_down(x) <= 4e-3 * x, "{x}");
        }
    }
}
