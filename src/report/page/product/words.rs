//! The top of the page in words: what was found, what was fitted, how far it is.

use crate::fit::VerdictKind;
use crate::fit::product::{FitRow, ProductFit, ProductFits};
use crate::report::format::significant;
use crate::report::page::run;
use crate::report::text::{counted, file_name, shown_name};

/// Rows that have a fit, with their positions from 1.
pub(super) fn fitted(fits: &ProductFits) -> impl Iterator<Item = (usize, &FitRow, &ProductFit)> {
    let rows = fits.rows.iter().enumerate();
    rows.filter_map(|(i, row)| Some((i + 1, row, row.fit.as_ref()?)))
}

/// The share of a squared norm that a residual leaves explained, as `12.3 %`.
pub(super) fn explained(residual: f64) -> String {
    if residual > 1.0 {
        return format!("nothing (residual {})", significant(Some(residual)));
    }
    let percent = 100.0 * (1.0 - residual * residual);
    match percent {
        p if p.abs() < 9.95 => format!("{p:.2} %"),
        p => format!("{p:.1} %"),
    }
}

/// What a finding means, where it is more than a gain.
fn meaning(fit: &ProductFit) -> &'static str {
    match fit.verdict.as_ref().map(|verdict| verdict.kind) {
        Some(VerdictKind::Coordinates) => ": coordinates matter",
        Some(VerdictKind::LowRank) => ": it is of low rank",
        Some(VerdictKind::Both) => ": low rank in part, coordinates in part",
        Some(VerdictKind::Entries) => ": no more than of its entries shuffled",
        Some(VerdictKind::NoGain | VerdictKind::Undefined) | None => "",
    }
}

/// The finding in a sentence.
pub(super) fn headline(fits: &ProductFits) -> String {
    let all: Vec<_> = fitted(fits).collect();
    match all.as_slice() {
        [] if fits.rows.is_empty() => "No matrix was fitted.".to_owned(),
        [] => format!(
            "None of the {} could be fitted.",
            counted(fits.rows.len(), "tensor")
        ),
        [(_, row, fit)] => one(row, fit),
        _ if fits.inputs_file.is_some() => several_on_inputs(&all),
        _ => several(&all),
    }
}

fn one(row: &FitRow, fit: &ProductFit) -> String {
    let parameters = counted(fit.parameters, "parameter");
    let verb = if fit.parameters == 1 {
        "explains"
    } else {
        "explain"
    };
    let name = shown_name(&row.name);
    if let Some(inputs) = fit.inputs {
        return format!(
            "{parameters} {verb} {} of what {name} makes of held-out inputs, and {} on the fitted ones.",
            explained(inputs.held_out_residual),
            explained(inputs.fitted_residual)
        );
    }
    let own = explained(fit.relative_residual);
    let null = explained(fit.null_residual);
    match fit.is_chance() {
        Some(true) => {
            format!("{parameters} {verb} {own} of {name}, as many random terms {null}: no gain.")
        }
        _ => format!(
            "{parameters} {verb} {own} of {name}, as many random terms {null}{}.",
            meaning(fit)
        ),
    }
}

/// What gains are made of, in the order in which they are told.
const KINDS: [(VerdictKind, &str); 4] = [
    (VerdictKind::Coordinates, "coordinates matter in"),
    (VerdictKind::LowRank, "low rank in"),
    (
        VerdictKind::Both,
        "low rank in part and coordinates in part in",
    ),
    (
        VerdictKind::Entries,
        "no nearer than to shuffled entries in",
    ),
];

