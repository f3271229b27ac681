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
use super::{BaselineKind, Cleaning, EntryLaw, NoiseModel, PowerLaw, Settings, UnequalLines, VerdictKind};
use super::{fit_power_law, planted_value};
use crate::linalg::singular_values;

pub(super) use self::bulk::Bulk;
pub use self::rounding::Precision;
use self::rounding::{numerical_rank, with_ties};

/// Fewest values of which anything is said, and fewest of them above rounding.
const FEWEST: (usize, usize) = (8, 4);
/// Shuffles drawn for the edge, and those that are enough to rule a random bulk out.
const SHUFFLES: (usize, usize) = (20, 4);
/// Excess kurtosis, beyond four standard errors, from which entries count as heavy-tailed.
const HEAVY_ENTRIES: f64 = 0.5;

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
    let (m, n) = (rest.nrows().min(rest.ncols()), rest.nrows().max(rest.ncols()));
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
    let (short, long) = (rest.nrows().min(rest.ncols()), rest.nrows().max(rest.ncols()));
    let spectrum = Spectrum {
        values,
        short: values.len(),
        long,
        level: question.level,
    };
    let shuffled = |count| {
        let spectra = shuffles::shuffled_spectra(rest, None, 0..count, settings.seed);
        Noise::Shuffled(Shuffles::of(&spectra, short, long))
    };
    let forced = settings.baseline == BaselineKind::Shuffle;
    let mut noise = Noise::Gaussian;
    let mut bulk = None;
    if !forced {
        bulk = spectrum.bulk(&noise, Strictness::Finding);
    }
    // What is noise by the lower edge of Gaussian entries is noise by that of heavier ones.
    let is_noise = |bulk: &Option<Bulk>| bulk.as_ref().is_some_and(|b| b.above + b.below == 0);
    if forced || (has_heavy_tails(moments) && !is_noise(&bulk)) {
        noise = shuffled(SHUFFLES.1);
        bulk = spectrum.bulk(&noise, Strictness::Finding);
        if forced || bulk.is_some() {
            noise = shuffled(SHUFFLES.0);
            bulk = spectrum.bulk(&noise, Strictness::Finding);
        }
    }
    if let Noise::Shuffled(shuffles) = &noise {
        finding.noise.entries = EntryLaw::Shuffled;
        finding.noise.shuffles = shuffles.count;
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

/// Whether the entries have tails that a Gaussian law does not: their excess kurtosis.
fn has_heavy_tails(moments: &Moments) -> bool {
    let error = (24.0 / moments.count as f64).sqrt();
    moments.kurtosis.is_some_and(|kurtosis| kurtosis - 3.0 > HEAVY_ENTRIES + 4.0 * error)
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
    let scaled = lines::equalized(matrix)?;
    let (m, n) = (matrix.nrows().min(matrix.ncols()), matrix.nrows().max(matrix.ncols()));
    let scales = Some((&scaled.rows[..], &scaled.columns[..]));
    let draws = 0..SHUFFLES.0;
    let spectra =
        shuffles::shuffled_spectra(scaled.matrix.as_ref(), scales, draws, question.settings.seed);
    if values.len() < m || !noise::is_spread_like(values, &spectra) {
        return None;
    }
    let variance = values.iter().map(|s| s * s).sum::<f64>() / (m as f64 * n as f64);
    let ratio = values[0] * values[0] / variance;
    let noise = Noise::Shuffled(Shuffles::of(&spectra, m, n));
    let p = noise.p_value(m, n, ratio);
    (!noise.is_significant(m, n, ratio, question.level)).then_some((scaled.which, p))
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
    let candidates = spikes.iter().enumerate().filter_map(|(i, &(s, _))| Some((i, near(s)?)));
    candidates.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
}
