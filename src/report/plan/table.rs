//! For the terminal: a line a layer, with its size in each budget.

use super::words::{budget, form, outcome};
use crate::plan::{ModelPlan, PlanRow};
use crate::report::format::percent;
use crate::report::table::{Rows, status_style};
use crate::report::text::grouped;
use crate::weights::Status;
use console::Style;
use std::fmt::Write;

/// Returns what is known, one table of all layers, and what each budget has bought.
pub fn plan_table(plan: &ModelPlan, colours: bool) -> String {
    let shares: Vec<String> = plan
        .budgets
        .iter()
        .map(|found| budget(found.share))
        .collect();
    let mut header = vec!["layer", "type", "shape"];
    for share in &shares {
        header.extend([share.as_str(), "share", "error"]);
    }
    header.push("");
    let mut rows = Rows::new(&header, 2, header.len() - 1);
    let of = |status| {
        plan.rows
            .iter()
            .enumerate()
            .filter(move |(_, row)| row.status == status)
    };
    for (place, row) in of(Status::Analyzed) {
        if let Some(line) = line(plan, place, row) {
            rows.add(line, Style::new());
        }
    }
    let mut text = format!("{}\n\n{}", plan.knowledge.sentence, rows.show(colours));
    for (status, word) in [(Status::Skipped, "skipped"), (Status::Failed, "failed")] {
        // Vectors are no news.
        let named = of(status).filter(|(_, row)| status == Status::Failed || row.shape.len() > 1);
        for (i, (_, row)) in named.enumerate() {
            let reason = row.reason.as_deref().unwrap_or("not planned");
            let line = format!("{}: {word}: {reason}", row.name);
            let line = if colours {
                let styled = status_style(status).apply_to(line);
                styled.force_styling(true).to_string()
            } else {
                line
            };
            let space = if i == 0 { "\n" } else { "" };
            let _ = writeln!(text, "{space}{line}");
        }
    }
    text.push('\n');
    for found in &plan.budgets {
        let _ = writeln!(text, "{}.", outcome(plan, found));
    }
    let _ = writeln!(
        text,
        "{} layers of {} parameters in the budget. Errors are on the {}. Objective: {}.",
        plan.compressible.layers,
        grouped(plan.compressible.parameters as usize),
        plan.knowledge.errors_on,
        plan.knowledge.objective
    );
    text
}

fn line(plan: &ModelPlan, place: usize, row: &PlanRow) -> Option<Vec<String>> {
    let layer = row.layer.as_ref()?;
    let mut line = vec![
        row.name.clone(),
        layer.weight_type.clone(),
        format!("{}x{}", layer.rows, layer.columns),
    ];
    for found in &plan.budgets {
        let sized = found.layers.iter().find(|sized| sized.row == place)?;
        line.extend([
            form(sized),
            percent(sized.share),
            error(sized.error.known()),
        ]);
    }
    line.push(if layer.kept { "kept" } else { "" }.to_owned());
    Some(line)
}

/// Three digits after the point; an exponent where they would all be 0.
fn error(x: f64) -> String {
    if x == 0.0 {
        "0".to_owned()
    } else if !(5e-4..1e4).contains(&x) {
        format!("{x:.0e}")
    } else {
        format!("{x:.3}")
    }
}
