//! Power-law tail of a sample, its start chosen among all values.

use std::collections::VecDeque;

use super::ks::deviation;
use super::{KsSide, PowerLaw};

#[cfg(test)]
#[path = "../../benches/classic/power_law.rs"]
mod classic;

/// Fits `p(x) ∝ x^-α`, `x ≥ x_min`, to the tail of a sample in any order: for every distinct value
/// with at least `min_tail` values from it on, `α = 1 + N/Σ ln(x/x_min)` by maximum likelihood; the
/// x_min with the least Kolmogorov-Smirnov distance is taken, the smallest among equals.
/// Source: Clauset, Shalizi, Newman, SIAM Review 51 (2009), section 3.
///
/// Zeros, negative numbers and NaN are left out; other cut-offs there are none, and scaling the
/// sample by a power of two leaves α and the distance as they are to the last bit. `None` when no
/// candidate is left: fewer than `min_tail` (at least two) values, or all of them equal.
///
/// # Method
///
/// The result is that of trying all pairs of candidate and point, in `O(n log n)` time for samples
/// met in practice; the worst case is `O(n²)`. A candidate is given up at the first point whose
/// deviation reaches the best distance `d` found so far; the points where others were given up last
/// are looked at first. Points between are jumped over: let `F` be the model's distribution
/// function, which rises with x, and let tail points count from 0. After point j, a deviation
/// `F(x_k) - k/N ≥ d` at `k > j` needs `F(x_k) ≥ d + (j+1)/N`, that is
/// `ln(x_k/x_min) ≥ -ln(1 - d - (j+1)/N)/(α-1)`: the first such k is found by bisection. And
/// `(k+1)/N - F(x_k) ≥ d` needs `k + 1 ≥ N (d + F(x_j))`, because `F(x_k) ≥ F(x_j)`. No point
/// before the earlier of the two can reach `d`. Where no point does, the same walk with the
/// candidate's own largest deviation in the place of d gives its distance. The bounds are taken
/// weaker by `8 (N + 1) ε`: `(α-1) ln(x_max/x_min) ≤ N`, for the sum holds that term, so rounding of the
/// logarithms moves F by less than `4 N ε` at either point, and the jumps change nothing, to the last
/// bit.
pub fn fit_power_law(eigenvalues: &[f64], side: KsSide, min_tail: usize) -> Option<PowerLaw> {
    let mut sorted: Vec<f64> = eigenvalues
        .iter()
        .copied()
        .filter(|x| *x > 0.0 && x.is_finite())
        .collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut tails = Tails::new(&sorted, side);
    let (start, distance) = tails.best(&sorted, min_tail)?;
    let tail_size = sorted.len() - start;
    let rate = tails.rate(start);
    let half = sorted.len() / 2;
    Some(PowerLaw {
        alpha: 1.0 + rate,
        alpha_error: rate / (tail_size as f64).sqrt(),
        x_min: sorted[start],
        x_max: sorted[sorted.len() - 1],
        tail_size,
        ks_distance: distance,
        p_value: None,
        noise_p_value: None,
        alpha_hill: (half >= 2 && tails.sums[half] > 0.0).then(|| 1.0 + tails.rate(half)),
        rivals: None,
    })
}

/// Points that are looked at before a candidate's walk.
const SUSPECTS: usize = 8;

/// The tails of an ascending sample; a tail is named by the index of its first value.
pub(super) struct Tails {
    /// ln(x_j / x_max), ascending to 0.
    logs: Vec<f64>,
    /// Σ_{j ≥ i} ln(x_j / x_i).
    sums: Vec<f64>,
    side: KsSide,
    /// Deviations computed so far.
    evaluations: usize,
}

/// ln(b/a) for `0 < a ≤ b`, relatively accurate however close they are, and the same for both
/// scaled by a power of two.
fn log_ratio(b: f64, a: f64) -> f64 {
    if b < 2.0 * a {
        ((b - a) / a).ln_1p()
    } else if b / a < f64::INFINITY {
        (b / a).ln()
    } else {
        b.ln() - a.ln()
    }
}

/// Whether a deviation rules a candidate out, given the best distance so far; of equals the smaller
/// start wins, so an earlier candidate must be worse `strictly`.
fn reaches(deviation: f64, bound: f64, strictly: bool) -> bool {
    deviation > bound || (deviation == bound && !strictly)
}

impl Tails {
    /// The tails of positive finite values.
    pub(super) fn new(ascending: &[f64], side: KsSide) -> Self {
        let logs = ascending
            .iter()
            .map(|&x| -log_ratio(ascending[ascending.len() - 1], x))
            .collect();
        // From tail i+1 to tail i each of its values gains the gap: all terms are positive.
        let mut sums = vec![0.0; ascending.len()];
        for (i, pair) in ascending.windows(2).enumerate().rev() {
            let following = (ascending.len() - 1 - i) as f64;
            sums[i] = sums[i + 1] + following * log_ratio(pair[1], pair[0]);
        }
        Tails {
            logs,
            sums,
            side,
            evaluations: 0,
        }
    }

