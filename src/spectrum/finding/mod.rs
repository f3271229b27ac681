//! What one matrix looks like: noise, a bulk and spikes, a heavy tail, or none of these.

mod bulk;
mod clean;
mod lines;
mod noise;
mod rounding;
mod shuffles;
mod tail;

use faer::{MatRef, Par};

use self::bulk::{Spectrum, Strictness};
use self::clean::Cleaned;
use self::noise::{Noise, Shuffles};
use super::goodness::goodness_of_fit;
use super::moments::Moments;
use super::noise_edge::centre_and_scale;
use super::{
    BaselineKind, Cleaning, EntryLaw, NoiseModel, PowerLaw, Settings, UnequalLines, VerdictKind,
};
use super::{fit_power_law, planted_value};
use crate::linalg::singular_values;

pub(super) use self::bulk::Bulk;
pub use self::rounding::Precision;
use self::rounding::{numerical_rank, with_ties};

/// Fewest values of which anything is said, and fewest of them above rounding.
const FEWEST: (usize, usize) = (8, 4);
/// Shuffles drawn for the edge, and those that are enough to rule a random bulk out.
const SHUFFLES: (usize, usize) = (20, 4);
/// Draws of unequal noise that rule it out where their largest values are far below.
const SCREEN: usize = 2;
/// Excess kurtosis, beyond four standard errors, from which entries count as heavy-tailed.
const HEAVY_ENTRIES: f64 = 0.5;
/// Largest entry, in units of σ (m n)^(1/4), from which the edge is taken from shuffles.
const LARGE_ENTRY: f64 = 0.5;
/// Shift of the edge by the kurtosis, in units of its spread, from which it is.
const LARGE_SHIFT: f64 = 1.0;

/// How one matrix was judged.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub kind: VerdictKind,
    /// Why a matrix is degenerate.
    pub reason: Option<Degenerate>,
    pub cleaning: Cleaning,
    /// Values above rounding, of those that cleaning left.
    pub rank: usize,
    /// Singular values of what cleaning left, descending.
    pub values: Vec<f64>,
    pub noise: NoiseModel,
    /// Chance of a largest value as large in noise.
    pub p_value: Option<f64>,
    pub bulk: Option<Bulk>,
    /// Each value above the edge and its chance in noise.
    pub spikes: Vec<(f64, f64)>,
    /// Spike that is the mean of all entries.
    pub mean_spike: Option<usize>,
    pub power_law: Option<PowerLaw>,
}

/// Why nothing is said of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Degenerate {
    Zero,
    Constant,
    TooFew,
    EqualValues,
}

/// What is needed beside the matrix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub settings: &'a Settings,
    pub precision: Precision,
    /// Chance of a false spike in this matrix.
    pub level: f64,
}

/// Judges `matrix`, whose singular values are `values`.
pub(super) fn judge(matrix: MatRef<'_, f64>, values: &[f64], question: Question<'_>) -> Finding {
    let settings = question.settings;
    let cleaned = Cleaned::of(matrix);
    let rest = cleaned.matrix();
    let (m, n) = (
        rest.nrows().min(rest.ncols()),
        rest.nrows().max(rest.ncols()),
    );
    let own;
    let values = if cleaned.changes_values && m > 0 {
        own = singular_values(rest, Par::rayon(0)).expect("the layer's entries are finite");
        &own[..]
    } else {
        &values[..m.min(values.len())]
    };
    let mut finding = Finding {
        kind: VerdictKind::Degenerate,
        reason: None,
        cleaning: cleaned.counts.clone(),
        rank: 0,
        values: values.to_vec(),
        noise: NoiseModel::default(),
        p_value: None,
        bulk: None,
        spikes: Vec::new(),
        mean_spike: None,
        power_law: None,
    };
    if m == 0 || values[0] == 0.0 {
        finding.reason = Some(Degenerate::Zero);
        return finding;
    }
    let moments = Moments::of(&[rest]);
    let rms = (values.iter().map(|s| s * s).sum::<f64>() / (m as f64 * n as f64)).sqrt();
    let error = question.precision.largest_error(m, n, rms, values[0]);
    finding.rank = numerical_rank(values, m, n, rms, error);
    let above = &values[..finding.rank];
    let tied = with_ties(above, error);
    finding.power_law = power_law(&tied, matrix.ncols(), settings);
    if Moments::of(&[matrix]).kurtosis.is_none() {
        finding.reason = Some(Degenerate::Constant);
    } else if tied.len() > 1 && tied.iter().all(|&s| s == tied[0]) {
        finding.reason = Some(Degenerate::EqualValues);
    } else if m < FEWEST.0 || (finding.rank < FEWEST.1 && 2 * finding.rank >= m) {
        finding.reason = Some(Degenerate::TooFew);
    }
    if finding.reason.is_some() {
        return finding;
    }
    if 2 * finding.rank < m {
        finding.kind = VerdictKind::LowRank;
        return finding;
    }
    judge_spectrum(&mut finding, rest, above, &moments, question);
    finding
}

