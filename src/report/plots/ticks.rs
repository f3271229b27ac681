//! Where axes have ticks, and what stands at them.

use crate::report::axis::Axis;
use crate::report::curves::rounded;

/// Most decades with a tick each.
const DECADES: i32 = 9;
/// Width of a digit at a tick, of a letter, and height of a line, in units.
const DIGIT: f64 = 7.5;
const LETTER: f64 = 6.5;
const LINE: f64 = 13.0;

/// A tick of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// The place: 0 at the beginning of the axis, 1 at its end.
    pub at: f64,
    /// The label.
    pub words: String,
}

/// Returns the ticks of a vertical axis of so many units, without those whose words would touch the ones before.
pub(super) fn upward(axis: &Axis, units: f64) -> Vec<Tick> {
    let ticks = ticks(axis, (units / 40.0).clamp(3.0, 6.0) as usize);
    apart(ticks, units, |_| LINE)
}

/// Returns the ticks of an axis, some `most` where it is linear.
fn ticks(axis: &Axis, most: usize) -> Vec<Tick> {
    let numbers = match (axis.log, axis.whole) {
        (true, _) => log_ticks(axis.from, axis.to),
        (false, true) => whole_ticks(axis.from, axis.to, most),
        (false, false) => linear_ticks(axis.from, axis.to, most),
    };
    let at = |x: f64, words: String| Tick {
        at: axis.part(x),
        words,
    };
    if axis.names.is_empty() {
        return numbers.into_iter().map(|x| at(x, tick(x))).collect();
    }
    let names = (1..).zip(&axis.names).filter(|(_, name)| !name.is_empty());
    names
        .map(|(x, name)| at(f64::from(x), name.clone()))
        .collect()
}

/// Returns the ticks of a horizontal axis of so many units: names are cut, and those whose words would touch the ones before
/// are left out.
pub(super) fn across(axis: &Axis, units: f64) -> Vec<Tick> {
    let mut ticks = ticks(axis, 7);
    let letter = if axis.names.is_empty() { DIGIT } else { LETTER };
    if !axis.names.is_empty() {
        // Less than one name's width for each place.
        let longest = (0.95 * units / axis.names.len() as f64 / letter) as usize;
        ticks
            .iter_mut()
            .for_each(|tick| tick.words = cut(&tick.words, longest.max(5)));
    }
    let width = |tick: &Tick| letter * (tick.words.chars().count() as f64 + 0.6);
    apart(ticks, units, width)
}

/// Returns the ticks without those that would touch the ones before, of these lengths along an axis of so many units.
fn apart(mut ticks: Vec<Tick>, units: f64, length: impl Fn(&Tick) -> f64) -> Vec<Tick> {
    let mut end = f64::NEG_INFINITY;
    ticks.retain(|tick| {
        let (at, half) = (units * tick.at, 0.5 * length(tick));
        let fits = at - half >= end;
        if fits {
            end = at + half;
        }
        fits
    });
    ticks
}

/// Returns a name with its middle left out where it has more characters than `longest`.
fn cut(name: &str, longest: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= longest {
        return name.to_owned();
    }
    let end = (longest - 1) / 2;
    let (head, tail) = (
        &letters[..longest - 1 - end],
        &letters[letters.len() - end..],
    );
    head.iter().chain(&['…']).chain(tail).collect()
}

fn whole_ticks(from: f64, to: f64, most: usize) -> Vec<f64> {
    let ticks = linear_ticks(from, to, most);
    if ticks.iter().all(|x| x.fract() == 0.0) {
        return ticks;
    }
    let (first, last) = (from.ceil() as i64, to.floor() as i64);
    (first..=last).map(|x| x as f64).collect()
}

/// Returns at most some `most` round numbers of equal distance between `from` and `to`.
fn linear_ticks(from: f64, to: f64, most: usize) -> Vec<f64> {
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
fn log_ticks(from: f64, to: f64) -> Vec<f64> {
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
fn tick(x: f64) -> String {
    let near = rounded(x, 6);
    let size = near.abs();
    if size == 0.0 || (1e-4..1e6).contains(&size) {
        format!("{near}").replace('-', "−")
    } else {
        format!("{near:e}").replace('-', "−")
    }
}

#[cfg(test)]
mod tests {
    use super::{across, linear_ticks, log_ticks, tick, ticks, upward};
    use crate::report::axis::Axis;

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

    fn words(axis: &Axis, units: f64) -> Vec<String> {
        across(axis, units)
            .into_iter()
            .map(|tick| tick.words)
            .collect()
    }

    /// Would catch words at ticks that lie on each other, an axis that loses all of them, and a place without a name that gets one.
    #[test]
    fn words_do_not_touch() {
        let axis = Axis::logarithmic("").between(60_000.0 / 1.15, 430_000.0 * 1.15);
        let expected = ["60000", "80000", "100000", "200000", "300000", "400000"];
        assert_eq!(words(&axis, 600.0), expected);
        let names = |count: usize| Axis {
            names: (0..count)
                .map(|i| {
                    if i % 5 == 0 {
                        i.to_string()
                    } else {
                        String::new()
                    }
                })
                .collect(),
            ..Axis::linear("").between(0.5, count as f64 + 0.5)
        };
        assert_eq!(words(&names(11), 600.0), ["0", "5", "10"]);
        assert_eq!(ticks(&names(900), 7).len(), 180);
        assert!((10..60).contains(&words(&names(900), 600.0).len()));
        let low = upward(&Axis::logarithmic("").between(1e-3, 0.4), 60.0);
        assert!((2..=4).contains(&low.len()), "{low:?}");
    }

    /// Would catch half an order, or an axis of one place without a number.
    #[test]
    fn whole_places_have_whole_numbers() {
        let axis = |to: f64| Axis {
            whole: true,
            ..Axis::linear("").between(0.5, to)
        };
        assert_eq!(words(&axis(3.5), 600.0), ["1", "2", "3"]);
        assert_eq!(words(&axis(1.5), 600.0), ["1"]);
        assert_eq!(words(&axis(700.5), 600.0).len(), 7);
    }
}