fn several(all: &[(usize, &FitRow, &ProductFit)]) -> String {
    let fits = all.iter().map(|(_, _, fit)| fit);
    let gains = fits.clone().filter(|fit| fit.is_chance() == Some(false));
    let of = |kind| {
        let kinds = fits.clone().filter_map(|fit| fit.verdict.as_ref());
        kinds.filter(|verdict| verdict.kind == kind).count()
    };
    let kinds = KINDS.iter().map(|&(kind, words)| (words, of(kind)));
    let kinds = kinds.filter(|(_, count)| *count > 0);
    let kinds: Vec<String> = kinds
        .map(|(words, count)| format!("{words} {count}"))
        .collect();
    let found = if kinds.is_empty() {
        String::new()
    } else {
        format!(": {}", kinds.join(", "))
    };
    match gains.count() {
        0 => format!(
            "None of {} matrices is nearer than as many random terms bring it.",
            all.len()
        ),
        1 => format!(
            "1 of {} matrices is nearer than as many random terms bring it{found}.",
            all.len()
        ),
        count => format!(
            "{count} of {} matrices are nearer than as many random terms bring them{found}.",
            all.len()
        ),
    }
}

fn several_on_inputs(all: &[(usize, &FitRow, &ProductFit)]) -> String {
    let mut held_out: Vec<(f64, &str)> = all
        .iter()
        .filter_map(|(_, row, fit)| Some((fit.inputs?.held_out_residual, row.name.as_str())))
        .collect();
    held_out.sort_by(|a, b| a.0.total_cmp(&b.0));
    match held_out.as_slice() {
        [best, .., worst] => format!(
            "On held-out inputs the fits explain from {} in {} to {} in {} of the outputs.",
            explained(worst.0),
            shown_name(worst.1),
            explained(best.0),
            shown_name(best.1)
        ),
        _ => format!("{} matrices were fitted.", all.len()),
    }
}

/// What was fitted: factors, terms, stages, starts and seed.
pub(super) fn model(fits: &ProductFits) -> String {
    let settings = &fits.settings;
    let product = match settings.factors {
        1 => "F₁".to_owned(),
        2 => "F₁ F₂".to_owned(),
        3 => "F₁ F₂ F₃".to_owned(),
        p => {
            let digit = |c: char| char::from_u32(0x2080 + c.to_digit(10)?);
            let p: String = p.to_string().chars().filter_map(digit).collect();
            format!("F₁ F₂ ⋯ F{p}")
        }
    };
    let sum = if settings.factors == 1 {
        "a sum"
    } else {
        "sums"
    };
    let kinds = match &fits.basis_file {
        Some(file) => format!("of the matrices of {}", file_name(file)),
        None => {
            let terms: Vec<String> = settings.terms.iter().map(usize::to_string).collect();
            let families: Vec<&str> = settings.families.iter().map(|f| f.name()).collect();
            format!("of {} {} terms", terms.join(", "), families.join(", "))
        }
    };
    let mut parts = vec![format!("W ≈ {product}, {sum} {kinds}")];
    if settings.residual {
        parts.push("the first of them the identity".into());
    }
    if !settings.stages.is_empty() {
        parts.push(format!("in {} stages", settings.stages.len() + 1));
    }
    let starts = fitted(fits).map(|(_, _, fit)| fit.restarts.len()).max();
    if let Some(starts) = starts.filter(|&starts| starts > 1) {
        parts.push(format!("the best of {starts} starts"));
    }
    parts.push(format!("seed {}", fits.seed));
    format!("{}.", parts.join(", "))
}

/// What became of the rows, and d(W, {M}).
pub(super) fn account(fits: &ProductFits) -> String {
    let rows = run::account(fits, ["tensor", "fitted"]);
    let number = |x: f64| significant(Some(x));
    match fits.distance {
        None => rows,
        Some(d) if d.matrices == 1 => format!(
            "{rows} Distance ‖W − Ŵ‖ {}, and over ‖W‖ {}.",
            number(d.mean),
            number(d.relative_mean)
        ),
        Some(d) => format!(
            "{rows} Distance ‖W − Ŵ‖ from the family: mean {}, largest {}; over ‖W‖: mean {}, largest {}.",
            number(d.mean),
            number(d.maximum),
            number(d.relative_mean),
            number(d.relative_maximum)
        ),
    }
}
