//! Whether the largest eigenvalues fall off as a power.

use crate::spectrum::goodness::goodness_of_fit;
use crate::spectrum::power_law::Tails;
use crate::spectrum::{KsSide, PowerLaw, Settings, TailLaw, TailRivals, fit_power_law};

/// Goodness of fit from which a power law is not ruled out (Clauset, Shalizi, Newman 2009).
const PLAUSIBLE: f64 = 0.1;
/// √N D of a power law with fitted exponent from a given start: 95 % of samples are below.
const LONGEST: f64 = 1.06;
/// Fewest values of a tail that is named.
const FEWEST: usize = 20;
/// Exponents up to this have no finite scale to speak of.
const LEAST_ALPHA: f64 = 1.3;
/// Vuong's statistic beyond which a tail is heavier than exponential, by the share of all values
/// that it takes: how far down a power law fits tells more than the statistic, which
/// names but 16 % of samples of 64 values with α = 4 by itself.
const PREFERRED: [(f64, f64); 3] = [(0.0, 1.64), (0.4, 0.3), (0.9, -0.5)];
/// 95 % point of the lognormal's likelihood ratio, whose law is half χ²(0) and half χ²(1).
const LOGNORMAL: f64 = 2.71;
/// 95 % point of Lilliefors' statistic (Stephens 1974).
const LILLIEFORS: f64 = 0.895;

/// The power law of the eigenvalues s²/n, its goodness of fit and its rivals.
pub(super) fn power_law(values: &[f64], columns: usize, settings: &Settings) -> Option<PowerLaw> {
    let mut ascending: Vec<f64> = values.iter().map(|s| s * s / columns as f64).collect();
    ascending.reverse();
    let (side, min_tail) = (settings.ks_side, settings.min_tail);
    let mut fit = fit_power_law(&ascending, side, min_tail)?;
    let p = goodness_of_fit(&ascending, &fit, side, min_tail, settings.seed);
    fit.p_value = Some(p);
    fit.rivals = rivals(&ascending);
    Some(fit)
}

/// Whether `fit` to the positive `ascending` eigenvalues is a heavy tail: a power law that its goodness of
/// fit does not rule out and that is preferred to an exponential.
pub(super) fn is_heavy(fit: &PowerLaw) -> bool {
    fit.alpha > LEAST_ALPHA
        && fit.p_value.is_some_and(|p| p >= PLAUSIBLE)
        && fit
            .rivals
            .as_ref()
            .is_some_and(|rivals| rivals.preferred != TailLaw::Light)
}

/// Compares a power law with an exponential and a lognormal on the longest tail that it fits;
/// `None` where it fits no tail of twenty values.
pub(super) fn rivals(ascending: &[f64]) -> Option<TailRivals> {
    let all = ascending.len();
    let start = Tails::new(ascending, KsSide::Two).longest(FEWEST, LONGEST)?;
    let tail = &ascending[start..];
    let logs: Vec<f64> = tail[1..].iter().map(|x| (x / tail[0]).ln()).collect();
    let rate = logs.len() as f64 / logs.iter().sum::<f64>();
    let exponential = vuong(tail, &logs, rate);
    let share = tail.len() as f64 / all as f64;
    let heavy = PREFERRED
        .iter()
        .any(|&(least, limit)| share >= least && exponential > limit);
    let lognormal = heavy.then(|| lognormal_ratio(&logs));
    let preferred = match lognormal {
        None => TailLaw::Light,
        Some(ratio) if ratio > LOGNORMAL => TailLaw::Lognormal,
        Some(_) if is_normal(ascending) => TailLaw::PowerLawOrLognormal,
        Some(_) => TailLaw::PowerLaw,
    };
    Some(TailRivals {
        tail_size: tail.len(),
        alpha: 1.0 + rate,
        exponential,
        lognormal,
        preferred,
    })
}

/// Vuong's statistic for a power law against an exponential, both from the first value of the tail
/// on: the sum of the log-likelihood ratios over √N times their standard deviation (Vuong 1989).
fn vuong(tail: &[f64], logs: &[f64], rate: f64) -> f64 {
    let first = tail[0];
    let n = logs.len() as f64;
    let mean_excess = tail[1..].iter().map(|x| x - first).sum::<f64>() / n;
    let ratios: Vec<f64> = tail[1..]
        .iter()
        .zip(logs)
        .map(|(x, log)| {
            let power = (rate / first).ln() - (rate + 1.0) * log;
            power + mean_excess.ln() + (x - first) / mean_excess
        })
        .collect();
    let mean = ratios.iter().sum::<f64>() / n;
    let variance = ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
    mean * n.sqrt() / variance.sqrt()
}

/// Twice the log-likelihood ratio of the lognormal to the power law, from the logarithms above the
/// start of the tail: a normal law cut off below 0 against the exponential law, which is its limit.
///
/// With density `∝ exp(-a y - b y²)`, b ≥ 0, and `t = a/(2√b)`, the best b for given t is a root of a
/// quadratic, so that one number is searched for.
pub(super) fn lognormal_ratio(logs: &[f64]) -> f64 {
    let n = logs.len() as f64;
    let (sum, squares) = (
        logs.iter().sum::<f64>(),
        logs.iter().map(|y| y * y).sum::<f64>(),
    );
    let exponential = n * (n / sum).ln() - n;
    let likelihood = |t: f64| {
        // n/s - 2 t Σy - 2 s Σy² = 0, s = √b.
        let half = t * sum;
        let s = n / (half + (half * half + 2.0 * n * squares).sqrt());
        n * (s.ln() - log_half_gaussian(t)) - 2.0 * t * s * sum - s * s * squares
    };
    // Golden section; beyond t = 40 the law is the exponential to a thousandth.
    let ratio = 0.5 * (5f64.sqrt() - 1.0);
    let (mut low, mut high) = (-12.0, 40.0);
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (likelihood(left), likelihood(right));
    for _ in 0..60 {
        if at_left > at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = likelihood(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = likelihood(right);
        }
    }
    (2.0 * (at_left.max(at_right) - exponential)).max(0.0)
}

