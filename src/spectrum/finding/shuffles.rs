//! Spectra of a matrix's own entries in random order.

use faer::{Mat, MatRef, Par};
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::linalg::singular_values;
use crate::random::Stream;

/// First word of the streams' paths.
const SHUFFLES: u64 = 5;

/// Singular values, descending, of the draws `first..last`: the entries of `matrix` in random
/// order, then row i and column j multiplied by their scales. In single precision, which is
/// far below the spread of a largest value.
pub(super) fn shuffled_spectra(
    matrix: MatRef<'_, f64>,
    scales: Option<(&[f64], &[f64])>,
    draws: std::ops::Range<usize>,
    seed: u64,
) -> Vec<Vec<f64>> {
    let (m, n) = matrix.shape();
    let entries: Vec<f32> = (0..m)
        .flat_map(|i| matrix.row(i).iter().map(|&x| x as f32))
        .collect();
    draws
        .into_par_iter()
        .map_init(
            || entries.clone(),
            |shuffled, draw| {
                shuffled.copy_from_slice(&entries);
                shuffled.shuffle(&mut Stream::new(seed, &[SHUFFLES, draw as u64]));
                let drawn = MatRef::from_row_major_slice(shuffled, m, n);
                let values = match scales {
                    None => singular_values(drawn, Par::Seq),
                    Some((rows, columns)) => {
                        let scaled = Mat::from_fn(m, n, |i, j| {
                            drawn[(i, j)] * (rows[i] * columns[j]) as f32
                        });
                        singular_values(scaled.as_ref(), Par::Seq)
                    }
                };
                let values = values.expect("the layer's entries are finite");
                values.into_iter().map(f64::from).collect()
            },
        )
        .collect()
}
