//! A random bulk under a spectrum, and the values above its edge.

use super::noise::Noise;
use crate::spectrum::SingularLaw;
use crate::spectrum::noise_edge::lower_edge;

/// Largest share of the values that may stand above a bulk: a majority that fits must be left, with
/// room to test it.
const MOST_ABOVE: f64 = 0.3;
/// The same where it is asked whether a bulk explains a tail.
const MOST_ABOVE_TAIL: f64 = 0.25;
/// Fewest values of which several are tested at once.
const FEW: usize = 24;
/// Part of the level that is spent on the smallest value.
const LOWER_SHARE: f64 = 0.2;

/// A random bulk: the noise that explains all values but the leading ones.
#[derive(Debug, Clone)]
pub(crate) struct Bulk {
    /// σ² of the noise.
    pub variance: f64,
    /// Rows and columns of the noise once the leading values are left out.
    pub sides: (usize, usize),
    /// Singular value above which one in noise of this kind lies with the chance of the level.
    pub edge: f64,
    /// The same below the bulk; where m and n are too near each other, the law's lower edge.
    pub lower_edge: f64,
    /// Values above the edge.
    pub above: usize,
    /// Values below the lower edge; 0 where there is no test for it.
    pub below: usize,
    /// Leading values that were left out of the fit.
    pub left_out: usize,
    /// Kolmogorov-Smirnov distance of the others to the law of the noise.
    pub distance: f64,
}

/// How freely a bulk is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// As a finding.
    Finding,
    /// As a rival explanation of a tail.
    Rival,
}

/// Added to the limit of the distance for a rival explanation.
const RIVAL: f64 = 0.6;

/// A spectrum of an `m × n` matrix and the level at which it is tested.
pub(crate) struct Spectrum<'a> {
    /// Singular values above rounding, descending.
    pub values: &'a [f64],
    /// The shorter side; where values were left out as rounding, the number of the others.
    pub short: usize,
    /// The longer side.
    pub long: usize,
    /// Chance of a value above the edge in pure noise.
    pub level: f64,
}

