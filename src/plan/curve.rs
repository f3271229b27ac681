//! What each size of a layer costs and loses.

use super::candidate::Candidate;
use super::point::{Error, Point};
use super::statistics::Statistics;
use super::{Mode, PlanSettings};
use crate::compress::{Family, LowRank, Moment};
use faer::MatRef;

/// Returns the sizes of a layer that cost less than itself, the cheapest of each family first; `unit` is what errors in units
/// of the loss are multiplied by.
pub(super) fn curve(
    w: MatRef<'_, f64>,
    statistics: &Statistics,
    candidate: &Candidate,
    mode: Mode,
    settings: &PlanSettings,
    unit: f64,
) -> Vec<Point> {
    let fit = statistics.low_rank(w);
    let errors = |moment: &(Moment, f64), is_own: bool| -> Vec<f64> {
        match &fit {
            LowRank::Inputs(fit) if is_own => fit.errors(),
            LowRank::Inputs(fit) => fit.errors_on(w, &moment.0),
            LowRank::Loss(fit) => {
                let (gradients, scale) = statistics.gradients.as_ref().expect("the fit has them");
                let errors = fit.errors(&moment.0, gradients.as_ref());
                let factor = match mode {
                    Mode::Alpha if errors[0] > 0.0 => errors[0].recip(),
                    Mode::Alpha => 0.0,
                    _ => moment.1 * scale * unit,
                };
                errors.iter().map(|error| factor * error).collect()
            }
        }
    };
    let calibration = errors(&statistics.inputs, true);
    let held_out = statistics
        .held_out
        .as_ref()
        .map(|moment| errors(moment, false));
    let dense = candidate.dense();
    let (m, n) = w.shape();
    let ranks = (settings.multiple_of..=m.min(n)).step_by(settings.multiple_of);
    let point = |rank: usize| Point {
        family: Family::LowRank,
        size: rank,
        cost: candidate.rate.of(settings.storage.of_rank(m, n, rank)),
        error: Error {
            calibration: calibration[rank],
            held_out: held_out.as_ref().map(|errors| errors[rank]),
        },
    };
    ranks
        .map(point)
        .take_while(|point| point.cost < dense)
        .collect()
}
