//! What must hold in a study before anything is run.

use super::cell::{Cell, Value};
use super::file::{Claim, Demand, Products, Several, What};
use super::plan::StudyPlan;
use std::collections::{BTreeMap, BTreeSet};

/// Most numbers of a random matrix.
const MOST_ENTRIES: usize = 1 << 26;

/// Checks that names are told apart and lead somewhere.
///
/// # Errors
///
/// One sentence.
pub(super) fn study(plan: &StudyPlan) -> Result<(), String> {
    let study = &plan.study;
    if study.groups.is_empty() || study.measures.is_empty() {
        return Err("a study needs a group and a measure".into());
    }
    unique(
        "group",
        study.groups.iter().map(|group| group.name.as_str()),
    )?;
    unique(
        "measure",
        study.measures.iter().map(|measure| measure.name.as_str()),
    )?;
    unique(
        "figure",
        study.figures.iter().map(|figure| figure.name.as_str()),
    )?;
    let variables = variables(plan);
    let groups: BTreeSet<&str> = study
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    let known = |kind: &str, name: &str, all: &BTreeSet<&str>| match all.contains(name) {
        true => Ok(()),
        false => {
            let all: Vec<&str> = all.iter().copied().collect();
            Err(format!(
                "no {kind} is called {name}; there are {}",
                all.join(", ")
            ))
        }
    };
    let mut measures = BTreeSet::new();
    for measure in &study.measures {
        let told = |problem: String| format!("measure {}: {problem}", measure.name);
        let what = measure.what().ok_or_else(|| {
            told("says nothing, or more than one thing; give one of column, compare, analyze, eigenvalues, families, fit, \
                  sketch, decay, ratio, difference"
                .into())
        })?;
        for group in &measure.groups {
            known("group", group, &groups).map_err(told)?;
        }
        if let What::Ratio(relation) | What::Difference(relation) = what {
            for name in std::iter::once(&relation.of).chain(&relation.by) {
                known("earlier measure", name, &measures).map_err(told)?;
            }
            changes(&relation.to, &variables, &groups).map_err(told)?;
        }
        measures.insert(measure.name.as_str());
    }
    for figure in &study.figures {
        let told = |problem: String| format!("figure {}: {problem}", figure.name);
        if figure.y.is_empty() {
            return Err(told("has no measure on its vertical axis".into()));
        }
        if !figure
            .name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
        {
            return Err(told(
                "its name is that of files: letters, digits and - are allowed".into(),
            ));
        }
        for name in figure.y.iter().chain(&figure.beside) {
            known("measure", name, &measures).map_err(told)?;
        }
        for group in &figure.groups {
            known("group", group, &groups).map_err(told)?;
        }
        let place = ["iteration", "order", "value"].contains(&figure.x.as_str());
        if !place && !measures.contains(figure.x.as_str()) {
            known("variable or measure", &figure.x, &variables).map_err(told)?;
        }
        for name in &figure.lines {
            known("variable", name, &variables).map_err(told)?;
        }
        only(&figure.only, &variables, &groups).map_err(told)?;
    }
    for claim in &study.claims {
        let told = |problem: String| format!("claim \"{}\": {problem}", claim.claim);
        known("measure", &claim.measure, &measures).map_err(told)?;
        only(&claim.only, &variables, &groups).map_err(told)?;
        demand(claim, &variables, &groups).map_err(told)?;
    }
    Ok(())
}

fn demand(
    claim: &Claim,
    variables: &BTreeSet<&str>,
    groups: &BTreeSet<&str>,
) -> Result<(), String> {
    if claim
        .tolerance
        .is_some_and(|t| !(t.is_finite() && t >= 0.0))
    {
        return Err("a tolerance is finite and not negative".into());
    }
    match claim.demand() {
        None => Err(
            "demands nothing, or more than one thing; give one of value, at-least, at-most, above, below".into(),
        ),
        Some(Demand::Value(_)) if claim.tolerance.is_none() => Err(
            "a published number needs a tolerance: how far ours may be off and still agree".into(),
        ),
        Some(Demand::Above(to) | Demand::Below(to)) if to.is_empty() => {
            Err("says above or below nothing; name the variables in which the other cell differs".into())
        }
        Some(Demand::Above(to) | Demand::Below(to)) => changes(to, variables, groups),
        Some(_) => Ok(()),
    }
}

/// Variables that another cell differs in.
fn changes(
    to: &BTreeMap<String, Value>,
    variables: &BTreeSet<&str>,
    groups: &BTreeSet<&str>,
) -> Result<(), String> {
    let each = to
        .iter()
        .map(|(name, value)| (name.clone(), Several::One(value.clone())));
    only(&each.collect(), variables, groups)
}

/// Variables that cells are selected by.
fn only(
    selected: &BTreeMap<String, Several>,
    variables: &BTreeSet<&str>,
    groups: &BTreeSet<&str>,
) -> Result<(), String> {
    for (name, values) in selected {
        if name == "group" {
            let named = groups
                .iter()
                .any(|group| values.has(&Value::Word((*group).into())));
            if !named {
                let all: Vec<&str> = groups.iter().copied().collect();
                return Err(format!("names no group; there are {}", all.join(", ")));
            }
        } else if !variables.contains(name.as_str()) {
            let all: Vec<&str> = variables.iter().copied().collect();
            return Err(format!(
                "{name} is no variable; there are {}",
                all.join(", ")
            ));
        }
    }
    Ok(())
}

/// All variables of all groups.
fn variables(plan: &StudyPlan) -> BTreeSet<&str> {
    let cells = plan.groups.iter().flat_map(|group| &group.cells);
    let each = cells.flat_map(|cell| {
        let chosen = cell
            .candidates
            .iter()
            .flat_map(|candidate| candidate.variables.keys());
        cell.variables.keys().chain(chosen)
    });
    each.map(String::as_str).collect()
}

fn unique<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("two {kind}s are called {name}"));
        }
    }
    Ok(())
}

/// The shape of a random matrix.
///
/// # Errors
///
/// One sentence.
pub(super) fn shape(shape: &[usize]) -> Result<(), String> {
    let entries = shape
        .iter()
        .try_fold(1usize, |product, &n| product.checked_mul(n));
    if !(2..=5).contains(&shape.len()) || shape.contains(&0) {
        return Err(format!(
            "{shape:?} is no shape of a matrix; give outputs and inputs"
        ));
    }
    match entries.is_some_and(|entries| entries <= MOST_ENTRIES) {
        true => Ok(()),
        false => Err(format!("{shape:?} has more than {MOST_ENTRIES} entries")),
    }
}

/// A layer whose products are timed.
///
/// # Errors
///
/// One sentence.
pub(super) fn products(layer: &Products, cell: &Cell) -> Result<(), String> {
    let Products {
        rows,
        columns,
        blocks,
        batch,
    } = *layer;
    let at = super::words(cell);
    shape(&[rows, columns])?;
    if blocks == 0 || !rows.is_multiple_of(blocks) || !columns.is_multiple_of(blocks) {
        return Err(format!(
            "{blocks} blocks do not divide {rows}x{columns} ({at})"
        ));
    }
    match (1..=4096).contains(&batch) {
        true => Ok(()),
        false => Err(format!("a batch of {batch} is not timed; 1 to 4096 are")),
    }
}
