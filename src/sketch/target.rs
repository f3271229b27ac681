//! How many rows a wanted error takes, and what they cost.

use super::{Ensemble, SketchedLayer, Widths, variances};
use serde::Serialize;

/// Rows beyond which none are sought.
const MOST_ROWS: usize = 1 << 40;

/// What l pairs of sketches cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Numbers stored, `l (k d₂ + k h w d₁)`; the sketches themselves come from the seed.
    pub parameters: usize,
    /// Multiplications and additions for one sample, for one patch of a convolution, those of the
    /// sketches counted as their ensemble has them.
    pub multiply_adds: usize,
}

impl Cost {
    /// Of `l` pairs of sketches of these sizes.
    #[must_use]
    pub fn of(ensemble: Ensemble, widths: &Widths, l: usize) -> Cost {
        let Widths {
            first,
            second,
            outputs,
            inputs,
        } = *widths;
        let stored = first
            .saturating_mul(inputs)
            .saturating_add(second.saturating_mul(outputs));
        let sketched = |k, d| (ensemble.operations)(k, d);
        let applied = sketched(first, outputs).saturating_add(sketched(second, inputs));
        Cost {
            parameters: stored.saturating_mul(l),
            multiply_adds: stored.saturating_add(applied).saturating_mul(l),
        }
    }
}

/// The fewest rows k for which the mean of `l` pairs has a root-mean-square error of at most
/// `relative` ‖W M‖, to rounding; `None` where no sketch has.
///
/// # Panics
///
/// When `l` is 0.
#[must_use]
pub fn least_rows(
    layer: &SketchedLayer,
    ensemble: Ensemble,
    l: usize,
    relative: f64,
) -> Option<usize> {
    let energies = layer.energies();
    let (outputs, inputs) = layer.weights.shape();
    let rounding = (outputs + inputs) as f64 * f64::EPSILON;
    let allowed = relative * relative * energies.outputs * (1.0 + rounding);
    let meets = |k: usize| {
        let widths = layer.widths(ensemble, k);
        widths.is_ok_and(|widths| variances(&energies, ensemble, &widths, l).averaged <= allowed)
    };
    let most = ensemble.most_rows(outputs);
    let most = most.min(ensemble.most_rows(inputs) / layer.area());
    let mut high = most.min(MOST_ROWS);
    if high == 0 || !meets(high) {
        return None;
    }
    let mut low = 0;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if meets(middle) {
            high = middle
        } else {
            low = middle
        }
    }
    Some(high)
}
