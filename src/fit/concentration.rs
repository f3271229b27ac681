//! How far the energy of a matrix is concentrated in few entries, and what that gives by chance.

use faer::MatRef;
use std::collections::BTreeMap;

/// The shares aᵢ = wᵢ² / ‖W‖² that the N entries of a matrix hold of its energy, binned by size.
///
/// They say how much a fit to the entries in random order explains by luck: a projection that keeps K of the entries
/// explains a sum of K shares drawn without replacement. For Gaussian entries that is nearly normal; where few
/// entries are large it jumps by their shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Concentration {
    entries: usize,
    largest_share: f64,
    /// The largest share of each bin, and the sum of the squares of its shares.
    bins: Vec<(f64, f64)>,
}

impl Concentration {
    /// Bins the shares by their exponent and four leading bits. A matrix of zeros has none.
    pub fn of(w: MatRef<'_, f64>) -> Concentration {
        let squares = || w.row_iter().flat_map(|row| row.iter().map(|x| x * x));
        let energy = squares().sum::<f64>();
        let mut bins: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
        if energy > 0.0 {
            for share in squares().map(|square| square / energy).filter(|&a| a > 0.0) {
                let bin = bins.entry(share.to_bits() >> 48).or_default();
                *bin = (bin.0.max(share), bin.1 + share * share);
            }
        }
        let bins: Vec<(f64, f64)> = bins.into_values().collect();
        Concentration {
            entries: w.nrows() * w.ncols(),
            largest_share: bins.last().map_or(0.0, |bin| bin.0),
            bins,
        }
    }

    /// Returns the kurtosis `k = N Σ aᵢ²`: 3 for Gaussian entries, N for a single entry.
    pub fn kurtosis(&self) -> f64 {
        self.entries as f64 * self.bins.iter().map(|bin| bin.1).sum::<f64>()
    }

    /// Returns `max aᵢ`.
    pub fn largest_share(&self) -> f64 {
        self.largest_share
    }

    /// Returns how far the largest share exceeds twice the 2 ln N / N that is expected of Gaussian entries, 0 if it does not.
    pub fn outlying_share(&self) -> f64 {
        let count = self.entries as f64;
        (self.largest_share - 4.0 * count.ln() / count).max(0.0)
    }

