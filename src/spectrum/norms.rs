//! Norms and ranks that follow from the singular values alone.

use super::EnergyShare;

/// Norms and ranks of a spectrum; ratios are `None` for a zero matrix.
#[derive(Debug, Clone)]
pub(super) struct Norms {
    pub frobenius: f64,
    pub spectral: f64,
    pub nuclear: f64,
    pub rank: usize,
    pub stable_rank: Option<f64>,
    pub effective_rank: Option<f64>,
    pub participation_ratio: Option<f64>,
    pub condition_number: Option<f64>,
    pub energy: Vec<EnergyShare>,
}

impl Norms {
    /// From `values` in descending order. Those above `rounding`, the norm of what rounding may have
    /// added to the matrix, count for the rank.
    pub fn of(values: &[f64], rounding: f64) -> Norms {
        let spectral = values.first().copied().unwrap_or(0.0);
        let nuclear: f64 = values.iter().sum();
        let squares: f64 = values.iter().map(|s| s * s).sum();
        let fourths: f64 = values.iter().map(|s| (s * s) * (s * s)).sum();
        let nonzero = spectral > 0.0;
        let entropy = |s: f64| {
            let p = s / nuclear;
            if p > 0.0 { -p * p.ln() } else { 0.0 }
        };
        let smallest = values.last().copied().unwrap_or(0.0);
        Norms {
            frobenius: squares.sqrt(),
            spectral,
            nuclear,
            rank: values.iter().filter(|&&s| s > rounding).count(),
            stable_rank: nonzero.then(|| squares / (spectral * spectral)),
            effective_rank: nonzero.then(|| values.iter().map(|&s| entropy(s)).sum::<f64>().exp()),
            participation_ratio: nonzero.then(|| squares * squares / fourths),
            condition_number: (smallest > spectral * values.len() as f64 * f64::EPSILON)
                .then(|| spectral / smallest),
            energy: if nonzero {
                energy_shares(values, squares)
            } else {
                Vec::new()
            },
        }
    }
}

fn energy_shares(values: &[f64], squares: f64) -> Vec<EnergyShare> {
    let mut sum = 0.0;
    let mut next = [1, 2, 5]
        .into_iter()
        .cycle()
        .enumerate()
        .map(|(i, digit)| digit * 10usize.pow((i / 3) as u32))
        .peekable();
    let mut shares = Vec::new();
    for (i, s) in values.iter().enumerate() {
        sum += s * s;
        if next.next_if_eq(&(i + 1)).is_some() {
            shares.push(EnergyShare {
                k: i + 1,
                share: (sum / squares).min(1.0),
            });
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::Norms;

    /// k equal values have every rank equal to k: catches a wrong power or logarithm.
    #[test]
    fn equal_values() {
        let n = Norms::of(&[3.0; 7], 1e-12);
        let close = |x: f64| (x - 7.0).abs() < 7.0 * 8.0 * f64::EPSILON;
        assert!(close(n.stable_rank.unwrap()));
        assert!(close(n.effective_rank.unwrap()));
        assert!(close(n.participation_ratio.unwrap()));
        assert_eq!(
            (n.rank, n.nuclear, n.condition_number),
            (7, 21.0, Some(1.0))
        );
        assert_eq!(
            n.energy.iter().map(|e| e.k).collect::<Vec<_>>(),
            vec![1, 2, 5]
        );
    }

    /// 3, 4, 0: catches a condition number of infinity and zeros counted in the rank.
    #[test]
    fn a_zero_value() {
        let n = Norms::of(&[4.0, 3.0, 0.0], 1e-12);
        assert_eq!((n.frobenius, n.spectral, n.rank), (5.0, 4.0, 2));
        assert_eq!(n.condition_number, None);
        assert_eq!(n.stable_rank, Some(25.0 / 16.0));
        assert_eq!(n.participation_ratio, Some(625.0 / 337.0));
    }

    /// Catches 0/0.
    #[test]
    fn a_zero_matrix() {
        let n = Norms::of(&[0.0, 0.0], 1e-12);
        assert_eq!((n.rank, n.stable_rank, n.effective_rank), (0, None, None));
        assert!(n.energy.is_empty());
    }
}
