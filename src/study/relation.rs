//! The cell that another one is held against.

use super::cell::{Cell, Value, words};
use super::done::Done;
use super::plan::StudyPlan;
use std::collections::BTreeMap;

/// The cell that is equal to `cell` of `group` but in the variables of `to`, `group` among them: its group and variables.
/// Variables that its group does not have do not count.
///
/// # Errors
///
/// A sentence: there is no such cell, or there are several.
pub(super) fn counterpart<'a>(
    plan: &'a StudyPlan,
    group: &str,
    cell: &Cell,
    to: &BTreeMap<String, Value>,
) -> Result<(&'a str, &'a Cell), String> {
    let mut wanted = cell.clone();
    let mut other = group.to_owned();
    for (name, value) in to {
        if name == "group" {
            other = value.to_string();
        } else {
            wanted.insert(name.clone(), value.clone());
        }
    }
    let at = || match words(cell) {
        words if words.is_empty() => group.to_owned(),
        words => format!("{group} at {words}"),
    };
    let groups = plan.groups.iter().filter(|group| group.name == other);
    let cells = groups.flat_map(|group| group.cells.iter().map(move |cell| (group, cell)));
    let same = |(name, value): (&String, &Value)| wanted.get(name).is_none_or(|w| w.equals(value));
    let mut fits = cells.filter(|(_, cell)| {
        let asked = to.keys().filter(|name| *name != "group");
        let mut asked = asked.filter(|name| !cell.variables.contains_key(*name));
        asked.next().is_none() && cell.variables.iter().all(same)
    });
    let (group, found) = fits
        .next()
        .ok_or_else(|| format!("{} has no cell to be held against ({})", at(), words(to)))?;
    match fits.next() {
        None => Ok((&group.name, &found.variables)),
        Some(_) => Err(format!(
            "{} may be held against several cells ({}); name the variables that tell them apart",
            at(),
            words(to)
        )),
    }
}

/// The run of its counterpart that `runs[from]` is held against: that of the same seed, or the only one.
pub(super) fn related(
    plan: &StudyPlan,
    runs: &[Done<'_>],
    from: usize,
    to: &BTreeMap<String, Value>,
) -> Option<usize> {
    let run = &runs[from];
    let all = of_counterpart(plan, runs, from, to);
    let same = all.iter().find(|&&other| runs[other].seed == run.seed);
    match (same, all[..].first()) {
        (Some(&same), _) => Some(same),
        (None, Some(&only)) if all.len() == 1 => Some(only),
        _ => None,
    }
}

/// All runs of the counterpart of `runs[from]`.
pub(super) fn of_counterpart(
    plan: &StudyPlan,
    runs: &[Done<'_>],
    from: usize,
    to: &BTreeMap<String, Value>,
) -> Vec<usize> {
    let run = &runs[from];
    let Ok((group, cell)) = counterpart(plan, run.group, run.cell, to) else {
        return Vec::new();
    };
    let is_it = |place: &usize| runs[*place].group == group && runs[*place].cell == cell;
    (0..runs.len()).filter(is_it).collect()
}