    /// Returns a gain that a projection on K terms makes on these entries in random order with probability at most e^-L,
    /// `exponent` L, where it can explain no more than `leverage` of one entry.
    ///
    /// Where it can explain all of one, this is the smallest of Chernoff's bounds for a sum X of K shares,
    ///
    /// P(X ≥ K/N + t) ≤ exp(K ln E exp(λ a) - λ (K/N + t)),
    ///
    /// over λ (Hoeffding 1963, theorem 4: draws without replacement deviate less). An even projection has the
    /// mean square of the shares in its variance times its leverage, and Bernstein's bound
    /// t = L b / 3 + √((L b / 3)² + 2 L σ²) with the largest summand b.
    pub fn gain_by_chance(&self, terms: usize, leverage: f64, exponent: f64) -> f64 {
        let count = self.entries as f64;
        let kept = (terms as f64 / count).min(1.0);
        if leverage < 1.0 {
            let gaussian = 2.0 * kept * (1.0 - kept);
            let concentrated = (self.kurtosis() - 3.0).max(0.0) * kept * (leverage - kept).max(0.0);
            let variance = (gaussian + concentrated) / (count + 2.0);
            let summand = exponent * leverage * self.largest_share / 3.0;
            return summand + summand.hypot((2.0 * exponent * variance).sqrt());
        }
        let mut least = 1.0 - kept;
        for quarter in 0..120 {
            let lambda = f64::powf(2.0, f64::from(quarter) / 4.0);
            if lambda * self.largest_share > 600.0 {
                break;
            }
            // E exp(λ a) - 1 - λ / N, from above: (e^x - 1 - x) / x² rises with x.
            let excess = |&(share, squares): &(f64, f64)| {
                let x = lambda * share;
                squares / (share * share) * (x.exp_m1() - x)
            };
            let excess: f64 = self.bins.iter().map(excess).sum::<f64>() / count;
            let logarithm = (lambda / count + excess).ln_1p();
            let gain = (kept * count * logarithm + exponent) / lambda - kept;
            least = least.min(gain);
        }
        least
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::shuffled;
    use crate::random::Stream;
    use faer::Mat;

    fn normal(m: usize, n: usize, power: i32) -> Mat<f64> {
        let mut stream = Stream::new(3, &[1]);
        Mat::from_fn(m, n, |_, _| stream.normal().powi(power))
    }

    /// Catches a wrong power or normalisation: signs, one entry, and a matrix of half zeros.
    #[test]
    fn known_matrices_have_known_moments() {
        let of = |w: &Mat<f64>| {
            let found = Concentration::of(w.as_ref());
            (found.kurtosis(), found.largest_share())
        };
        let signs = Mat::from_fn(4, 6, |i, j| if (i + j) % 2 == 0 { 3.0 } else { -3.0 });
        let (kurtosis, largest) = of(&signs);
        assert!((kurtosis - 1.0).abs() < 1e-14 && (largest - 1.0 / 24.0).abs() < 1e-15);
        let one = Mat::from_fn(4, 6, |i, j| if i == 2 && j == 3 { -7.0 } else { 0.0 });
        assert_eq!(of(&one), (24.0, 1.0));
        let half = Mat::from_fn(4, 6, |i, _| if i < 2 { 1.0 } else { 0.0 });
        assert!((of(&half).0 - 2.0).abs() < 1e-14);
        assert_eq!(of(&Mat::zeros(2, 2)), (0.0, 0.0));
    }

    /// For Gaussian entries the bound lies between four standard deviations of a sum of K squares, which a normal sum asks
    /// for, and these and 2 L / N, which is a bound as well (Laurent, Massart 2000, lemma 1). Catches bins that are too
    /// coarse and a search for λ that ends too early.
    #[test]
    fn the_bound_is_sharp_for_gaussian_entries() {
        let entries = Concentration::of(normal(64, 64, 1).as_ref());
        for terms in [64, 256] {
            let (kept, count) = (terms as f64 / 4096.0, 4096.0);
            let deviations = 4.0 * (2.0 * kept / count).sqrt();
            let found = entries.gain_by_chance(terms, 1.0, 8.0);
            assert!(
                found > deviations && found < deviations + 16.0 / count,
                "{found} {deviations}"
            );
        }
    }

    /// How often the energy in the first rows of shuffles exceeds its mean by the bound is at most e^-L, for Gaussian,
    /// heavy-tailed and single entries: by four standard errors at most. Catches a bound that holds for Gaussian
    /// entries only.
    #[test]
    fn the_bound_holds_for_shuffles() {
        let draws = 4000;
        let mut outlier = normal(16, 16, 1);
        outlier[(3, 4)] = 100.0;
        for w in [normal(16, 16, 1), normal(16, 16, 5), outlier] {
            let entries = Concentration::of(w.as_ref());
            for exponent in [1.0, 2.0, 4.0] {
                let bound = entries.gain_by_chance(32, 1.0, exponent);
                let beyond = (0..draws).filter(|&seed| {
                    let w = shuffled(w.as_ref(), seed);
                    let kept = w.subrows(0, 2).squared_norm_l2() / w.squared_norm_l2();
                    kept - 0.125 > bound
                });
                let rate = beyond.count() as f64 / draws as f64;
                let allowed = (-exponent).exp();
                let error = (allowed * (1.0 - allowed) / draws as f64).sqrt();
                assert!(rate <= allowed + 4.0 * error, "{rate} {allowed}");
            }
        }
    }

    /// One entry with all of the energy can be luck whatever is explained; spread evenly over the terms it cannot:
    /// catches a leverage that is not used.
    #[test]
    fn a_single_entry_makes_no_finding() {
        let one = Mat::from_fn(32, 32, |i, j| f64::from(i == 2 && j == 3));
        let entries = Concentration::of(one.as_ref());
        for terms in [16, 128, 512] {
            let kept = terms as f64 / 1024.0;
            assert!(entries.gain_by_chance(terms, 1.0, 8.0) >= 1.0 - kept);
        }
        let even = entries.gain_by_chance(16, 1.0 / 64.0, 8.0);
        assert!(even < 16.0 / 3.0 / 64.0 + 0.1, "{even}");
        assert!(entries.outlying_share() > 0.9);
        assert_eq!(
            Concentration::of(normal(64, 64, 1).as_ref()).outlying_share(),
            0.0
        );
    }
}
