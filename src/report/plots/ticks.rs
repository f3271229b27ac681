//! Where axes have ticks, and what stands at them.

use crate::report::curves::rounded;

/// Most decades with a tick each.
const DECADES: i32 = 9;

/// Returns at most some `most` round numbers of equal distance between `from` and `to`.
pub(super) fn linear_ticks(from: f64, to: f64, most: usize) -> Vec<f64> {
    let least = (to - from) / most.max(1) as f64;
    let unit = 10f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * unit);
    let step = steps.into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(10.0 * unit);
    let (first, last) = ((from / step).ceil(), (to / step).floor());
    let count = (last - first).clamp(0.0, 2.0 * most as f64) as usize;
    (0..=count)
        .map(|place| (first + place as f64) * step)
        .filter(|tick| (from..=to).contains(tick))
        .collect()
}

/// Returns ticks of a logarithmic axis of positive numbers: at 1, 2, 5 in each decade, at every digit where it is short,
/// and only at powers of ten where it is long.
pub(super) fn log_ticks(from: f64, to: f64) -> Vec<f64> {
    let digits: &[f64] = match to / from {
        ratio if ratio > 3e3 => &[1.0],
        ratio if ratio > 12.0 => &[1.0, 2.0, 5.0],
        ratio if ratio > 3.0 => &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
        _ => return linear_ticks(from, to, 6),
    };
    let (first, last) = (from.log10().floor() as i32, to.log10().floor() as i32);
    let step = 1 + (last - first) / DECADES;
    let decades = (first..=last).filter(|power| power.rem_euclid(step) == 0);
    let units = decades.map(|power| 10f64.powi(power));
    let ticks = units.flat_map(|unit| digits.iter().map(move |digit| digit * unit));
    ticks.filter(|tick| (from..=to).contains(tick)).collect()
}

/// Returns what stands at a tick: six digits, without the zeros that say nothing.
pub(super) fn tick(x: f64) -> String {
    let near = rounded(x, 6);
    match near.abs() {
        size if size == 0.0 || (1e-4..1e6).contains(&size) => format!("{near}").replace('-', "−"),
        _ => format!("{near:e}").replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::{linear_ticks, log_ticks, tick};

    /// Would catch `100` cut to `1`, two ticks of a short range with the same number, and the digits that a sum of
    /// fractions has too many.
    #[test]
    fn ticks_say_their_number_in_few_digits() {
        for (x, text) in [
            (100.0, "100"),
            (0.5, "0.5"),
            (98.85, "98.85"),
            (0.1 + 0.2, "0.3"),
            (-3.0, "−3"),
            (1e-5, "1e−5"),
            (2e6, "2e6"),
            (0.0, "0"),
        ] {
            assert_eq!(tick(x), text);
        }
    }

    /// Would catch an axis without ticks, with ticks outside of it, with more than fit, or a search that does not end.
    #[test]
    fn every_axis_has_a_few_ticks_inside() {
        for (from, to) in [
            (0.0, 1.0),
            (-1.1e99, 1e99),
            (98.8, 98.9),
            (0.0, 1e-99),
            (1.0, 60_000.0),
        ] {
            let ticks = linear_ticks(from, to, 7);
            assert!((2..=8).contains(&ticks.len()), "{from} {to}: {ticks:?}");
            assert!(ticks.iter().all(|tick| (from..=to).contains(tick)));
        }
        for (from, to) in [
            (1.0, 1.1),
            (0.8, 2.0),
            (3.0, 40.0),
            (1e-99, 1e99),
            (0.02, 900.0),
        ] {
            let ticks = log_ticks(from, to);
            assert!((2..=12).contains(&ticks.len()), "{from} {to}: {ticks:?}");
            assert!(ticks.iter().all(|tick| (from..=to).contains(tick)));
        }
    }
}
