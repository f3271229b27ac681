//! Layers that get one size because their names differ in given parts alone.

use super::PlanError;
use super::candidate::Candidate;
use crate::weights::{Gap, escape};
use std::collections::HashMap;

/// Gives layers one key whose names differ in the parts of a tie alone.
pub(super) fn tie(
    list: &mut [Result<Candidate, Gap>],
    ties: &[Vec<String>],
) -> Result<(), PlanError> {
    let mut shapes: HashMap<String, (String, [usize; 3])> = HashMap::new();
    for (number, parts) in ties.iter().enumerate() {
        let mut is_tied = false;
        if parts.is_empty() {
            let problem = "a tie names no parts of names that differ, as q_proj,k_proj";
            return Err(PlanError::Layers(problem.into()));
        }
        for part in parts {
            let mut is_met = false;
            for candidate in list.iter_mut().flatten() {
                let framed = format!(".{}.", candidate.name.replace('/', "."));
                let Some(at) = framed.find(&format!(".{part}.")) else {
                    continue;
                };
                is_met = true;
                let rest = &framed[at + 1 + part.len()..];
                let key = format!("{number}\0{}\0{rest}", &framed[..=at]);
                let shape = [candidate.m, candidate.n, candidate.blocks];
                let (first, theirs) = shapes
                    .entry(key.clone())
                    .or_insert_with(|| (candidate.name.clone(), shape));
                is_tied |= *first != candidate.name;
                if *theirs != shape {
                    return Err(PlanError::Layers(format!(
                        "{} is {} × {} and {} is {} × {}: layers of unequal shapes cannot be tied",
                        escape(first),
                        theirs[0],
                        theirs[1],
                        escape(&candidate.name),
                        shape[0],
                        shape[1]
                    )));
                }
                if candidate.tie.replace(key).is_some() {
                    let name = escape(&candidate.name);
                    return Err(PlanError::Layers(format!("{name} is in two ties")));
                }
            }
            if !is_met {
                let part = escape(part);
                return Err(PlanError::Layers(format!(
                    "no layer in the budget has {part} in its name, which is to be tied"
                )));
            }
        }
        if !is_tied {
            return Err(PlanError::Layers(format!(
                "no names of layers differ in {} alone: nothing is tied",
                escape(&parts.join(" and "))
            )));
        }
    }
    Ok(())
}
