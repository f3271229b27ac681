//! Kolmogorov-Smirnov distance between a sample and a law.

use super::KsSide;

/// Distance between the empirical distribution F̂ of a sorted sample (either order) and a
/// continuous distribution function F.
///
/// With [`KsSide::Two`] it is `sup |F - F̂|`: F̂ jumps at a sample point, and both ends of the jump
/// count. With [`KsSide::One`] only the lower end of each jump counts, `max |F(xᵢ) - i/N|` for
/// i = 0 … N-1, as common power-law packages have it; the two differ by at most 1/N. N evaluations of F.
///
/// # Panics
///
/// When the sample is empty.
pub fn ks_distance(sorted: &[f64], side: KsSide, cdf: impl Fn(f64) -> f64) -> f64 {
    let count = sorted.len();
    assert!(count > 0, "KS distance of an empty sample");
    let descending = sorted[0] > sorted[count - 1];
    (0..count)
        .map(|i| {
            let x = sorted[if descending { count - 1 - i } else { i }];
            deviation(cdf(x), i, count, side)
        })
        .fold(0.0, f64::max)
}

/// Deviation of the law's `f` from the jump of F̂ at the i-th of `count` points, ascending from 0.
pub(super) fn deviation(f: f64, i: usize, count: usize, side: KsSide) -> f64 {
    let below = f - i as f64 / count as f64;
    match side {
        KsSide::Two => below.max((i + 1) as f64 / count as f64 - f),
        KsSide::One => below.abs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// sup over both one-sided limits at every point, counting the sample anew each time.
    fn twin(sample: &[f64], side: KsSide, cdf: impl Fn(f64) -> f64) -> f64 {
        let share = |inside: &dyn Fn(f64) -> bool| {
            sample.iter().filter(|&&x| inside(x)).count() as f64 / sample.len() as f64
        };
        let mut worst: f64 = 0.0;
        for &x in sample {
            let left = (cdf(x) - share(&|v| v < x)).abs();
            let right = (cdf(x) - share(&|v| v <= x)).abs();
            worst = worst.max(left);
            if side == KsSide::Two {
                worst = worst.max(right);
            }
        }
        worst
    }

    #[test]
    fn agrees_with_counting_anew() {
        // A linear congruential sample on (0, 1), against x and against x²: either side can be the worse.
        let mut state = 1_u64;
        for count in 1..60 {
            let mut sample: Vec<f64> = (0..count)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (state >> 33) as f64 / (1_u64 << 31) as f64
                })
                .collect();
            sample.sort_by(f64::total_cmp);
            let mut reversed = sample.clone();
            reversed.reverse();
            for side in [KsSide::Two, KsSide::One] {
                for power in [0.5, 1.0, 2.0] {
                    let cdf = |x: f64| x.powf(power);
                    let distance = ks_distance(&sample, side, cdf);
                    assert!((distance - twin(&sample, side, cdf)).abs() <= f64::EPSILON);
                    assert_eq!(distance, ks_distance(&reversed, side, cdf));
                }
            }
        }
    }

    #[test]
    fn ties_jump_once() {
        let sample = [0.2, 0.5, 0.5, 0.5, 0.9];
        let distance = ks_distance(&sample, KsSide::Two, |x| x);
        assert!((distance - 0.3).abs() < 1e-15, "{distance}");
    }

    #[test]
    fn quantile_midpoints_are_half_a_step_away() {
        let sample: Vec<f64> = (0..10).map(|i| (f64::from(i) + 0.5) / 10.0).collect();
        assert!((ks_distance(&sample, KsSide::Two, |x| x) - 0.05).abs() < 1e-15);
    }
}
