//! Which singular values rounding may have made.

use statrs::distribution::ContinuousCDF;

use crate::spectrum::SingularLaw;

/// How exactly the entries of a matrix are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// Unit roundoff of the type they were stored in, relative to each entry.
    pub relative: f64,
    /// Distance between neighbouring numbers near zero, where the type has no smaller ones; 0 for integers,
    /// which are exact.
    pub step: f64,
}

/// Bound on the norm of the rounding errors over that of independent errors of one unit roundoff:
/// rounding to nearest makes less than half of them, sums of products in the same type up to twice.
const SLACK: f64 = 2.0;

impl Precision {
    /// The largest singular value that rounding makes of an `m × n` matrix with entries of root mean
    /// square `rms`: `2 u rms (√m + √n)`, u rms no less than half a step; no less than the error of the
    /// values themselves, `max(m, n) ε s₁`.
    pub(crate) fn largest_error(&self, m: usize, n: usize, rms: f64, largest: f64) -> f64 {
        let unit = (self.relative * rms).max(self.step / 2.0);
        let sides = (m as f64).sqrt() + (n as f64).sqrt();
        (SLACK * unit * sides).max(largest * m.max(n) as f64 * f64::EPSILON)
    }
}

/// The rank of an `m × n` matrix with these singular values, descending, of which those up to
/// `error` may be rounding.
///
/// A full matrix of coarse numbers has small values too: of a random one `min(m, n) F(error)` are
/// below the error. Only where clearly more are is the rest called rounding.
pub(super) fn numerical_rank(values: &[f64], m: usize, n: usize, rms: f64, error: f64) -> usize {
    /// Expected number below which one small value is a surprise.
    const RARE: f64 = 1e-3;
    let short = m.min(n);
    let above = values.partition_point(|&s| s > error).min(short);
    let small = short - above;
    let Ok(law) = SingularLaw::new(m, n, rms * rms) else {
        return above;
    };
    let expected = short as f64 * law.cdf(error);
    let surprising = if expected < RARE {
        small > 0
    } else {
        small as f64 > 3.0 + 3.0 * expected
    };
    if surprising { above } else { short }
}

/// Whether values, descending, differ by no more than `error`: then they are one value.
pub(super) fn are_equal(values: &[f64], error: f64) -> bool {
    values.len() > 1 && values[0] - values[values.len() - 1] <= error
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches full matrices of half precision called deficient, and products called full.
    #[test]
    fn coarse_numbers_keep_their_rank() {
        let law = SingularLaw::new(1000, 1000, 1.0).unwrap();
        let full: Vec<f64> = (0..1000)
            .rev()
            .map(|i| law.inverse_cdf((i as f64 + 0.5) / 1000.0))
            .collect();
        let bf16 = Precision {
            relative: 2f64.powi(-8),
            step: 0.0,
        };
        let error = bf16.largest_error(1000, 1000, 1.0, full[0]);
        assert!(full[999] < error);
        assert_eq!(numerical_rank(&full, 1000, 1000, 1.0, error), 1000);
        let mut product = vec![0.3 * error; 1000];
        product[..16].fill(100.0);
        assert_eq!(numerical_rank(&product, 1000, 1000, 1.0, error), 16);
    }
}