/// `ln ∫₀^∞ exp(-2 t u - u²) du = ln (√π/2) + t² + ln erfc t`.
fn log_half_gaussian(t: f64) -> f64 {
    if t < 5.0 {
        let half_root = 0.5 * std::f64::consts::PI.sqrt();
        return half_root.ln() + t * t + libm::erfc(t).ln();
    }
    // erfc's continued fraction, from the far end: 1/(2t + 2/(2t + 4/(2t + …))).
    let tail = (1..=40)
        .rev()
        .fold(0.0, |tail, k| 2.0 * f64::from(k) / (2.0 * t + tail));
    -(2.0 * t + tail).ln()
}

/// Whether the logarithms of all values may be normal (Lilliefors' test at 5 %): then the values may
/// be lognormal.
fn is_normal(ascending: &[f64]) -> bool {
    let logs: Vec<f64> = ascending.iter().map(|x| x.ln()).collect();
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let unit = (2.0 * variance).sqrt();
    let distance =
        crate::spectrum::ks_distance(&logs, KsSide::Two, |y| 0.5 * libm::erfc(-(y - mean) / unit));
    distance * (n.sqrt() - 0.01 + 0.85 / n.sqrt()) <= LILLIEFORS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::sample::Sample;

    /// The maximum over a fine grid of both parameters, the integral by the trapezoidal rule. Catches a
    /// wrong normalisation or a search that ends beside the maximum.
    #[test]
    fn the_lognormal_ratio_is_the_maximum() {
        let mut sample = Sample::new(2);
        let logs: Vec<f64> = (0..80)
            .map(|_| (0.5 + 0.4 * sample.normal()).abs())
            .collect();
        let n = logs.len() as f64;
        let sum: f64 = logs.iter().sum();
        let squares: f64 = logs.iter().map(|y| y * y).sum();
        let power = n * (n / sum).ln() - n;
        let mut best = f64::NEG_INFINITY;
        for i in 0..=120 {
            for j in 0..=60 {
                let (a, b) = (-6.0 + 0.1 * f64::from(i), 0.1 * f64::from(j));
                let f = |y: f64| (-a * y - b * y * y).exp();
                let h = 1e-3;
                let inner: f64 = (1..8000).map(|k| f(h * f64::from(k))).sum();
                let integral = h * (inner + 0.5 * (f(0.0) + f(8.0)));
                if b > 0.2 {
                    best = f64::max(best, -a * sum - b * squares - n * integral.ln());
                }
            }
        }
        let ratio = lognormal_ratio(&logs);
        let grid = 2.0 * (best - power);
        // The likelihood is flat at the top: a step of 0.05 costs half its curvature, n Var(y²)/2 or less.
        assert!(ratio >= grid - 1e-3 && ratio < grid + 0.3, "{ratio} {grid}");
        // Numbers of an exponential law make a power law: nothing is gained.
        let exponential: Vec<f64> = (0..200)
            .map(|i| -(1.0 - (i as f64 + 0.5) / 200.0).ln())
            .collect();
        assert!(lognormal_ratio(&exponential) < 0.1);
    }

    /// Both branches of ln ∫ meet. Catches a continued fraction that is cut off too early.
    #[test]
    fn the_tail_integral_has_no_seam() {
        let (below, above) = (log_half_gaussian(5.0 - 1e-9), log_half_gaussian(5.0 + 1e-9));
        assert!((below - above).abs() < 1e-8, "{below} {above}");
        assert!((log_half_gaussian(0.0) - (0.5 * std::f64::consts::PI.sqrt()).ln()).abs() < 1e-15);
    }

    /// Vuong's statistic by its definition from the two densities. Catches a density without its
    /// normalisation.
    #[test]
    fn vuong_is_the_ratio_of_the_densities() {
        let tail = [1.0, 1.5, 2.0, 4.0, 9.0];
        let logs: Vec<f64> = tail[1..].iter().map(|x: &f64| x.ln()).collect();
        let rate = 4.0 / logs.iter().sum::<f64>();
        let mean = tail[1..].iter().map(|x| x - 1.0).sum::<f64>() / 4.0;
        let ratios: Vec<f64> = tail[1..]
            .iter()
            .map(|x: &f64| (rate * x.powf(-rate - 1.0) / ((-(x - 1.0) / mean).exp() / mean)).ln())
            .collect();
        let centre = ratios.iter().sum::<f64>() / 4.0;
        let deviation = (ratios.iter().map(|r| (r - centre).powi(2)).sum::<f64>() / 4.0).sqrt();
        let expected = 2.0 * centre / deviation;
        assert!((vuong(&tail, &logs, rate) - expected).abs() < 1e-13 * expected.abs());
    }
}
