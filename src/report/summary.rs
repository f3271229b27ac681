//! What a whole model comes to, for the terminal.

use super::table::{Rows, fixed};
use super::text::{grouped, shown_name};
use crate::spectrum::{Group, Mention, Summary, VerdictKind};
use console::Style;

/// Names in a line.
const NAMED: usize = 3;

/// A verdict in a word or two.
pub(super) fn verdict_word(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Noise => "like noise",
        VerdictKind::Spikes => "spikes",
        VerdictKind::HeavyTail => "heavy tail",
        VerdictKind::NoBulk => "no random bulk",
        VerdictKind::LowRank => "low rank",
        VerdictKind::Degenerate => "too small or constant",
    }
}

/// A role's key in words.
pub(super) fn role_words(key: &str) -> String {
    shown_name(&key.replace('_', " "))
}

/// `31 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Sizes, a line a role, and the layers to look at; empty where nothing was analysed.
pub(super) fn summary_text(summary: &Summary, colours: bool) -> String {
    if summary.matrices == 0 {
        return String::new();
    }
    let mut text = format!(
        "{} parameters in {}, {} in the {} analysed.\n\n",
        grouped(summary.parameters as usize),
        counted(summary.tensors, "tensor", "tensors"),
        grouped(summary.matrix_parameters as usize),
        counted(summary.matrices, "matrix", "matrices"),
    );
    let mut rows = Rows::new(
        &["role", "matrices", "parameters", "eff. rank", "alpha", ""],
        1,
        5,
    );
    if summary.roles.len() > 1 {
        for role in &summary.roles {
            rows.add(group(role_words(role.role.key()), &role.group), Style::new());
        }
    }
    rows.add(group("all".to_owned(), &all(summary)), Style::new());
    text += &rows.show(colours);
    let mut line = |heading: &str, count: usize, named: Vec<String>| {
        if count > 0 {
            let more = match count - named.len() {
                0 => String::new(),
                more => format!("; {more} more"),
            };
            text += &format!("{heading:<14}{}{more}\n", named.join("; "));
        }
    };
    let name = |layer: &Mention| layer.name.clone();
    line(
        "like noise",
        summary.like_noise.len(),
        summary.like_noise.iter().take(NAMED).map(name).collect(),
    );
    let compressible = summary.compressible.iter().take(NAMED).map(|c| {
        let (rank, share) = (c.energy_rank, percent(c.parameter_share));
        format!("{} (rank {rank}: 90 % of Σs² in {share} of the numbers)", c.layer.name)
    });
    line("compressible", summary.compressible.len(), compressible.collect());
    let suspicious = summary.suspicious.iter().take(NAMED);
    line(
        "look at",
        summary.suspicious.len(),
        suspicious.map(|s| format!("{} ({})", s.layer.name, s.reason)).collect(),
    );
    text
}

/// All matrices as one group, but for the medians.
fn all(summary: &Summary) -> Group {
    Group {
        matrices: summary.matrices,
        parameters: summary.matrix_parameters,
        verdicts: summary.verdicts.clone(),
        ..Group::default()
    }
}

fn group(name: String, group: &Group) -> Vec<String> {
    let verdicts: Vec<String> = group
        .verdicts
        .iter()
        .map(|count| format!("{} {}", count.matrices, verdict_word(count.kind)))
        .collect();
    vec![
        name,
        group.matrices.to_string(),
        grouped(group.parameters as usize),
        group.effective_rank_share.map_or(String::new(), percent),
        fixed(group.heavy_alpha, 1),
        verdicts.join(", "),
    ]
}

/// `1 matrix`, `2 matrices`.
pub(super) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
