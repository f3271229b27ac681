//! Measures over the seeds of a cell.

use super::done::Done;
use super::result::{CellValue, Observation};

/// The measures of every cell, in the order of the runs and of the measures.
pub(super) fn aggregate(runs: &[Done<'_>], found: &[Observation]) -> Vec<CellValue> {
    let mut values: Vec<(CellValue, Vec<&Observation>)> = Vec::new();
    let mut order: Vec<&Observation> = found.iter().collect();
    order.sort_by_key(|observation| observation.run);
    for observation in order {
        let run = &runs[observation.run];
        let same = |value: &CellValue| {
            value.group == run.group
                && &value.variables == run.cell
                && value.measure == observation.measure
        };
        match values.iter_mut().find(|(value, _)| same(value)) {
            Some((_, all)) => all.push(observation),
            None => values.push((
                CellValue {
                    group: run.group.to_owned(),
                    variables: run.cell.clone(),
                    measure: observation.measure.clone(),
                    over: observation.curve.over.map(str::to_owned),
                    at: Vec::new(),
                    mean: Vec::new(),
                    least: Vec::new(),
                    most: Vec::new(),
                    deviation: Vec::new(),
                    seeds: 0,
                },
                vec![observation],
            )),
        }
    }
    for (value, all) in &mut values {
        fill(value, all);
    }
    values.into_iter().map(|(value, _)| value).collect()
}

/// Curves that are a value over values, such as histograms, have places of their own for each seed: the first is taken.
fn fill(value: &mut CellValue, all: &[&Observation]) {
    let all = if value.over.as_deref() == Some("value") {
        &all[..1]
    } else {
        all
    };
    let longest = all.iter().max_by_key(|o| o.curve.at.len());
    value.at = longest.map_or(Vec::new(), |o| o.curve.at.clone());
    for (place, at) in value.at.iter().enumerate() {
        let of = |o: &&Observation| {
            let same = o.curve.at.get(place) == Some(at);
            o.curve
                .values
                .get(place)
                .copied()
                .filter(|x| same && x.is_finite())
        };
        let numbers: Vec<f64> = all.iter().filter_map(of).collect();
        let summary = Summary::of(&numbers);
        value.mean.push(summary.map(|s| s.mean));
        value.least.push(summary.map(|s| s.least));
        value.most.push(summary.map(|s| s.most));
        value.deviation.push(summary.and_then(|s| s.deviation));
        value.seeds = numbers.len();
    }
}

/// Mean, ends and standard deviation of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub mean: f64,
    pub least: f64,
    pub most: f64,
    /// `None` of one number.
    pub deviation: Option<f64>,
}

impl Summary {
    /// Of `numbers`; `None` where there are none.
    pub fn of(numbers: &[f64]) -> Option<Summary> {
        let count = numbers.len() as f64;
        if numbers.is_empty() {
            return None;
        }
        let mean = numbers.iter().sum::<f64>() / count;
        let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
        Some(Summary {
            mean,
            least: numbers.iter().copied().fold(f64::INFINITY, f64::min),
            most: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            deviation: (numbers.len() > 1).then(|| (squares / (count - 1.0)).sqrt()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Summary;

    /// Catches a deviation over n instead of n - 1, and one of a single number.
    #[test]
    fn summaries_are_their_formulas() {
        let summary = Summary::of(&[1.0, 2.0, 6.0]).unwrap();
        assert_eq!((summary.mean, summary.least, summary.most), (3.0, 1.0, 6.0));
        assert!((summary.deviation.unwrap() - 7f64.sqrt()).abs() < 1e-15);
        assert_eq!(Summary::of(&[2.0]).unwrap().deviation, None);
        assert_eq!(Summary::of(&[]), None);
    }
}
