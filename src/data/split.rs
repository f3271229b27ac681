//! Samples held out for testing where the files do not say which.

use super::error::DataError;
use super::origin::Format;
use std::collections::BTreeMap;
use std::path::Path;

/// The number of samples of a class of which one is held out.
pub(super) const ONE_OF: usize = 6;

/// Chooses the samples to hold out, in ascending order: a sixth of each class, rounded, and at least one where there are
/// two. A class of one sample keeps it for training.
///
/// Within a class the choice is spread evenly but follows no period, so that samples which come in a cycle (as one picture
/// in six versions does) are all tested.
///
/// # Errors
/// A set without two samples of one class.
pub(super) fn held_out(
    path: &Path,
    format: Format,
    labels: &[u16],
) -> Result<Vec<usize>, DataError> {
    let mut classes: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (index, &label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push(index);
    }
    let mut held = Vec::new();
    for members in classes.values().filter(|members| members.len() > 1) {
        let count = ((members.len() + ONE_OF / 2) / ONE_OF).max(1);
        let step = spreading_step(members.len());
        held.extend((1..=count).map(|i| members[i * step % members.len()]));
    }
    if held.is_empty() {
        let problem = format!(
            "has no two samples of one class among its {}, so that none can be held out for testing; add samples, \
             or a test part",
            labels.len()
        );
        return Err(DataError::malformed(path, format, problem));
    }
    held.sort_unstable();
    Ok(held)
}

/// Returns a step `s` that has no factor in common with `count` and is near `count` over the golden ratio: the positions
/// `i s mod count` are each met once, and any first few of them lie evenly spread.
pub(super) fn spreading_step(count: usize) -> usize {
    let near = (count as f64 * 0.618_033_988_749_895) as usize;
    let mut steps = near.max(1)..count;
    steps
        .find(|&step| common_divisor(step, count) == 1)
        .unwrap_or(1)
}

/// Euclid's algorithm.
fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(labels: &[u16]) -> Vec<usize> {
        held_out(Path::new("set"), Format::Npz, labels).unwrap()
    }

    fn count(labels: &[u16], held: &[usize], class: u16) -> usize {
        held.iter().filter(|&&i| labels[i] == class).count()
    }

    /// Catches a choice by position alone: labels in a cycle as long as the share, or in any other order, would leave
    /// classes untested or untrained.
    #[test]
    fn every_class_gives_its_share_in_any_order() {
        for classes in 1..=24_u16 {
            let cycled: Vec<u16> = (0..classes * 12).map(|i| i % classes).collect();
            let sorted: Vec<u16> = (0..classes * 12).map(|i| i / 12).collect();
            for labels in [cycled, sorted] {
                let held = held(&labels);
                assert!(held.is_sorted() && held.windows(2).all(|pair| pair[0] < pair[1]));
                for class in 0..classes {
                    assert_eq!(count(&labels, &held, class), 2, "{classes} classes");
                }
            }
        }
    }

    /// Catches a class of several samples that is not tested, and one whose only sample is not trained on.
    #[test]
    fn small_classes_keep_a_sample_for_training() {
        let labels = [0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3];
        let held = held(&labels);
        let counts: Vec<usize> = (0..4).map(|class| count(&labels, &held, class)).collect();
        assert_eq!(counts, [0, 1, 1, 2]);
    }

    /// Catches a choice with a period of its own: of samples that come in versions, one version after another, a single
    /// version would be tested. 600 samples hold 100 out; each version has at least half of its fair share of them.
    #[test]
    fn versions_of_a_sample_are_all_tested() {
        for versions in 2..=12_usize {
            let held = held(&[0; 600]);
            for version in 0..versions {
                let tested = held.iter().filter(|&&i| i % versions == version).count();
                assert!(
                    tested >= 50 / versions,
                    "{versions}: {version} has {tested}"
                );
            }
        }
    }

    /// Catches a test part that is empty.
    #[test]
    fn a_sample_a_class_cannot_be_divided() {
        let error = held_out(Path::new("set"), Format::Npz, &[0, 2, 1]).unwrap_err();
        assert!(error.to_string().contains("no two samples of one class"));
    }
}
