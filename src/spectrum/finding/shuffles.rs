//! Spectra of a matrix's own entries in random order.

use faer::{Mat, MatRef, Par};
use rand::RngExt;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::linalg::singular_values;
use crate::random::Stream;
use crate::spectrum::moments::{Moments, for_each_row};

/// First word of the streams' paths.
const SHUFFLES: u64 = 5;
/// Entries that are shuffled in place: they fit into a core's cache.
const IN_CACHE: usize = 1 << 16;
/// Heaps that more entries are dealt to.
const HEAPS: usize = 256;

/// Singular values, descending, of the draws `draws`: the entries of `matrix`, less their mean, in random
/// order, then row i and column j multiplied by their scales. A mean is no noise: it is one direction. In single precision, whose error is far below the
/// spread of a largest value.
pub(super) fn shuffled_spectra(
    matrix: MatRef<'_, f64>,
    scales: Option<(&[f64], &[f64])>,
    draws: std::ops::Range<usize>,
    seed: u64,
) -> Vec<Vec<f64>> {
    let (m, n) = matrix.shape();
    let mut entries = Vec::with_capacity(m * n);
    let mean = Moments::of(&[matrix]).mean;
    for_each_row(&[matrix], |row| {
        entries.extend(row.iter().map(|x| (x - mean) as f32));
    });
    draws
        .into_par_iter()
        .map(|draw| {
            let shuffled = shuffled(&entries, &mut Stream::new(seed, &[SHUFFLES, draw as u64]));
            let drawn = MatRef::from_row_major_slice(&shuffled, m, n);
            let values = match scales {
                None => singular_values(drawn, Par::Seq),
                Some((rows, columns)) => {
                    let scaled =
                        Mat::from_fn(m, n, |i, j| drawn[(i, j)] * (rows[i] * columns[j]) as f32);
                    singular_values(scaled.as_ref(), Par::Seq)
                }
            };
            let values = values.expect("the layer's entries are finite");
            values.into_iter().map(f64::from).collect()
        })
        .collect()
}

/// The entries in random order, all orders alike: dealt to heaps at random and shuffled there, so
/// that no step reaches beyond the cache (Rao 1961; Sandelius 1962).
fn shuffled(entries: &[f32], stream: &mut Stream) -> Vec<f32> {
    let mut shuffled = entries.to_vec();
    if entries.len() <= IN_CACHE {
        shuffled.shuffle(stream);
        return shuffled;
    }
    let expected = entries.len() / HEAPS;
    let heap = || Vec::with_capacity(expected + expected / 4);
    let mut heaps: Vec<Vec<f32>> = (0..HEAPS).map(|_| heap()).collect();
    let mut bytes = [0; 8];
    for (k, &x) in entries.iter().enumerate() {
        if k % 8 == 0 {
            bytes = stream.random::<u64>().to_le_bytes();
        }
        heaps[bytes[k % 8] as usize].push(x);
    }
    let mut rest = &mut shuffled[..];
    for heap in heaps {
        let (place, after) = rest.split_at_mut(heap.len());
        place.copy_from_slice(&heap);
        place.shuffle(stream);
        rest = after;
    }
    shuffled
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches entries that are lost or stay where they were: every entry comes once, and the mean
    /// distance travelled is a third of the length, as for a random order.
    #[test]
    fn dealt_entries_are_in_random_order() {
        let count = 3 * IN_CACHE;
        let entries: Vec<f32> = (0..count).map(|k| k as f32).collect();
        let shuffled = shuffled(&entries, &mut Stream::new(1, &[]));
        let travelled = |(k, x): (usize, &f32)| (k as f64 - f64::from(*x)).abs();
        let mean = shuffled.iter().enumerate().map(travelled).sum::<f64>() / count as f64;
        // |U - V| of uniform numbers has mean 1/3 and variance 1/18.
        let error = count as f64 * (1.0 / 18.0 / count as f64).sqrt();
        assert!((mean - count as f64 / 3.0).abs() < 5.0 * error);
        let mut sorted = shuffled;
        sorted.sort_unstable_by(f32::total_cmp);
        assert_eq!(sorted, entries);
    }
}
