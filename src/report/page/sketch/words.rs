//! What the numbers say, in sentences.

use super::tables::number;
use crate::report::sketch::times_the_layer;
use crate::report::text::short_number;
use crate::sketch::{SketchRun, Sketched};

/// About one matrix.
pub(super) fn sentences(found: &Sketched, run: &SketchRun) -> Vec<String> {
    let mut sentences = Vec::new();
    if let (Some(equal_k), Some(equal_numbers)) =
        (found.better_mode, found.better_mode_at_equal_parameters)
    {
        sentences.push(match equal_k == equal_numbers {
            true => format!("Mode {equal_k} has the smaller variance, at equal k and at equal numbers kept."),
            false => format!(
                "Mode {equal_k} has the smaller variance at equal k, mode {equal_numbers} at equal numbers kept."
            ),
        });
    }
    if let Some(e) = &found.exceedance {
        let share = |x: f64| format!("{} %", short_number(100.0 * x));
        let measured = e.measured.map_or(String::new(), |m| {
            format!(
                "; measured {}, between {} and {}",
                share(m.estimate),
                share(m.low),
                share(m.high)
            )
        });
        sentences.push(format!(
            "The averaged estimate misses by a relative error of {} or more in at most {} of draws (Chebyshev){measured}.",
            short_number(e.deviation),
            share(e.chebyshev)
        ));
    }
    if let (Some(bound), Some(holds)) = (
        found.averaged.printed_bound,
        found.averaged.printed_bound_holds,
    ) {
        sentences.push(format!(
            "Theorem 3.1 as printed, with the norm of the images, gives {}: it {} here.",
            short_number(bound),
            if holds { "holds" } else { "is false" }
        ));
    }
    for choice in &found.target {
        let wanted = number(run.settings.target);
        sentences.push(match (choice.k, &choice.cost, choice.compression_rate) {
            (Some(k), Some(cost), Some(rate)) => format!(
                "With l = {} an error of {wanted} takes k = {k}: {} numbers, {}, and {} multiply-adds against {}.",
                choice.l,
                cost.parameters,
                times_the_layer(rate),
                cost.multiply_adds,
                found.dense_parameters
            ),
            _ => format!("With l = {} no sketch reaches an error of {wanted}.", choice.l),
        });
    }
    for mode in &found.tensor_modes {
        sentences.push(format!(
            "Sketched along its dimension {} (of {}), the tensor itself is missed by a relative error of {}, with {} numbers.",
            mode.mode,
            mode.dimension,
            short_number(mode.relative_error),
            mode.parameters
        ));
    }
    sentences
}
