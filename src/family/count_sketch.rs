//! Count sketches.

use super::ensemble::{CountSketch, Ensemble, Moments, Sketching};
use super::{Entry, Family};

use std::sync::Arc;

/// The family.
pub const FAMILY: Family = Family {
    sketching: Some(Ensemble::COUNT),
    ..Family::NONE
};

impl Ensemble {
    /// Count sketch: one random sign in each column, in a random row.
    pub const COUNT: Ensemble = Entry(&Sketching {
        name: "count",
        about: "One sign a column, in a random row",
        // Two columns meet with probability 1/k.
        moments: |k, _| Moments {
            off_diagonal: 1.0 / k as f64,
            diagonal: 0.0,
        },
        operations: |_, d| d,
        draw: |[k, d], entries, rows| Arc::new(CountSketch::new(k, d, entries, rows)),
        most_rows: |_| usize::MAX,
        entries: None,
        has_bounds: false,
        is_sparse: true,
    });
}
