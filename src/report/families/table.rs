//! For the terminal: a line a family, its residual at each budget, and what it has found.

use super::budget;
use crate::fit::VerdictKind;
use crate::fit::families::{FamilyComparison, FamilyFit, FamilyLayer, Search};
use crate::report::table::{Rows, status_style};
use crate::weights::Status;
use console::Style;
use std::fmt::Write;

/// One table, a heading a matrix; then the tensors that are none, with the reason.
pub fn family_table(comparison: &FamilyComparison, colours: bool) -> String {
    let budgets = &comparison.settings.budgets;
    let shares: Vec<String> = budgets.iter().map(|&share| budget(share)).collect();
    let mut header = vec!["parameters / entries"];
    header.extend(shares.iter().map(String::as_str));
    header.extend(["at", "W", "shuffled", "rotated", ""]);
    let mut rows = Rows::new(&header, 1, 5 + budgets.len());
    let of = |status| comparison.rows.iter().filter(move |l| l.status == status);
    for layer in of(Status::Analyzed) {
        matrix(&mut rows, layer, comparison);
    }
    let mut text = rows.show(colours);
    for (status, word) in [(Status::Skipped, "skipped"), (Status::Failed, "failed")] {
        for (i, layer) in of(status).enumerate() {
            let reason = layer.reason.as_deref().unwrap_or("not fitted");
            let line = format!("{}: {word}: {reason}", layer.name);
            let line = if colours {
                status_style(status)
                    .apply_to(line)
                    .force_styling(true)
                    .to_string()
            } else {
                line
            };
            let space = if i == 0 { "\n" } else { "" };
            let _ = writeln!(text, "{space}{line}");
        }
    }
    for layer in of(Status::Analyzed) {
        for left_out in &layer.left_out {
            let family = left_out.family.name();
            let _ = writeln!(
                text,
                "{}: {family} left out: {}",
                layer.name, left_out.reason
            );
        }
    }
    let searched = of(Status::Analyzed).flat_map(|layer| &layer.families);
    let searched = searched.filter(|fit| fit.search == Search::BestFound);
    let searched = if searched.count() > 0 {
        "*        the best that a search has found: a nearer member may exist\n"
    } else {
        ""
    };
    let count = |status| of(status).count();
    let _ = write!(
        text,
        "\n{} fitted, {} skipped, {} failed. Seed {}.\n\
         1/64 …   ‖W - Ŵ‖ / ‖W‖ of the nearest member with at most so many parameters; - where there is none\n\
         null     the same of as many random terms\n\
         at, W    budget of the clearest gain over chance, and the share of ‖W‖² explained there; the same\n\
         \x20        with the entries of W shuffled, the mean of some 20 shuffles, and with W rotated at the same spectrum\n\
         {searched}",
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed),
        comparison.seed,
    );
    text
}

fn matrix(rows: &mut Rows, layer: &FamilyLayer, comparison: &FamilyComparison) {
    let (m, n) = (layer.rows.unwrap_or(0), layer.columns.unwrap_or(0));
    let file = match comparison.files.len() {
        1 => String::new(),
        _ => format!("{}: ", layer.file),
    };
    rows.head(&format!("{file}{}, {m} x {n}", layer.name));
    let budgets = comparison.settings.budgets.iter();
    let mut line = vec!["null".to_string()];
    line.extend(budgets.map(|share| residual(Some((1.0 - share).sqrt()))));
    line.extend([const { String::new() }; 5]);
    rows.add(line, Style::new());
    let kinds = layer.families.chunk_by(|a, b| a.family == b.family);
    // The null line is what random terms are expected to leave.
    for fits in kinds.filter(|fits| !fits[0].family.is_null_line()) {
        let mark = if fits[0].search == Search::BestFound {
            " *"
        } else {
            ""
        };
        let mut line = vec![format!("{}{mark}", fits[0].family.name())];
        line.extend(fits.iter().map(|fit| residual(fit.relative_residual)));
        let finding = layer.findings.iter().find(|f| f.family == fits[0].family);
        let found = fits
            .iter()
            .find(|fit| finding.is_some_and(|f| f.budget == fit.budget));
        let (words, style) = found.map_or(("", Style::new()), |fit| match fit.parameters {
            Some(_) => words(fit.verdict.kind),
            None => ("none so small", Style::new().dim()),
        });
        line.extend(found.map_or([const { String::new() }; 4], shares));
        line.push(words.into());
        rows.add(line, style);
    }
}

/// Budget, and shares explained of W, shuffled and rotated.
fn shares(fit: &FamilyFit) -> [String; 4] {
    let percent = |residual: Option<f64>| {
        residual.map_or(String::new(), |x| format!("{:.1} %", 100.0 * (1.0 - x * x)))
    };
    match fit.verdict.kind {
        VerdictKind::Undefined => [const { String::new() }; 4],
        _ => [
            budget(fit.budget),
            percent(fit.relative_residual),
            percent(fit.shuffled_residual),
            percent(fit.rotated_residual),
        ],
    }
}

fn words(kind: VerdictKind) -> (&'static str, Style) {
    let style = Style::new();
    match kind {
        VerdictKind::NoGain => ("no gain", style.dim()),
        VerdictKind::Undefined => ("all entries are equal", style.dim()),
        VerdictKind::Entries => ("values, not their places", style),
        VerdictKind::Coordinates => ("coordinates matter", style.cyan()),
        VerdictKind::LowRank => ("low rank", style.yellow()),
        VerdictKind::Both => ("low rank and coordinates", style.green()),
    }
}

/// Three digits after the point; an exponent where they would all be 0.
fn residual(x: Option<f64>) -> String {
    match x {
        None => "-".into(),
        Some(0.0) => "0".into(),
        Some(x) if x < 5e-4 => format!("{x:.0e}"),
        Some(x) => format!("{x:.3}"),
    }
}
