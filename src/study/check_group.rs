//! Checks on one group: its settings, its cells, and the sizes that they ask for.

use super::cell::{Cell, Value, words};
use super::file::{Group, Products};
use super::plan::CellPlan;
use std::collections::BTreeSet;

/// Most numbers of a random matrix.
const MOST_ENTRIES: usize = 1 << 26;

/// Checks what a group says by itself.
///
/// # Errors
///
/// One sentence.
pub(super) fn group(group: &Group) -> Result<(), String> {
    if group.seeds.is_empty() {
        return Err("has no seeds; leave them out, or give one".into());
    }
    let seeds: BTreeSet<u64> = group.seeds.iter().copied().collect();
    if seeds.len() < group.seeds.len() {
        return Err("has a seed twice, which would count as two runs".into());
    }
    if group.set.contains_key("seed") {
        return Err("sets the seed; give the group seeds".into());
    }
    match &group.choose {
        Some(choose) if choose.held_out == 0 => {
            Err("holds no samples out, so that it would choose by the test samples".into())
        }
        Some(choose) if choose.among.is_empty() => Err("chooses among nothing".into()),
        _ => Ok(()),
    }
}

/// Checks that no two cells of a group are the same and that no variable has a name with another meaning.
///
/// # Errors
///
/// One sentence.
pub(super) fn cells(cells: &[CellPlan]) -> Result<(), String> {
    for (place, cell) in cells.iter().enumerate() {
        let chosen = cell
            .candidates
            .iter()
            .flat_map(|candidate| candidate.variables.keys());
        let mut names = cell.variables.keys().chain(chosen);
        if let Some(name) = names.find(|name| RESERVED.contains(&name.as_str())) {
            return Err(format!(
                "a variable cannot be called {name}; it has another meaning"
            ));
        }
        let same = |other: &CellPlan| {
            let equal = |(name, value): (&String, &Value)| {
                other
                    .variables
                    .get(name)
                    .is_some_and(|other| other.equals(value))
            };
            other.variables.len() == cell.variables.len() && cell.variables.iter().all(equal)
        };
        if cells[..place].iter().any(same) {
            let cell = words(&cell.variables);
            return Err(format!(
                "two cells are the same ({cell}), which would count as two runs"
            ));
        }
    }
    Ok(())
}

/// Names that variables cannot have.
const RESERVED: [&str; 6] = ["group", "seed", "iteration", "order", "value", ""];

/// Checks the shape of a random matrix.
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
    if entries.is_some_and(|entries| entries <= MOST_ENTRIES) {
        Ok(())
    } else {
        Err(format!("{shape:?} has more than {MOST_ENTRIES} entries"))
    }
}

/// Checks a layer whose products are timed.
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
    let at = words(cell);
    shape(&[rows, columns])?;
    if blocks == 0 || !rows.is_multiple_of(blocks) || !columns.is_multiple_of(blocks) {
        return Err(format!(
            "{blocks} blocks do not divide {rows}x{columns} ({at})"
        ));
    }
    if (1..=4096).contains(&batch) {
        Ok(())
    } else {
        Err(format!("a batch of {batch} is not timed; 1 to 4096 are"))
    }
}
