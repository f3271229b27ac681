//! Which rows the curves over k are drawn at.

/// 1, 2, 4, … up to the first that is no less than `d`.
#[must_use]
pub fn powers_of_two(d: usize) -> Vec<usize> {
    let last = d.max(1).next_power_of_two().ilog2();
    (0..=last).map(|power| 1 << power).collect()
}
