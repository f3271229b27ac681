//! The fast Walsh-Hadamard transform.

/// Replaces `x` by H x, H the symmetric Hadamard matrix of ±1 in natural order: n log₂ n additions.
///
/// # Panics
///
/// When the length is no power of two.
pub(super) fn hadamard(x: &mut [f64]) {
    assert!(x.len().is_power_of_two(), "hadamard: {} numbers", x.len());
    let mut half = 1;
    while half < x.len() {
        for pair in x.chunks_exact_mut(2 * half) {
            let (upper, lower) = pair.split_at_mut(half);
            for (a, b) in upper.iter_mut().zip(lower) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}
