//! What needs attention, most urgent first.

use super::words::fitted;
use crate::fit::Thresholds;
use crate::fit::product::{ProductFit, ProductFits, Stopped};
use crate::report::page::alert::{Alert, Level, links};
use crate::report::text::counted;
use crate::weights::Status;

/// Condition from which on more than half of the digits of a coefficient are lost, 1/√ε.
const ILL: f64 = 6.7e7;

/// Returns the alerts, after those of runs in general.
pub(super) fn alerts(fits: &ProductFits, mut alerts: Vec<Alert>) -> Vec<Alert> {
    if !fits.complete {
        let text = "Interrupted: the last row holds the best fit so far, the tensors after it are missing; run again for all";
        alerts.push(Alert::new(Level::Warning, text));
    }
    for (level, is_so, singular, plural) in KINDS {
        let of_kind = fitted(fits).filter(|(_, _, fit)| is_so(fit));
        let layers = links(of_kind.map(|(position, row, _)| (position, row.name.as_str())));
        let text = match layers.len() {
            0 => continue,
            1 => format!("1 matrix {singular}"),
            count => format!("{count} matrices {plural}"),
        };
        alerts.push(Alert::new(level, text).about(layers));
    }
    let wants_controls = fits.inputs_file.is_none() && fitted(fits).next().is_some();
    if wants_controls && !fits.settings.controls {
        let text = "Shuffled and rotated matrices were not fitted, so what of a gain any matrix of these entries or this spectrum would show is not known";
        alerts.push(Alert::new(Level::Note, text));
    }
    let skipped = fits.count(Status::Skipped);
    if skipped > 0 {
        let text = format!("{} skipped; the table says why", counted(skipped, "tensor"));
        alerts.push(Alert::new(Level::Note, text));
    }
    alerts
}

/// Level, what is so of a fit, and the rest of the sentence about one matrix and about several.
type Kind = (Level, fn(&ProductFit) -> bool, &'static str, &'static str);

const KINDS: [Kind; 5] = [
    (
        Level::Warning,
        |fit| fit.stopped == Stopped::Iterations,
        "has not converged: its last stage ended at the most iterations; --iterations allows more",
        "have not converged: their last stages ended at the most iterations; --iterations allows more",
    ),
    (
        Level::Warning,
        has_spread,
        "has starts that end over 1 % of the squared norm apart: another start may come lower; --restarts tries more",
        "have starts that end over 1 % of the squared norm apart: another start may come lower; --restarts tries more",
    ),
    (
        Level::Warning,
        learned_samples,
        "is worse on held-out inputs by over 1 % of the squared norm: the fit has learned its samples; more inputs or fewer terms help",
        "are worse on held-out inputs by over 1 % of the squared norm: the fits have learned their samples; more inputs or fewer terms help",
    ),
    (
        Level::Note,
        |fit| fit.condition.is_some_and(|condition| condition > ILL),
        "has coefficients that are determined to less than half of their digits; Ŵ itself is not affected",
        "have coefficients that are determined to less than half of their digits; Ŵ itself is not affected",
    ),
    (
        Level::Note,
        |fit| fit.is_chance() == Some(true),
        "is no nearer than as many random terms bring it, but for 1 % of ‖W‖² or what chance varies. That is counting, not a bug: K terms that know nothing of W explain K/mn of it",
        "are no nearer than as many random terms bring them, but for 1 % of ‖W‖² or what chance varies. That is counting, not a bug: K terms that know nothing of W explain K/mn of it",
    ),
];

/// Whether the explained share of the worst start is below the best's by what is called a gain.
fn has_spread(fit: &ProductFit) -> bool {
    let squares = fit.restarts.iter().map(|residual| residual * residual);
    let least = squares.clone().fold(f64::INFINITY, f64::min);
    let most = squares.fold(0.0, f64::max);
    most - least > Thresholds::default().least_gain
}

fn learned_samples(fit: &ProductFit) -> bool {
    fit.inputs.is_some_and(|inputs| {
        let lost = inputs.held_out_residual.powi(2) - inputs.fitted_residual.powi(2);
        lost > Thresholds::default().least_gain
    })
}
