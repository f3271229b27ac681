//! Fewer places of long curves, so that a study's report stays small.

use crate::report::curves::{kept_orders, rounded};
use crate::study::CellValue;

/// Most places of a curve in a figure.
pub(super) const PLACES: usize = 120;
/// Places of all curves in the report's JSON, some.
const JSON_PLACES: usize = 500;
/// Places of all curves in the table of runs, some.
const TABLE_PLACES: usize = 6_000;
/// Least places of a curve, however many there are.
const LEAST: usize = 8;
/// Digits of a curve's numbers in the report's JSON.
const DIGITS: usize = 6;

/// Returns which of `count` places are kept, at most `limit`: of orders the first ones, because spikes sit there, and some of
/// the others; else evenly, with the first and the last.
pub(super) fn kept(over: Option<&str>, count: usize, limit: usize) -> Vec<usize> {
    match over {
        _ if count <= limit => (0..count).collect(),
        Some("order") => kept_orders(count, limit)
            .iter()
            .map(|order| order - 1)
            .collect(),
        _ => (0..limit).map(|i| i * (count - 1) / (limit - 1)).collect(),
    }
}

/// Returns how many places each of `curves` may have in the table of runs.
pub(super) fn table_places(curves: usize) -> usize {
    (TABLE_PLACES / curves.max(1)).max(LEAST)
}

/// Returns the values with their curves thinned and rounded to six digits; single numbers are as they were.
pub(super) fn thinned(values: &[CellValue]) -> Vec<CellValue> {
    let curves = values.iter().filter(|value| value.over.is_some()).count();
    let limit = (JSON_PLACES / curves.max(1)).clamp(LEAST, PLACES);
    let thin = |value: &CellValue| {
        if value.over.is_none() {
            return value.clone();
        }
        let places = kept(value.over.as_deref(), value.at.len(), limit);
        let pick = |all: &[Option<f64>]| -> Vec<Option<f64>> {
            let each = places.iter().map(|&place| *all.get(place)?);
            each.map(|x| x.map(|x| rounded(x, DIGITS))).collect()
        };
        CellValue {
            at: places.iter().map(|&place| value.at[place]).collect(),
            mean: pick(&value.mean),
            least: pick(&value.least),
            most: pick(&value.most),
            deviation: pick(&value.deviation),
            ..value.clone()
        }
    };
    values.iter().map(thin).collect()
}

#[cfg(test)]
mod tests {
    use super::kept;

    /// Would catch a curve that loses its ends, has a place twice, or is longer than it may be.
    #[test]
    fn kept_places_ascend_and_keep_both_ends() {
        for over in [Some("iteration"), Some("order"), None] {
            for (count, limit) in [(0, 8), (1, 8), (8, 8), (9, 8), (5000, 120)] {
                let places = kept(over, count, limit);
                assert!(places.len() <= limit);
                assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
                assert_eq!(places.first().copied(), (count > 0).then_some(0));
                assert_eq!(places.last().copied(), count.checked_sub(1));
            }
        }
    }
}
