//! The numbers that old results of sketches depend on, pinned.

use crate::sketch::{Ensemble, Sketch};

/// Catches another seed, path or order of draws of any ensemble, and another tag in results.
#[test]
fn golden_sketches() {
    let found: Vec<(String, f64)> = Ensemble::all()
        .iter()
        .map(|&ensemble| {
            let dense = Sketch::draw(ensemble, 3, 37, 7, &[2, 0, 1]).dense();
            let entries = dense.col_iter().flat_map(|column| column.iter());
            let terms = entries.enumerate().map(|(i, x)| (i + 1) as f64 * x);
            (
                serde_json::to_string(&ensemble).unwrap(),
                terms.sum::<f64>(),
            )
        })
        .collect();
    for (tag, expected) in [
        ("\"sign\"", 319.8520491310527),
        ("\"gaussian\"", -293.0597372844857),
        ("\"hadamard\"", -640.8587988004847),
        ("\"count\"", 106.0),
    ] {
        let (_, sum) = found.iter().find(|(own, _)| own == tag).unwrap();
        assert!(
            (sum - expected).abs() <= 1e-12 * f64::abs(expected),
            "{tag}: {sum}"
        );
    }
}
