//! What must hold in a study before anything is run.

use super::cell::{Cell, Value, words};
use super::file::{Claim, Demand, FigureSettings, Several, What};
use super::plan::{CellPlan, StudyPlan};
use super::relation::counterpart;
use super::verdict::is_about;
use std::collections::{BTreeMap, BTreeSet};

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
    if study.shortened == 0 {
        return Err(
            "shortened is 0; it is how many times shorter trainings are, 1 for their full length"
                .into(),
        );
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
    let mut variables = variables(plan);
    if plan.groups.iter().any(|group| group.cells.is_empty()) {
        // The variables of a table that is not there are not known: any name may be one.
        let figures = study.figures.iter();
        let figures = figures.flat_map(|f| f.lines.iter().chain(f.only.keys()).chain([&f.x]));
        let claims = study.claims.iter().flat_map(|claim| {
            let others = claim
                .above
                .iter()
                .chain(&claim.below)
                .flat_map(BTreeMap::keys);
            claim.only.keys().chain(others)
        });
        variables.extend(figures.chain(claims).map(String::as_str));
    }
    let groups: BTreeSet<&str> = study
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    let known = |kind: &str, name: &str, all: &BTreeSet<&str>| {
        if all.contains(name) {
            Ok(())
        } else {
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
            if relation.by.is_none() && relation.to.is_empty() {
                return Err(told(
                    "is held against itself; give it by, another measure, or to, another cell"
                        .into(),
                ));
            }
            changes(&relation.to, &variables, &groups).map_err(told)?;
            let is_of = |group: &str, _: &Cell| measure.is_of(group);
            held_against(plan, &relation.to, is_of).map_err(told)?;
        }
        if let What::Weights("compare", settings) = what {
            let to = settings.get("to").and_then(toml::Value::as_table);
            let each = to.into_iter().flatten();
            let each = each.map(|(name, value)| Ok((name.clone(), Value::new(value)?)));
            let to: BTreeMap<String, Value> = each.collect::<Result<_, String>>().map_err(told)?;
            if to.is_empty() {
                return Err(told(
                    "compares nothing; give it to, the variables of the other run".into(),
                ));
            }
            changes(&to, &variables, &groups).map_err(told)?;
            held_against(plan, &to, |group, _| measure.is_of(group)).map_err(told)?;
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
        lines(plan, figure).map_err(told)?;
    }
    for claim in &study.claims {
        let told = |problem: String| format!("claim \"{}\": {problem}", claim.claim);
        known("measure", &claim.measure, &measures).map_err(told)?;
        only(&claim.only, &variables, &groups).map_err(told)?;
        demand(claim, &variables, &groups).map_err(told)?;
        let measure = study.measure(&claim.measure);
        let is_of = |group: &str, cell: &Cell| {
            measure.is_some_and(|measure| measure.is_of(group)) && is_about(claim, group, cell)
        };
        if let Some(Demand::Above(to) | Demand::Below(to)) = claim.demand() {
            held_against(plan, to, is_of).map_err(told)?;
        }
        let cells = || {
            plan.groups
                .iter()
                .flat_map(|group| group.cells.iter().map(move |cell| (group, cell)))
        };
        let known = plan.groups.iter().all(|group| !group.cells.is_empty());
        if known && !cells().any(|(group, cell)| is_of(&group.name, &cell.variables)) {
            return Err(told("is about no cell of the study; look at where".into()));
        }
        for (name, values) in claim
            .only
            .iter()
            .filter(|(name, _)| known && *name != "group")
        {
            let is_there = |value: &Value| {
                cells().any(|(_, cell)| {
                    cell.variables
                        .get(name)
                        .is_some_and(|found| found.equals(value))
                })
            };
            if let Some(value) = values.all().iter().find(|value| !is_there(value)) {
                return Err(told(format!("no cell has {name} = {value}")));
            }
        }
    }
    Ok(())
}

fn demand(
    claim: &Claim,
    variables: &BTreeSet<&str>,
    groups: &BTreeSet<&str>,
) -> Result<(), String> {
    let numbers = [claim.value, claim.at_least, claim.at_most, claim.at];
    if numbers.into_iter().flatten().any(|x| !x.is_finite()) {
        return Err("has a number that is not finite".into());
    }
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

/// Checks that every cell of the groups on which a measure or claim is made has one cell to be held against.
fn held_against(
    plan: &StudyPlan,
    to: &BTreeMap<String, Value>,
    mut is_of: impl FnMut(&str, &Cell) -> bool,
) -> Result<(), String> {
    // A table that is not there has no cells; what is held against it is not judged.
    if plan.groups.iter().any(|group| group.cells.is_empty()) {
        return Ok(());
    }
    for group in &plan.groups {
        for cell in &group.cells {
            if is_of(&group.name, &cell.variables) {
                counterpart(plan, &group.name, &cell.variables, to)?;
            }
        }
    }
    Ok(())
}

/// Checks that no line of a figure goes through two cells at one place.
fn lines(plan: &StudyPlan, figure: &FigureSettings) -> Result<(), String> {
    if plan.study.measure(&figure.x).is_some() {
        return Ok(());
    }
    for group in &plan.groups {
        if !figure.groups.is_empty() && !figure.groups.contains(&group.name) {
            continue;
        }
        let drawn = |cell: &&CellPlan| {
            let asked = |(name, values): (&String, &Several)| match name.as_str() {
                "group" => values.has(&Value::Word(group.name.clone())),
                name => cell
                    .variables
                    .get(name)
                    .is_some_and(|value| values.has(value)),
            };
            figure.only.iter().all(asked)
        };
        let told = |cell: &CellPlan| -> Vec<Option<String>> {
            let names = figure.lines.iter().chain([&figure.x]);
            names
                .map(|name| cell.variables.get(name).map(Value::to_string))
                .collect()
        };
        let measured = figure.y.iter().any(|name| {
            let measure = plan.study.measure(name);
            measure.is_some_and(|measure| measure.is_of(&group.name))
        });
        let mut seen = BTreeSet::new();
        for cell in group.cells.iter().filter(drawn) {
            if measured && !seen.insert(told(cell)) {
                return Err(format!(
                    "several cells of {} lie on one line, as that of {}; name the variables that tell them apart in lines",
                    group.name,
                    words(&cell.variables)
                ));
            }
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
        if name.trim().is_empty() {
            return Err(format!("a {kind} has no name"));
        }
        if !seen.insert(name) {
            return Err(format!("two {kind}s are called {name}"));
        }
    }
    Ok(())
}
