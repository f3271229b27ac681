//! Sentences on plans.

use crate::compress::Family;
use crate::plan::{Budget, Mode, ModelPlan, Sized};
use crate::report::format::percent;
use crate::report::text::{grouped, short_number};

/// Returns a budget in per cent: `40 %`.
pub(in crate::report) fn budget(share: f64) -> String {
    format!("{} %", short_number(100.0 * share))
}

/// Returns how a layer is stored: `rank 12`.
pub(in crate::report) fn form(sized: &Sized) -> String {
    let Some(size) = sized.size else {
        return sized.family.name().to_owned();
    };
    match (sized.family, sized.blocks) {
        (Family::LowRank, _) => format!("rank {size}"),
        (Family::Columns, _) => format!("{size} columns"),
        (Family::Kronecker, Some([m, n])) => format!("{size} Kronecker {m}x{n}"),
        (Family::Dct, _) => format!("{size} frequencies"),
        (family, _) => format!("{} {size}", family.name()),
    }
}

/// Says what a budget has bought, beside what the same cost buys at one share.
pub(in crate::report) fn outcome(plan: &ModelPlan, found: &Budget) -> String {
    let unit = plan.settings.cost.unit();
    let (cost, dense) = (
        grouped(found.cost as usize),
        grouped(plan.compressible.cost as usize),
    );
    // With moments of inputs alone each type of weight has a budget of its own.
    let inside = match plan.knowledge.mode {
        Mode::Inputs => " inside each type of weight",
        _ => "",
    };
    let proof = match (found.optimal, found.bound, found.gap) {
        (Some(true), Some(bound), _) => format!(
            " (optimal{inside}, proved; relaxation {})",
            short_number(bound)
        ),
        (Some(false), Some(bound), Some(gap)) => format!(
            " (at most {} above the least possible{inside}, {})",
            percent(gap),
            short_number(bound)
        ),
        _ => String::new(),
    };
    let uniform = &found.uniform;
    format!(
        "{} of {dense} {unit}, {cost} used: predicted error {}{proof}; uniform at {} of each layer: {}, predicted",
        budget(found.share),
        short_number(found.error),
        percent(uniform.ratio),
        short_number(uniform.error)
    )
}
