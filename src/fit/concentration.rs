//! How far the energy of a matrix is concentrated in few entries.

use faer::MatRef;

/// Moments of the shares aᵢ = wᵢ² / ‖W‖² that the N entries of a matrix hold of its energy.
///
/// They say how much a fit to the entries in random order varies. A projection that keeps K = κN
/// entries explains a sum of K shares drawn without replacement, of variance κ (1 - κ) (k - 1) / N
/// with the kurtosis k, and no draw adds more than the largest share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concentration {
    /// `k = N Σ aᵢ²`: 3 for Gaussian entries, N for a single entry.
    pub kurtosis: f64,
    /// `max aᵢ`.
    pub largest_share: f64,
}

impl Concentration {
    /// Computes both from the entries of `w`; Gaussian kurtosis and no largest share for zeros.
    pub fn of(w: MatRef<'_, f64>) -> Concentration {
        let squares = || w.row_iter().flat_map(|row| row.iter().map(|x| x * x));
        let (count, energy) = (w.nrows() * w.ncols(), squares().sum::<f64>());
        if energy == 0.0 {
            return Concentration {
                kurtosis: 3.0,
                largest_share: 0.0,
            };
        }
        let shares = || squares().map(|square| square / energy);
        Concentration {
            kurtosis: count as f64 * shares().map(|a| a * a).sum::<f64>(),
            largest_share: shares().fold(0.0, f64::max),
        }
    }

    /// Bounds the standard deviation of the share that a projection on K of N dimensions explains of these entries in random
    /// order, none of which it can explain to more than `leverage`, the largest diagonal entry of the projection.
    ///
    /// With κ = K / N and Σ Pᵢᵢ² ≤ leverage · K the variance is at most
    /// (2 κ (1 - κ) + (k - 3) κ (leverage - κ)) / N for a kurtosis k above 3: that of a Beta distribution for Gaussian
    /// entries or an even projection, κ (1 - κ) (k - 1) / N where K entries are kept.
    pub fn share_deviation(&self, terms: usize, entries: usize, leverage: f64) -> f64 {
        let kept = (terms as f64 / entries as f64).min(1.0);
        let gaussian = 2.0 * kept * (1.0 - kept);
        let concentrated = (self.kurtosis - 3.0).max(0.0) * kept * (leverage - kept).max(0.0);
        ((gaussian + concentrated) / (entries as f64 + 2.0)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::shuffled;
    use crate::random::Stream;
    use faer::Mat;

    /// Catches a wrong power or normalisation: signs, one entry, and a matrix of half zeros.
    #[test]
    fn known_matrices_have_known_moments() {
        let of = |w: &Mat<f64>| {
            let found = Concentration::of(w.as_ref());
            (found.kurtosis, found.largest_share)
        };
        let signs = Mat::from_fn(4, 6, |i, j| if (i + j) % 2 == 0 { 3.0 } else { -3.0 });
        let (kurtosis, largest) = of(&signs);
        assert!((kurtosis - 1.0).abs() < 1e-14 && (largest - 1.0 / 24.0).abs() < 1e-15);
        let one = Mat::from_fn(4, 6, |i, j| if i == 2 && j == 3 { -7.0 } else { 0.0 });
        assert_eq!(of(&one), (24.0, 1.0));
        let half = Mat::from_fn(4, 6, |i, _| if i < 2 { 1.0 } else { 0.0 });
        assert!((of(&half).0 - 2.0).abs() < 1e-14);
        assert_eq!(of(&Mat::zeros(2, 2)), (3.0, 0.0));
    }

    /// The spread of the energy in the first rows over many shuffles of heavy-tailed entries is the
    /// formula's to five standard errors of a variance: catches a deviation that holds for Gaussian entries only.
    #[test]
    fn the_deviation_is_that_of_shuffles() {
        let mut stream = Stream::new(3, &[1]);
        let w = Mat::from_fn(12, 20, |_, _| stream.normal().powi(3));
        let energy = |w: &Mat<f64>| w.squared_norm_l2();
        let draws = 4000;
        let shares: Vec<f64> = (0..draws)
            .map(|seed| {
                let w = shuffled(w.as_ref(), seed);
                energy(&w.subrows(0, 3).to_owned()) / energy(&w)
            })
            .collect();
        let mean = shares.iter().sum::<f64>() / draws as f64;
        let moment = |power| shares.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / draws as f64;
        let expected = Concentration::of(w.as_ref()).share_deviation(60, 240, 1.0).powi(2);
        let error = ((moment(4) - moment(2).powi(2)) / draws as f64).sqrt();
        // N + 2 stands where the exact variance has N - 1.
        let allowed = 5.0 * error + 3.0 / 240.0 * expected;
        assert!((moment(2) - expected).abs() < allowed, "{} {expected}", moment(2));
    }
}
