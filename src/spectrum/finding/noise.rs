//! What noise is: the edge of its spectrum and how near it keeps to its law.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::spectrum::SingularLaw;
use crate::spectrum::noise_edge::{
    FittedEdge, centre_and_scale, lower_p_value, quantile, survival,
};

/// Noise that a spectrum is held against.
#[derive(Debug, Clone)]
pub(crate) enum Noise {
    /// Entries with light tails: the laws of Gaussian matrices, the edge moved by their excess kurtosis.
    Light { excess: f64 },
    /// Entries whose own spectra, shuffled, say where the edge is.
    Shuffled(Shuffles),
}

/// Part of the level of the ratio to the lower values, and its calibration by simulation.
const BESIDE_LOWER: (f64, f64, f64) = (0.4, 0.12, 1.05);
/// Fewest values that are split into lower ones and others.
const SPLIT: usize = 24;
/// Mean and standard deviation of Tracy and Widom's law.
const MEAN: f64 = -1.206_533_6;
const DEVIATION: f64 = 1.267_983;

impl Noise {
    /// Returns the law of the values from k on of a `short × long` matrix whose entries, without the first
    /// k directions, have this variance, and the limit of the values' distance to it.
    pub fn law(&self, k: usize, short: usize, long: usize, variance: f64) -> Option<Law> {
        match self {
            Noise::Light { .. } => Law::marchenko_pastur(k, short, long, variance),
            Noise::Shuffled(shuffles) => Some(shuffles.law(k, variance * (long - k) as f64)),
        }
    }

    /// The ratio of the edge to the variance at `level`.
    pub fn ratio(&self, m: usize, n: usize, level: f64) -> f64 {
        match self {
            Noise::Light { excess } => FittedEdge::new(m, n, *excess).ratio(level),
            Noise::Shuffled(shuffles) => {
                let (centre, _) = centre_and_scale(m, n);
                centre * shuffles.log_excess(level).exp()
            }
        }
    }

    /// Chance of a ratio as large in `m × n` noise.
    pub fn p_value(&self, m: usize, n: usize, ratio: f64) -> f64 {
        match self {
            Noise::Light { excess } => FittedEdge::new(m, n, *excess).p_value(ratio),
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
        self.p_value_beside_lower(m, n, ratio) < level
    }

    /// Chance of such a ratio.
    pub fn p_value_beside_lower(&self, m: usize, n: usize, ratio: f64) -> f64 {
        let edge = FittedEdge::new(m, n, 0.0);
        let (share, offset, slope) = BESIDE_LOWER;
        (survival(edge.excess(ratio) + offset - slope * edge.error()) / share).min(1.0)
    }

    /// Chance of a smallest square below this ratio to the variance; `None` where there is no test.
    pub fn p_value_of_smallest(&self, m: usize, n: usize, ratio: f64) -> Option<f64> {
        match self {
            Noise::Light { excess } => lower_p_value(m, n, ratio, *excess),
            Noise::Shuffled(_) => None,
        }
    }
}

/// The law of a spectrum of noise, and how far from it m values may be.
pub(super) struct Law {
    shape: LawShape,
    /// Largest `m D`, D the Kolmogorov-Smirnov distance.
    limit: f64,
}

enum LawShape {
    MarchenkoPastur(SingularLaw),
    /// Values of shuffles, ascending, in the given unit.
    Drawn {
        values: Vec<f64>,
        unit: f64,
    },
}

/// Values left out from which on the limit is stricter: there are many ways to leave some out.
const STRICT_FROM: usize = 0;

impl Law {
    /// Eigenvalues keep their places: `m D` grows like ln m, alike from 1:1 to 1:10. 99.9 % of Gaussian
    /// matrices are below the limit, and 99 % below the stricter one; the constants are fitted to
    /// simulated matrices of 8 to 512 values.
    fn marchenko_pastur(k: usize, short: usize, long: usize, variance: f64) -> Option<Law> {
        let log = ((short - k) as f64).ln();
        let limit = if k > STRICT_FROM {
            1.0 + 0.46 * log
        } else {
            1.2 + 0.5 * log
        };
        let law = SingularLaw::new(short - k, long - k, variance).ok()?;
        Some(Law {
            shape: LawShape::MarchenkoPastur(law),
            limit,
        })
    }

