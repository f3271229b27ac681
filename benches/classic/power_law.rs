//! The classic search for the start of a power-law tail, O(n²): the twin that
//! `spectra::spectrum::fit_power_law` is tested and timed against.

/// Exponent, start, size and Kolmogorov-Smirnov distance (both ends of every jump, or the lower
/// end alone) of the best tail of at least `min_tail` values, the first among equals.
pub fn classic_power_law(
    values: &[f64],
    both_ends: bool,
    min_tail: usize,
) -> Option<(f64, f64, usize, f64)> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| *x > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let mut best: Option<(f64, f64, usize, f64)> = None;
    for start in 0..sorted.len() {
        let tail = &sorted[start..];
        let (x_min, count) = (tail[0], tail.len() as f64);
        let repeated = start > 0 && sorted[start - 1] == x_min;
        if repeated || tail.len() < min_tail.max(2) || x_min == tail[tail.len() - 1] {
            continue;
        }
        let alpha = 1.0 + count / tail.iter().map(|x| (x / x_min).ln()).sum::<f64>();
        let distance = tail
            .iter()
            .enumerate()
            .map(|(i, x)| {
                let model = 1.0 - (x / x_min).powf(1.0 - alpha);
                let upper = if both_ends { i as f64 + 1.0 } else { i as f64 };
                (model - i as f64 / count).max(upper / count - model)
            })
            .fold(0.0, f64::max);
        if best.is_none_or(|b| distance < b.3) {
            best = Some((alpha, x_min, tail.len(), distance));
        }
    }
    best
}
