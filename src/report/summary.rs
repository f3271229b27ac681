//! What a whole model comes to, for the terminal.

use super::format::fixed;
use super::table::Rows;
use super::text::{counted, file_name, grouped, shown_name};
use crate::spectrum::{Group, Mention, Summary, VerdictKind};
use console::Style;

/// Width that lines of names keep to where they can.
const WIDTH: usize = 110;

/// What matrices of a verdict are: `6 with spikes`.
pub(super) fn verdict_words(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Noise => "like noise",
        VerdictKind::Spikes => "with spikes",
        VerdictKind::HeavyTail => "with a heavy tail",
        VerdictKind::NoBulk => "without a random bulk",
        VerdictKind::LowRank => "of low rank",
        VerdictKind::Degenerate => "too little to judge",
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
///
/// Layers of one of several files are named with it.
pub(super) fn summary_text(summary: &Summary, several_files: bool, colours: bool) -> String {
    if summary.matrices == 0 {
        return String::new();
    }
    let mut text = format!(
        "{} parameters in {}, {} in the {} analysed.\n\n",
        grouped(summary.parameters as usize),
        counted(summary.tensors, "tensor"),
        grouped(summary.matrix_parameters as usize),
        counted(summary.matrices, "matrix"),
    );
    let mut rows = Rows::new(
        &["role", "matrices", "parameters", "eff. rank", "alpha", ""],
        1,
        5,
    );
    if summary.roles.len() > 1 {
        for role in &summary.roles {
            rows.add(
                group(role_words(role.role.key()), &role.group),
                Style::new(),
            );
        }
    }
    rows.add(group("all".to_owned(), &all(summary)), Style::new());
    text += &rows.show(colours);
    text += &chance(summary).map_or(String::new(), |words| format!("by chance     {words}\n"));
    let name = |layer: &Mention| {
        if several_files {
            format!("{} of {}", layer.name, file_name(&layer.file))
        } else {
            layer.name.clone()
        }
    };
    text += &line("like noise", summary.like_noise.iter().map(name).collect());
    let compressible = summary.compressible.iter().map(|c| {
        let (rank, share) = (c.energy_rank, percent(c.parameter_share));
        format!(
            "{} (rank {rank}: 90 % of Σs² in {share} of the numbers)",
            name(&c.layer)
        )
    });
    text += &line("compressible", compressible.collect());
    let suspicious = summary.suspicious.iter();
    text += &line(
        "look at",
        suspicious
            .map(|s| format!("{} ({})", name(&s.layer), s.reason))
            .collect(),
    );
    text
}

/// How many layers chance alone would give spikes, where any are said to have them.
pub(super) fn chance(summary: &Summary) -> Option<String> {
    let spiked = summary
        .verdicts
        .iter()
        .find(|v| v.kind == VerdictKind::Spikes)?;
    let expected = summary.expected_by_chance;
    let expected = if expected < 0.1 {
        "less than 0.1".to_owned()
    } else {
        format!("about {expected:.1}")
    };
    Some(format!("{expected} of the {} with spikes", spiked.matrices))
}

/// A line that names as many layers as fit, at least one, and says how many more there are; empty without any.
fn line(heading: &str, named: Vec<String>) -> String {
    let mut text = format!("{heading:<12}");
    for (i, name) in named.iter().enumerate() {
        let more = named.len() - i;
        let separator = if i == 0 { "  " } else { "; " };
        if i > 0 && text.chars().count() + name.chars().count() > WIDTH {
            return format!("{text}; {more} more\n");
        }
        text += &format!("{separator}{name}");
    }
    if named.is_empty() {
        String::new()
    } else {
        text + "\n"
    }
}

/// All matrices as one group, but for the medians.
pub(super) fn all(summary: &Summary) -> Group {
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
        .map(|count| format!("{} {}", count.matrices, verdict_words(count.kind)))
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

#[cfg(test)]
mod tests {
    use super::line;

    /// Would catch a line that names none, or says of one that it names that there is one more.
    #[test]
    fn lines_name_as_many_as_fit() {
        let names = |count: usize| vec!["x".repeat(40); count];
        let x = "x".repeat(40);
        assert_eq!(line("look at", names(0)), "");
        assert_eq!(
            line("look at", names(2)),
            format!("look at       {x}; {x}\n")
        );
        assert_eq!(
            line("look at", names(5)),
            format!("look at       {x}; {x}; 3 more\n")
        );
        let long = "y".repeat(200);
        assert_eq!(
            line("look at", vec![long.clone(), x]),
            format!("look at       {long}; 1 more\n")
        );
    }
}
