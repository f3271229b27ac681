//! What noise is: the edge of its spectrum and how near it keeps to its law.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::spectrum::{KsSide, SingularLaw, ks_distance};
use crate::spectrum::noise_edge::{FittedEdge, centre_and_scale, quantile, survival};

/// Noise that a spectrum is held against.
#[derive(Debug, Clone)]
pub(crate) enum Noise {
    /// Entries with light tails: the laws of Gaussian matrices.
    Gaussian,
    /// Entries whose own spectra, shuffled, say where the edge is.
    Shuffled(Shuffles),
}

/// Part of the level of the ratio to the lower values, and its calibration by simulation.
const BESIDE_LOWER: (f64, f64, f64) = (0.4, 0.12, 1.05);
/// Fewest values that are split into lower ones and others.
const SPLIT: usize = 16;
/// Mean and standard deviation of Tracy and Widom's law.
const MEAN: f64 = -1.206_533_6;
const DEVIATION: f64 = 1.267_983;

impl Noise {
    /// The limit of `m D`, D the Kolmogorov-Smirnov distance of m values to their Marchenko-Pastur
    /// law: 99.9 % of random matrices are below it, 99 % of them below the `strict` one.
    ///
    /// Eigenvalues keep their places: `m D` grows like ln m, alike from 1:1 to 1:10. The constants are
    /// fitted to simulated matrices of 8 to 512 values.
    pub fn limit(&self, m: usize, strict: bool) -> f64 {
        let log = (m as f64).ln();
        let (loose, tight) = (1.2 + 0.5 * log, 1.0 + 0.46 * log);
        let gaussian = if strict { tight } else { loose };
        match self {
            Noise::Gaussian => gaussian,
            Noise::Shuffled(shuffles) => {
                let own = shuffles.distance.0 + 1.5 + 2.0 * shuffles.distance.1;
                gaussian.max(own - if strict { loose - tight } else { 0.0 })
            }
        }
    }

    /// The ratio of the edge to the variance at `level`.
    pub fn ratio(&self, m: usize, n: usize, level: f64) -> f64 {
        match self {
            Noise::Gaussian => FittedEdge::new(m, n).ratio(level),
            Noise::Shuffled(shuffles) => {
                let (centre, _) = centre_and_scale(m, n);
                centre * shuffles.log_excess(level).exp()
            }
        }
    }

    /// Chance of a ratio as large in `m × n` noise.
    pub fn p_value(&self, m: usize, n: usize, ratio: f64) -> f64 {
        match self {
            Noise::Gaussian => FittedEdge::new(m, n).p_value(ratio),
            Noise::Shuffled(shuffles) => {
                let (centre, _) = centre_and_scale(m, n);
                shuffles.p_value((ratio / centre).ln())
            }
        }
    }

    /// Share of Σ s² that the `lower` smallest of m values hold in noise; `None` where this is not
    /// looked at.
    ///
    /// In the angle θ of the law, `∫₀^θ x dF = (θ - sin θ cos θ)/π` whatever the shape.
    pub fn lower_share(&self, m: usize, n: usize, lower: usize) -> Option<f64> {
        if m < SPLIT || matches!(self, Noise::Shuffled(_)) {
            return None;
        }
        let law = SingularLaw::new(m, n, 1.0).ok()?;
        Some(law.energy_below(lower as f64 / m as f64))
    }

    /// Whether a square of this ratio to the variance of the lower values is too large. Only a hint where
    /// to look for a bulk: what is counted is above the edge.
    pub fn is_significant_beside_lower(&self, m: usize, n: usize, ratio: f64, level: f64) -> bool {
        let edge = FittedEdge::new(m, n);
        let (share, offset, slope) = BESIDE_LOWER;
        edge.excess(ratio) > quantile(share * level) - offset + slope * edge.error()
    }
}

/// What shuffles of a matrix's entries say about its largest value.
#[derive(Debug, Clone)]
pub(crate) struct Shuffles {
    /// Mean and standard deviation of `ln (s₁²/v) - ln μ`, μ the centre for Gaussian entries.
    log_mean: f64,
    log_deviation: f64,
    log_largest: f64,
    /// Mean and standard deviation of m D.
    distance: (f64, f64),
    pub count: usize,
}

