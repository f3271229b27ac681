//! Which noise a matrix is held against: that of Gaussian entries, or of its own in random order.

use faer::{Mat, MatRef};

use super::bulk::{Bulk, Spectrum, Strictness};
use super::noise::{Noise, Shuffles};
use super::shuffles::shuffled_spectra;
use crate::spectrum::moments::Moments;
use crate::spectrum::noise_edge::centre_and_scale;
use crate::spectrum::{BaselineKind, Settings};

/// Times the edge from which a value is taken out before the entries are shuffled.
const CLEAR: f64 = 1.5;
/// The same where no bulk was found, times the edge of light-tailed entries.
const FAR: f64 = 3.0;
/// Shuffles drawn for the edge, and those that are enough to rule a random bulk out.
pub(super) const SHUFFLES: (usize, usize) = (20, 4);
/// Excess kurtosis, beyond four standard errors, from which entries count as heavy-tailed.
const HEAVY_ENTRIES: f64 = 0.5;
/// Largest entry, in units of σ (m n)^(1/4), from which the edge is taken from shuffles.
const LARGE_ENTRY: f64 = 0.5;
/// Shift of the edge by the kurtosis, in units of its spread, from which it is.
const LARGE_SHIFT: f64 = 1.0;

/// The noise that a spectrum is held against, and the bulk found in it.
pub(super) fn fitted_bulk(
    spectrum: &Spectrum<'_>,
    matrix: MatRef<'_, f64>,
    moments: &Moments,
    settings: &Settings,
) -> (Noise, Option<Bulk>) {
    let (short, long) = (matrix.nrows().min(matrix.ncols()), spectrum.long);
    let forced = settings.baseline == BaselineKind::Shuffle;
    if !forced {
        let heavy = has_heavy_tails(moments, short, long);
        let noise = Noise::Light {
            excess: if heavy { 0.0 } else { excess(moments) },
        };
        let bulk = spectrum.bulk(&noise, Strictness::Finding);
        // What is noise by the lower edge of Gaussian entries is noise by that of heavier ones.
        if is_noise(&bulk) || !heavy {
            return (noise, bulk);
        }
    }
    let shuffled = |matrix: MatRef<'_, f64>, count| {
        let spectra = shuffled_spectra(matrix, None, 0..count, settings.seed);
        let noise = Noise::Shuffled(Shuffles::of(spectra, short, long));
        let bulk = spectrum.bulk(&noise, Strictness::Finding);
        (noise, bulk)
    };
    // A few shuffles say that there is no bulk; for its edge more are needed.
    let (noise, bulk) = shuffled(matrix, SHUFFLES.1);
    // Strong directions make the entries look lighter-tailed than the noise under them is, and the edge
    // too low: those that are clear by far are taken out before the rest is shuffled.
    let strong = match &bulk {
        Some(bulk) => spectrum.values.partition_point(|&s| s > CLEAR * bulk.edge),
        None => spectrum.far_above(FAR),
    };
    let rest = residual(matrix, strong);
    let rest = rest.as_ref().map_or(matrix, |rest| rest.as_ref());
    let hopeless = || strong == 0 || shuffled(rest, SHUFFLES.1).1.is_none();
    if bulk.is_none() && !forced && hopeless() {
        return (noise, bulk);
    }
    shuffled(rest, SHUFFLES.0)
}

/// The matrix without its first `count` singular directions; `None` where there are none to take out.
fn residual(matrix: MatRef<'_, f64>, count: usize) -> Option<Mat<f64>> {
    if count == 0 {
        return None;
    }
    let svd = matrix.thin_svd().ok()?;
    let (u, s, v) = (svd.U(), svd.S().column_vector(), svd.V());
    let scaled = Mat::from_fn(matrix.nrows(), count, |i, k| u[(i, k)] * s[k]);
    Some(matrix - scaled * v.subcols(0, count).transpose())
}

/// Whether a bulk was found with nothing outside it.
pub(super) fn is_noise(bulk: &Option<Bulk>) -> bool {
    bulk.as_ref()
        .is_some_and(|bulk| bulk.above + bulk.below == 0)
}

/// Excess kurtosis of the entries.
fn excess(moments: &Moments) -> f64 {
    moments.kurtosis.map_or(0.0, |kurtosis| kurtosis - 3.0)
}

/// Whether the entries have tails so heavy that the edge of an `m × n` matrix of them is to be taken from
/// shuffles: single ones near σ (m n)^(1/4), from which on an entry is a spike by itself, or a kurtosis that
/// moves the edge by more than the spread of the largest value.
fn has_heavy_tails(moments: &Moments, m: usize, n: usize) -> bool {
    let entries = m as f64 * n as f64;
    let error = (24.0 / moments.count as f64).sqrt();
    let largest = moments.largest / moments.variance.sqrt();
    let (centre, scale) = centre_and_scale(m, n);
    let shift = excess(moments) / entries.sqrt() * centre / scale;
    excess(moments) > HEAVY_ENTRIES + 4.0 * error
        && (largest > LARGE_ENTRY * entries.powf(0.25) || shift > LARGE_SHIFT)
}
