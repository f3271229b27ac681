//! What one matrix looks like: noise, a bulk and spikes, a heavy tail, or none of these.

mod bulk;
mod clean;
mod entries;
mod lines;
mod noise;
mod question;
mod rounding;
mod shuffles;
mod tail;

use faer::{MatRef, Par};

use self::bulk::{Spectrum, Strictness};
use self::clean::Cleaned;
use self::entries::{fitted_bulk, is_noise};
use self::noise::Noise;
use super::moments::Moments;
use super::{Cleaning, EntryLaw, NoiseModel, PowerLaw, VerdictKind, planted_value};
use crate::linalg::singular_values;

pub(super) use self::bulk::Bulk;
pub(super) use self::question::Question;
pub use self::rounding::Precision;
use self::rounding::{are_equal, numerical_rank};

/// Fewest values of which anything is said, and fewest of them above rounding.
const FEWEST: (usize, usize) = (8, 4);

/// Entries that hold the energy, per row and column, below which a matrix is a list of entries.
const FEW_ENTRIES: f64 = 0.1;
/// Standard errors by which the diagonal must be larger than chance makes it: so many that a few heavy
/// entries do not do it.
const CLEAR_DIAGONAL: f64 = 6.0;

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

/// Why nothing, or nothing more, is said of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Degenerate {
    Zero,
    Constant,
    TooFew,
    EqualValues,
    /// Too few entries hold the energy.
    FewEntries,
    /// Not degenerate, but no noise either: the diagonal is far larger than the rest.
    Diagonal,
}

/// Values above rounding of a matrix as it is.
fn rank_of(matrix: MatRef<'_, f64>, values: &[f64], question: Question<'_>) -> usize {
    let (m, n) = matrix.shape();
    let squares: f64 = values.iter().map(|s| s * s).sum();
    let rms = (squares / (m as f64 * n as f64)).sqrt();
    let error = question.precision.largest_error(m, n, rms, values[0]);
    numerical_rank(values, m, n, rms, error)
}

/// As many equal entries as hold the energy about the mean: the number of all over their kurtosis.
fn effective_entries(moments: &Moments) -> f64 {
    moments.count as f64 / moments.kurtosis.unwrap_or(1.0)
}

/// Whether the mean square of a square matrix's diagonal is more than chance makes of that of all entries.
fn diagonal_stands_out(matrix: MatRef<'_, f64>, moments: &Moments) -> bool {
    let n = matrix.nrows();
    if n != matrix.ncols() {
        return false;
    }
    let squares = (0..n).map(|i| (matrix[(i, i)] - moments.mean).powi(2));
    let ratio = squares.sum::<f64>() / n as f64 / moments.variance;
    let spread = (moments.kurtosis.unwrap_or(1.0) - 1.0) / n as f64;
    ratio - 1.0 > CLEAR_DIAGONAL * spread.sqrt()
}

/// Judges `matrix`, whose singular values are `values`.
pub(super) fn judge(matrix: MatRef<'_, f64>, values: &[f64], question: Question<'_>) -> Finding {
    let settings = question.settings;
    let all = rank_of(matrix, values, question);
    let cleaned = Cleaned::of(matrix, 2 * all < values.len());
    let rest = cleaned.matrix();
    let (m, n) = (
        rest.nrows().min(rest.ncols()),
        rest.nrows().max(rest.ncols()),
    );
    let (all_values, values_of_all) = (values.to_vec(), values.len());
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
    let equal = are_equal(above, error);
    if !equal {
        finding.power_law = tail::power_law(above, matrix.ncols(), settings);
    }
    if Moments::of(&[matrix]).kurtosis.is_none() {
        finding.reason = Some(Degenerate::Constant);
    } else if equal {
        finding.reason = Some(Degenerate::EqualValues);
    } else if m < FEWEST.0 && values_of_all >= FEWEST.0 && 2 * all < values_of_all {
        // Repeated lines hide a rank that is known.
        finding.kind = VerdictKind::LowRank;
        (finding.rank, finding.values) = (all, all_values);
        return finding;
    } else if m < FEWEST.0 || (finding.rank < FEWEST.1 && 2 * finding.rank >= m) {
        finding.reason = Some(Degenerate::TooFew);
    } else if 2 * finding.rank >= m && effective_entries(&moments) < FEW_ENTRIES * (m + n) as f64 {
        finding.reason = Some(Degenerate::FewEntries);
    }
    if finding.reason.is_some() {
        return finding;
    }
    if 2 * finding.rank < m {
        finding.kind = VerdictKind::LowRank;
        return finding;
    }
    if diagonal_stands_out(rest, &moments) {
        finding.kind = VerdictKind::NoBulk;
        finding.reason = Some(Degenerate::Diagonal);
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
        && let Some((which, p)) = lines::unequal_noise(rest, values, question)
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
        finding.p_value = Some(spectrum.p_value(&noise, Some(&bulk)));
        finding.mean_spike = mean_spike(&finding.spikes, &bulk, rest, moments);
        finding.kind = match bulk.above + bulk.below {
            0 => VerdictKind::Noise,
            _ => VerdictKind::Spikes,
        };
        finding.bulk = Some(bulk);
        return;
    }
    let heavy = finding.power_law.as_ref().is_some_and(tail::is_heavy);
    finding.kind = if heavy && spectrum.bulk(&noise, Strictness::Rival).is_none() {
        VerdictKind::HeavyTail
    } else {
        VerdictKind::NoBulk
    };
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