fn judge_spectrum(
    finding: &mut Finding,
    rest: MatRef<'_, f64>,
    values: &[f64],
    moments: &Moments,
    question: Question<'_>,
) {
    let settings = question.settings;
    let long = rest.nrows().max(rest.ncols());
    let spectrum = Spectrum {
        values,
        short: values.len(),
        long,
        level: question.level,
    };
    let (noise, bulk) = fitted_bulk(&spectrum, rest, moments, settings);
    if let Noise::Shuffled(shuffles) = &noise {
        finding.noise.entries = EntryLaw::Shuffled;
        finding.noise.shuffles = shuffles.count();
    }
    if !is_noise(&bulk)
        && let Some((which, p)) = unequal_noise(rest, values, question)
    {
        finding.noise.unequal = Some(which);
        finding.p_value = Some(p);
        finding.kind = VerdictKind::Noise;
        return;
    }
    if let Some(bulk) = bulk {
        finding.spikes = values[..bulk.above]
            .iter()
            .map(|&s| (s, spectrum.p_value_above(s, &bulk, &noise)))
            .collect();
        finding.p_value = Some(match finding.spikes.first() {
            Some(&(_, p)) => p,
            None => spectrum.p_value(&noise),
        });
        finding.mean_spike = mean_spike(&finding.spikes, &bulk, rest, moments);
        finding.kind = match bulk.above + bulk.below {
            0 => VerdictKind::Noise,
            _ => VerdictKind::Spikes,
        };
        finding.bulk = Some(bulk);
        return;
    }
    let heavy = finding.power_law.as_ref().is_some_and(tail::is_heavy);
    finding.kind = match heavy && spectrum.bulk(&noise, Strictness::Rival).is_none() {
        true => VerdictKind::HeavyTail,
        false => VerdictKind::NoBulk,
    };
}

/// The noise that a spectrum is held against, and the bulk found in it.
fn fitted_bulk(
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
    let shuffled = |count| {
        let spectra = shuffles::shuffled_spectra(matrix, None, 0..count, settings.seed);
        let noise = Noise::Shuffled(Shuffles::of(spectra, short, long));
        let bulk = spectrum.bulk(&noise, Strictness::Finding);
        (noise, bulk)
    };
    // A few shuffles say that there is no bulk; for its edge more are needed.
    let (noise, bulk) = shuffled(SHUFFLES.1);
    match forced || bulk.is_some() {
        true => shuffled(SHUFFLES.0),
        false => (noise, bulk),
    }
}

/// Whether a bulk was found with nothing outside it.
fn is_noise(bulk: &Option<Bulk>) -> bool {
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

/// The lines that differ in scale, where that alone makes the matrix other than noise of one variance,
/// and the chance of a largest value as large in such noise.
///
/// Its lines are brought to one scale, the entries shuffled and the scales put back: twenty matrices whose
/// values must be as large as the matrix's, and spread as they are.
fn unequal_noise(
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
    let scaled = lines::equalized(matrix)?;
    // No scales make more of a value than their largest.
    let most = scaled.largest_square() / variance
        * Noise::Light { excess: 0.0 }.ratio(m, n, question.level);
    if ratio > most {
        return None;
    }
    let draw = |draws| {
        let scales = Some((&scaled.rows[..], &scaled.columns[..]));
        shuffles::shuffled_spectra(
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

/// The power law of the eigenvalues s²/n, its goodness of fit and its rivals.
fn power_law(values: &[f64], columns: usize, settings: &Settings) -> Option<PowerLaw> {
    let mut ascending: Vec<f64> = values.iter().map(|s| s * s / columns as f64).collect();
    ascending.reverse();
    let (side, min_tail) = (settings.ks_side, settings.min_tail);
    let mut fit = fit_power_law(&ascending, side, min_tail)?;
    let p = goodness_of_fit(&ascending, &fit, side, min_tail, settings.seed);
    fit.p_value = Some(p);
    fit.rivals = tail::rivals(&ascending);
    Some(fit)
}

/// The spike whose planted value is the mean of all entries, |μ| √(m n).
fn mean_spike(
    spikes: &[(f64, f64)],
    bulk: &Bulk,
    matrix: MatRef<'_, f64>,
    moments: &Moments,
) -> Option<usize> {
    let (m, n) = matrix.shape();
    let size = moments.mean.abs() * (m as f64 * n as f64).sqrt();
    let near = |s: f64| {
        let planted = planted_value(s, m, n, bulk.variance)?;
        let off = (planted - size).abs();
        (off <= 0.2 * planted.max(size)).then_some(off)
    };
    let candidates = spikes
        .iter()
        .enumerate()
        .filter_map(|(i, &(s, _))| Some((i, near(s)?)));
    candidates
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(i, _)| i)
}