impl Spectrum<'_> {
    /// The bulk with the fewest leading values left out such that the next value is not too large
    /// for noise, nor any shortly after it, and that the others follow the law of their noise;
    /// `None` where there is none with 30 % of the values left out or less.
    ///
    /// With k values left out the noise is that of an `(m-k) × (n-k)` matrix (Kritchman, Nadler
    /// 2009), its variance that of the values left. The edge reported is that of the accepted noise,
    /// and the values counted are those above it.
    pub fn bulk(&self, noise: &Noise, strictness: Strictness) -> Option<Bulk> {
        let m = self.short;
        let share = match strictness {
            Strictness::Finding => MOST_ABOVE,
            Strictness::Rival => MOST_ABOVE_TAIL,
        };
        let sums = self.energy_from();
        let largest: Vec<bool> = (0..m.saturating_sub(1))
            .map(|k| self.is_significant(k, &sums, noise))
            .collect();
        let ahead = self.ahead();
        for k in 0..=(share * m as f64) as usize {
            let Some(window) = largest.get(k..(k + 1 + ahead).min(largest.len())) else {
                break;
            };
            if window.is_empty() || window.contains(&true) {
                continue;
            }
            let variance = self.variance(k, &sums);
            let slack = match strictness {
                Strictness::Finding => 0.0,
                Strictness::Rival => RIVAL,
            };
            let rest = &self.values[k..m];
            let law = noise.law(k, m, self.long, variance);
            let Some(distance) = law.and_then(|law| law.distance_within(rest, slack)) else {
                continue;
            };
            let (rows, columns) = (m - k, self.long - k);
            let edge = (variance * noise.ratio(rows, columns, self.level)).sqrt();
            let above = self.values.partition_point(|&s| s > edge);
            // Values left out that are not above the edge: the fit is not what it claims.
            if k > above && k - above > 2.max(m / 20) {
                return None;
            }
            let tested = match noise {
                Noise::Light { excess } => {
                    let level = LOWER_SHARE * self.level;
                    lower_edge(level, rows, columns, variance, *excess, true)
                }
                Noise::Shuffled(_) => None,
            };
            let below = tested.map_or(0, |edge| {
                m - self.values[..m].partition_point(|&s| s >= edge)
            });
            let law = SingularLaw::new(rows, columns, variance).ok()?;
            return Some(Bulk {
                variance,
                sides: (rows, columns),
                edge,
                lower_edge: tested.unwrap_or(law.lower_edge()),
                above,
                below,
                left_out: k,
                distance,
            });
        }
        None
    }

    /// Chance of values as far out in noise: the least of that of the largest value, beside all others and
    /// beside the lower ones; of the next few once those above them are left out, which in noise is never
    /// small. Neither the level nor the bulk that was found changes it. Where that bulk has values below it, the
    /// chance of the smallest one counts as well.
    pub fn p_value(&self, noise: &Noise, below: Option<&Bulk>) -> f64 {
        let sums = self.energy_from();
        let upper = (0..=self.ahead()).map(|k| {
            let (m, n) = (self.short - k, self.long - k);
            let square = self.values[k].powi(2);
            let p = noise.p_value(m, n, square / self.variance(k, &sums));
            let beside = self.beside_lower(k, &sums, noise);
            beside.map_or(p, |ratio| p.min(noise.p_value_beside_lower(m, n, ratio)))
        });
        let upper = upper.fold(1.0, f64::min);
        let lower = below.filter(|bulk| bulk.below > 0).and_then(|bulk| {
            let ratio = self.values[self.short - 1].powi(2) / bulk.variance;
            noise.p_value_of_smallest(bulk.sides.0, bulk.sides.1, ratio)
        });
        lower.map_or(upper, |p| upper.min((p / LOWER_SHARE).min(1.0)))
    }

    /// Leading values, up to a quarter of all, above so many times the edge of light-tailed noise with the
    /// variance of the lower three quarters.
    pub fn far_above(&self, times: f64) -> usize {
        let noise = Noise::Light { excess: 0.0 };
        let (m, n) = (self.short, self.long);
        let sums = self.energy_from();
        let lower = m * 3 / 4;
        let Some(share) = noise.lower_share(m, n, lower) else {
            return 0;
        };
        let variance = sums[m - lower] / (share * m as f64 * n as f64);
        let limit = times * (variance * noise.ratio(m, n, self.level)).sqrt();
        self.values[..m / 4].partition_point(|&s| s > limit)
    }

    /// Chance of a value as large as `s` in the noise of `bulk`.
    pub fn p_value_above(&self, s: f64, bulk: &Bulk, noise: &Noise) -> f64 {
        let (rows, columns) = bulk.sides;
        noise.p_value(rows, columns, s * s / bulk.variance)
    }

    /// Σ s² from each value on.
    fn energy_from(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.short + 1];
        for k in (0..self.short).rev() {
            sums[k] = sums[k + 1] + self.values[k].powi(2);
        }
        sums
    }

    /// Variance of the entries once the first k values are left out.
    fn variance(&self, k: usize, sums: &[f64]) -> f64 {
        sums[k] / ((self.short - k) as f64 * (self.long - k) as f64)
    }

    /// Values after the first that are tested with it.
    fn ahead(&self) -> usize {
        // Of a few values no more are looked at: what is left of them says too little.
        if self.short < FEW {
            0
        } else {
            (self.short / 8).max(4)
        }
    }

    /// Whether value k (from 0) is too large for the noise of those from it on.
    fn is_significant(&self, k: usize, sums: &[f64], noise: &Noise) -> bool {
        let (m, n) = (self.short - k, self.long - k);
        let square = self.values[k].powi(2);
        square > self.variance(k, sums) * noise.ratio(m, n, self.level)
            || self
                .beside_lower(k, sums, noise)
                .is_some_and(|ratio| noise.is_significant_beside_lower(m, n, ratio, self.level))
    }

    /// The square of value k over the variance that the lower three quarters of the values from it on give:
    /// several large values hide each other in the mean square, but not there. `None` where this is not
    /// looked at.
    fn beside_lower(&self, k: usize, sums: &[f64], noise: &Noise) -> Option<f64> {
        let (m, n) = (self.short - k, self.long - k);
        let lower = m * 3 / 4;
        let share = noise.lower_share(m, n, lower)?;
        let variance = sums[k + m - lower] / (share * m as f64 * n as f64);
        Some(self.values[k].powi(2) / variance)
    }
}
