//! Which labels occur, and how they are written.

use crate::weights::escape_within;

/// Runs of labels that are listed at most.
const MOST: usize = 6;
/// Longest name that is shown, in characters.
const LONGEST: usize = 40;

/// Returns the labels below `classes` that none of `labels` is, in ascending order.
pub(super) fn absent(classes: usize, labels: impl IntoIterator<Item = u16>) -> Vec<u16> {
    let mut occurs = vec![false; classes];
    for label in labels {
        occurs[usize::from(label)] = true;
    }
    let labels = (0..).zip(occurs).filter(|(_, occurs)| !occurs);
    labels.map(|(label, _)| label).collect()
}

/// Writes ascending labels down, runs of them by their ends and single ones with their names, where they have any that is not
/// the number itself: `label 0`, `labels 1, 3 (cat) and 7 to 9`.
pub(super) fn shown_labels(labels: &[u16], names: &[String]) -> String {
    let runs: Vec<&[u16]> = labels.chunk_by(|a, b| a + 1 == *b).collect();
    let shown = |label: u16| match names.get(usize::from(label)) {
        Some(name) if *name != label.to_string() => {
            format!("{label} ({})", escape_within(name, LONGEST))
        }
        _ => label.to_string(),
    };
    let mut texts: Vec<String> = Vec::new();
    for run in runs.iter().take(MOST) {
        match **run {
            [first, _, .., last] => texts.push(format!("{first} to {last}")),
            _ => texts.extend(run.iter().map(|&label| shown(label))),
        }
    }
    let listed: usize = runs.iter().take(MOST).map(|run| run.len()).sum();
    if listed < labels.len() {
        texts.push(format!("{} more", labels.len() - listed));
    }
    let last = texts.pop().unwrap_or_default();
    match (labels.len(), texts.is_empty()) {
        (1, _) => format!("label {last}"),
        (_, true) => format!("labels {last}"),
        _ => format!("labels {} and {last}", texts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{absent, shown_labels};

    /// Catches a label that is left out, a run that ends one early, a name of a wrong label and a list without end.
    #[test]
    fn labels_are_listed_in_few_words() {
        let names: Vec<String> = (0..12).map(|i| format!("k{i}")).collect();
        let numbers: Vec<String> = (0..12).map(|i| i.to_string()).collect();
        let labels = absent(12, [1, 2, 11, 5, 5]);
        assert_eq!(labels, [0, 3, 4, 6, 7, 8, 9, 10]);
        let text = shown_labels(&labels, &names);
        assert_eq!(text, "labels 0 (k0), 3 (k3), 4 (k4) and 6 to 10");
        assert_eq!(shown_labels(&[0], &numbers), "label 0");
        assert_eq!(shown_labels(&[5, 6, 7], &[]), "labels 5 to 7");
        let odd: Vec<u16> = (0..100).map(|i| 2 * i).collect();
        assert_eq!(
            shown_labels(&odd, &[]),
            "labels 0, 2, 4, 6, 8, 10 and 94 more"
        );
    }
}