    fn size(&self, start: usize) -> usize {
        self.logs.len() - start
    }

    /// α - 1.
    fn rate(&self, start: usize) -> f64 {
        self.size(start) as f64 / self.sums[start]
    }

    /// F and the deviation from it at point j.
    fn evaluate(&mut self, start: usize, j: usize) -> (f64, f64) {
        self.evaluations += 1;
        let model = -(-self.rate(start) * (self.logs[j] - self.logs[start])).exp_m1();
        (
            model,
            deviation(model, j - start, self.size(start), self.side),
        )
    }

    /// The first point after j, where F is `model`, whose deviation may reach `bound`.
    fn next(&self, start: usize, j: usize, model: f64, bound: f64) -> usize {
        let count = self.size(start) as f64;
        let bound = bound - 8.0 * (count + 1.0) * f64::EPSILON;
        let level = bound + (j + 1 - start) as f64 / count;
        let above = if level >= 1.0 {
            self.logs.len()
        } else {
            let log = self.logs[start] - (-level).ln_1p() / self.rate(start);
            j + 1 + self.logs[j + 1..].partition_point(|&l| l < log)
        };
        let upper_end = match self.side {
            KsSide::Two => 1.0,
            KsSide::One => 0.0,
        };
        let below = (count * (bound + model) - upper_end)
            .ceil()
            .clamp(0.0, count) as usize
            + start;
        above.min(below.max(j + 1))
    }

    /// A point of the tail whose deviation reaches `bound` (or exceeds it, if `strictly`).
    fn violation(&mut self, start: usize, bound: f64, strictly: bool) -> Option<usize> {
        let mut j = start;
        while j < self.logs.len() {
            let (model, deviation) = self.evaluate(start, j);
            if reaches(deviation, bound, strictly) {
                return Some(j);
            }
            j = self.next(start, j, model, bound);
        }
        None
    }

    /// The longest tail of at least `least` values whose distance to its own fitted law, times the
    /// root of their number, is at most `limit`.
    pub(super) fn longest(&mut self, least: usize, limit: f64) -> Option<usize> {
        let last = (self.logs.len() + 1).checked_sub(least.max(2))?;
        (0..last).find(|&start| {
            let repeated = start > 0 && self.logs[start] == self.logs[start - 1];
            let bound = limit / (self.size(start) as f64).sqrt();
            !repeated && self.sums[start] > 0.0 && self.violation(start, bound, true).is_none()
        })
    }

    /// The largest deviation and its point; `guess` is a point where it may be.
    fn distance(&mut self, start: usize, guess: usize) -> (f64, usize) {
        let mut worst = (self.evaluate(start, guess).1, guess);
        let mut j = start;
        while j < self.logs.len() {
            let (model, deviation) = self.evaluate(start, j);
            if deviation > worst.0 {
                worst = (deviation, j);
            }
            j = self.next(start, j, model, worst.0);
        }
        worst
    }

    /// The best start and its distance.
    fn best(&mut self, ascending: &[f64], min_tail: usize) -> Option<(usize, f64)> {
        let last = (ascending.len() + 1).checked_sub(min_tail.max(2))?;
        let candidates: Vec<usize> = (0..last)
            .filter(|&i| i == 0 || ascending[i] != ascending[i - 1])
            .filter(|&i| self.sums[i] > 0.0)
            .collect();
        // A few candidates first, for a good bound to begin with.
        let stride = candidates.len().div_ceil(16).max(1);
        let mut best: Option<(usize, f64)> = None;
        // Points where candidates were given up, the latest last.
        let mut suspects: VecDeque<usize> = VecDeque::new();
        for coarse in [true, false] {
            for (position, &start) in candidates.iter().enumerate() {
                if (position % stride == 0) != coarse {
                    continue;
                }
                let (bound, strictly) =
                    best.map_or((f64::INFINITY, false), |(earlier, d)| (d, start < earlier));
                let suspected = suspects.iter().rposition(|&j| {
                    j >= start && reaches(self.evaluate(start, j).1, bound, strictly)
                });
                if let Some(place) = suspected {
                    let point = suspects.remove(place).expect("a place just found");
                    suspects.push_back(point);
                    continue;
                }
                let point = match self.violation(start, bound, strictly) {
                    Some(point) => point,
                    None => {
                        let guess = suspects.back().map_or(start, |&j| j.max(start));
                        let (distance, point) = self.distance(start, guess);
                        best = Some((start, distance));
                        point
                    }
                };
                suspects.push_back(point);
                if suspects.len() > SUSPECTS {
                    suspects.pop_front();
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests;
