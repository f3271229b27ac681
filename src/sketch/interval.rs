//! Confidence intervals.

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

/// An estimate with its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The mean of `samples` with Student's interval at `confidence`, say 0.95; `None` for fewer than two.
#[must_use]
pub fn mean_interval(samples: &[f64], confidence: f64) -> Option<Interval> {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let freedom = n - 1.0;
    let law = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / freedom;
    let half = law.inverse_cdf(0.5 + confidence / 2.0) * (variance / n).sqrt();
    Some(Interval {
        estimate: mean,
        low: mean - half,
        high: mean + half,
    })
}

/// `hits` out of `count` as a share, with the interval of Clopper and Pearson 1934, which covers at
/// least at `confidence`; `None` out of nothing.
#[must_use]
pub fn share_interval(hits: usize, count: usize, confidence: f64) -> Option<Interval> {
    let misses = count.checked_sub(hits).filter(|_| count > 0)?;
    let tail = (1.0 - confidence) / 2.0;
    let quantile =
        |a: usize, b: usize, p: f64| Some(Beta::new(a as f64, b as f64).ok()?.inverse_cdf(p));
    Some(Interval {
        estimate: hits as f64 / count as f64,
        low: match hits {
            0 => 0.0,
            _ => quantile(hits, misses + 1, tail)?,
        },
        high: match misses {
            0 => 1.0,
            _ => quantile(hits + 1, misses, 1.0 - tail)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against tables: t of 4 degrees at 95 % is 2.776445; of 10 with 2 hits Clopper and Pearson give
    /// 0.025211 to 0.556095, and 0 of 10 up to 1 - 0.025^(1/10). Catches one tail taken for two.
    #[test]
    fn intervals_are_those_of_the_tables() {
        let found = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        let half = 2.776_445_105 * (2.5f64 / 5.0).sqrt();
        assert!((found.estimate - 3.0).abs() < 1e-15);
        assert!(
            (found.high - found.estimate - half).abs() < 1e-6,
            "{found:?}"
        );
        assert_eq!(mean_interval(&[1.0], 0.95), None);
        let found = share_interval(2, 10, 0.95).unwrap();
        assert!((found.low - 0.025_211).abs() < 1e-5 && (found.high - 0.556_095).abs() < 1e-5);
        let found = share_interval(0, 10, 0.95).unwrap();
        assert!(found.low == 0.0 && (found.high - (1.0 - 0.025f64.powf(0.1))).abs() < 1e-6);
        assert_eq!(share_interval(0, 0, 0.95), None);
    }
}