    /// The law that spectra, descending, have together, once the first k values of each are left out and
    /// each is divided by the root of its own variance. The limit is 1.5 and two standard deviations
    /// above their own mean distance to it.
    pub fn of_draws(spectra: &[Vec<f64>], k: usize, variance: f64) -> Law {
        let scaled = |values: &Vec<f64>| {
            let rest = &values[k..];
            let root = (rest.iter().map(|s| s * s).sum::<f64>() / rest.len() as f64).sqrt();
            rest.iter().map(|s| s / root).collect::<Vec<f64>>()
        };
        let scaled: Vec<Vec<f64>> = spectra.iter().map(scaled).collect();
        let mut values = scaled.concat();
        values.sort_unstable_by(f64::total_cmp);
        let mut law = Law {
            shape: LawShape::Drawn { values, unit: 1.0 },
            limit: f64::INFINITY,
        };
        let own = |values: &Vec<f64>| {
            let distance = law.distance_within(values, 0.0).expect("no limit");
            distance * values.len() as f64
        };
        let (mean, deviation) = mean_and_deviation(&scaled.iter().map(own).collect::<Vec<_>>());
        law.limit = mean + 1.5 + 2.0 * deviation;
        if let LawShape::Drawn { unit, .. } = &mut law.shape {
            *unit = variance.sqrt();
        }
        law
    }

    fn cdf(&self, s: f64) -> f64 {
        match &self.shape {
            LawShape::MarchenkoPastur(law) => law.cdf(s),
            LawShape::Drawn { values, unit } => {
                values.partition_point(|&x| x < s / unit) as f64 / values.len() as f64
            }
        }
    }

    /// The distance of `values`, descending, where m times it is at most the limit and `slack`.
    pub fn distance_within(&self, values: &[f64], slack: f64) -> Option<f64> {
        let m = values.len();
        let limit = (self.limit + slack) / m as f64;
        let deviation = |i: usize| {
            // i counts from the smallest.
            let f = self.cdf(values[m - 1 - i]);
            (f - i as f64 / m as f64).max((i + 1) as f64 / m as f64 - f)
        };
        // A few points first: a spectrum without a bulk is far off nearly everywhere.
        let stride = (m / 16).max(1);
        if (0..m).step_by(stride).any(|i| deviation(i) > limit) {
            return None;
        }
        let mut worst: f64 = 0.0;
        for i in 0..m {
            worst = worst.max(deviation(i));
            if worst > limit {
                return None;
            }
        }
        Some(worst)
    }
}

/// What shuffles of a matrix's entries say about its noise.
#[derive(Debug, Clone)]
pub(crate) struct Shuffles {
    /// Their spectra, each descending.
    spectra: Vec<Vec<f64>>,
    /// Mean and standard deviation of `ln (s₁²/v) - ln μ`, μ the centre for Gaussian entries.
    log_mean: f64,
    log_deviation: f64,
    log_largest: f64,
}

impl Shuffles {
    /// From the spectra, descending, of at least two shuffles of an `m × n` matrix.
    pub fn of(spectra: Vec<Vec<f64>>, m: usize, n: usize) -> Shuffles {
        let (centre, _) = centre_and_scale(m, n);
        let entries = m as f64 * n as f64;
        let logs: Vec<f64> = spectra
            .iter()
            .map(|values| {
                let variance = values.iter().map(|s| s * s).sum::<f64>() / entries;
                (values[0] * values[0] / variance / centre).ln()
            })
            .collect();
        let (log_mean, log_deviation) = mean_and_deviation(&logs);
        Shuffles {
            log_mean,
            log_deviation,
            log_largest: logs.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            spectra,
        }
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.spectra.len()
    }

    /// The law of the values from k on, of this mean square.
    pub fn law(&self, k: usize, mean_square: f64) -> Law {
        Law::of_draws(&self.spectra, k, mean_square)
    }

    /// How many of their standard deviations one of Tracy and Widom's law is: for a mean and a
    /// deviation that are estimated themselves, by Student's law in the place of the normal one.
    fn stretch(&self, level: f64) -> f64 {
        let freedom = (self.count() - 1) as f64;
        let normal = Normal::standard().inverse_cdf(1.0 - level);
        let student = StudentsT::new(0.0, 1.0, freedom).expect("two shuffles or more");
        let spread = self.log_deviation * (1.0 + 1.0 / self.count() as f64).sqrt();
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
        if log > self.log_largest {
            p
        } else {
            p.max(1.0 / (self.count() + 1) as f64)
        }
    }
}

fn mean_and_deviation(xs: &[f64]) -> (f64, f64) {
    let n = xs.len() as f64;
    let mean = xs.iter().sum::<f64>() / n;
    let squares = xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, (squares / (n - 1.0)).sqrt())
}
