//! Entries brought into a safe range by a power of two.

use libm::ldexp;

/// Largest |exponent| of entries whose fourth powers, summed, stay far inside the range of f64.
const SAFE_EXPONENT: i32 = 200;

/// Divides `data` by a power of two, 2^`exponent`, when its largest entry lies outside 2^±200,
/// and returns the exponent, 0 otherwise. Exact but for what underflows.
pub fn normalise(data: &mut [f64]) -> i32 {
    let largest = data
        .iter()
        .fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let exponent = if largest > 0.0 {
        libm::frexp(largest).1
    } else {
        0
    };
    if exponent.abs() <= SAFE_EXPONENT {
        return 0;
    }
    data.iter_mut().for_each(|x| *x = ldexp(*x, -exponent));
    exponent
}
