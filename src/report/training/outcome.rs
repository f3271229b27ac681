//! What the rows of a record come to.

use crate::train::{Row, TrainingRecord};

/// Accuracies on the test samples.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Outcome<'a> {
    /// The last row with an accuracy, and the accuracy.
    pub last: (&'a Row, f64),
    /// The first of the rows with the highest one.
    pub best: (&'a Row, f64),
}

impl Outcome<'_> {
    /// None where no row has an accuracy.
    pub fn of(record: &TrainingRecord) -> Option<Outcome<'_>> {
        let mut outcome: Option<Outcome<'_>> = None;
        for row in &record.rows {
            let Some(accuracy) = row.test_accuracy.filter(|a| a.is_finite()) else {
                continue;
            };
            let last = (row, accuracy);
            let best = outcome.map_or(last, |before| before.best);
            let best = if accuracy > best.1 { last } else { best };
            outcome = Some(Outcome { last, best });
        }
        outcome
    }
}

/// `98.83 %`: two digits after the point, as the papers print accuracies.
pub(in crate::report) fn accuracy(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// √(p (1 - p) / n), of a share p of n samples.
pub(in crate::report) fn standard_error(share: f64, samples: usize) -> f64 {
    (share * (1.0 - share) / samples.max(1) as f64).sqrt()
}