impl Shuffles {
    /// From the spectra, descending, of at least two shuffles of an `m × n` matrix.
    pub fn of(spectra: &[Vec<f64>], m: usize, n: usize) -> Shuffles {
        let (centre, _) = centre_and_scale(m, n);
        let entries = m as f64 * n as f64;
        let logs: Vec<f64> = spectra
            .iter()
            .map(|values| {
                let variance = values.iter().map(|s| s * s).sum::<f64>() / entries;
                (values[0] * values[0] / variance / centre).ln()
            })
            .collect();
        let distances: Vec<f64> = spectra
            .iter()
            .map(|values| distance(values, m, n) * values.len() as f64)
            .collect();
        let (log_mean, log_deviation) = mean_and_deviation(&logs);
        Shuffles {
            log_mean,
            log_deviation,
            log_largest: logs.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            distance: mean_and_deviation(&distances),
            count: spectra.len(),
        }
    }

    /// How many of their standard deviations one of Tracy and Widom's law is: for a mean and a
    /// deviation that are estimated themselves, by Student's law in the place of the normal one.
    fn stretch(&self, level: f64) -> f64 {
        let freedom = (self.count - 1) as f64;
        let normal = Normal::standard().inverse_cdf(1.0 - level);
        let student = StudentsT::new(0.0, 1.0, freedom).expect("two shuffles or more");
        let spread = self.log_deviation * (1.0 + 1.0 / self.count as f64).sqrt();
        spread * student.inverse_cdf(1.0 - level) / normal
    }

    /// The excess that is exceeded with the chance `level`, and by no shuffle.
    fn log_excess(&self, level: f64) -> f64 {
        let z = (quantile(level) - MEAN) / DEVIATION;
        (self.log_mean + self.stretch(level) * z).max(self.log_largest)
    }

    /// Chance of an excess as large: by the fit, and at least 1/(count + 1) where a shuffle has one.
    fn p_value(&self, log: f64) -> f64 {
        let z = (log - self.log_mean) / self.stretch(0.01);
        let p = survival(MEAN + DEVIATION * z);
        match log > self.log_largest {
            true => p,
            false => p.max(1.0 / (self.count + 1) as f64),
        }
    }
}

/// Kolmogorov-Smirnov distance of a spectrum, descending, to the law of its own mean square.
fn distance(values: &[f64], m: usize, n: usize) -> f64 {
    let variance = values.iter().map(|s| s * s).sum::<f64>() / (m as f64 * n as f64);
    let law = SingularLaw::new(m, n, variance).expect("a spectrum that does not vanish");
    ks_distance(values, KsSide::Two, |s| law.cdf(s))
}

/// Whether values, descending, spread as those of `spectra` do, each divided by its root mean square:
/// their Kolmogorov-Smirnov distance to all of those together is no larger than their own.
pub(super) fn is_spread_like(values: &[f64], spectra: &[Vec<f64>]) -> bool {
    let scaled = |values: &[f64]| {
        let root = values.iter().map(|s| s * s).sum::<f64>().sqrt();
        values.iter().map(|s| s / root).collect::<Vec<f64>>()
    };
    let spectra: Vec<Vec<f64>> = spectra.iter().map(|values| scaled(values)).collect();
    let mut all = spectra.concat();
    all.sort_unstable_by(f64::total_cmp);
    let share = |s: f64| all.partition_point(|&x| x < s) as f64 / all.len() as f64;
    let distance = |values: &[f64]| values.len() as f64 * ks_distance(values, KsSide::Two, share);
    let own: Vec<f64> = spectra.iter().map(|values| distance(values)).collect();
    let (mean, deviation) = mean_and_deviation(&own);
    distance(&scaled(values)) <= mean + 1.5 + 2.0 * deviation
}

fn mean_and_deviation(xs: &[f64]) -> (f64, f64) {
    let n = xs.len() as f64;
    let mean = xs.iter().sum::<f64>() / n;
    let squares = xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, (squares / (n - 1.0)).sqrt())
}
