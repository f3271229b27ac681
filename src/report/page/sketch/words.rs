//! What the numbers say, in sentences.

use crate::report::format::{or_dash, percent};
use crate::report::sketch::times_the_layer;
use crate::report::text::short_number;
use crate::sketch::{SketchLayer, SketchRun, Sketched};

/// Returns the matrices that were sketched, with their positions from 1.
pub(super) fn sketched(run: &SketchRun) -> impl Iterator<Item = (usize, &SketchLayer, &Sketched)> {
    let layers = run.rows.iter().enumerate();
    layers.filter_map(|(i, layer)| Some((i + 1, layer, layer.sketched.as_ref()?)))
}

/// Says what was found about one matrix.
pub(super) fn sentences(found: &Sketched, run: &SketchRun) -> Vec<String> {
    let mut sentences = Vec::new();
    if let (Some(equal_k), Some(equal_numbers)) =
        (found.better_mode, found.better_mode_at_equal_parameters)
    {
        sentences.push(if equal_k == equal_numbers { format!("Mode {equal_k} has the smaller variance, at equal k and at equal numbers kept.") } else { format!(
            "Mode {equal_k} has the smaller variance at equal k, mode {equal_numbers} at equal numbers kept."
        ) });
    }
    if let Some(e) = &found.exceedance {
        let measured = e.measured.map_or(String::new(), |m| {
            format!(
                "; measured {}, between {} and {}",
                percent(m.estimate),
                percent(m.low),
                percent(m.high)
            )
        });
        sentences.push(format!(
            "The averaged estimate misses by a relative error of {} or more in at most {} of draws (Chebyshev){measured}.",
            short_number(e.deviation),
            percent(e.chebyshev)
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
        let wanted = or_dash(run.settings.target);
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
