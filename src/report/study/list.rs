//! Studies to a table: what there is, what it costs and what is done.

use crate::report::table::Rows;
use crate::study::StudyPlan;
use crate::weights::escape;
use console::Style;
use serde_json::{Value, json};

/// Returns the list of studies as JSON: an array with an object a study.
pub fn study_list_to_json(studies: &[(&StudyPlan, (usize, usize))]) -> String {
    let each = studies.iter().map(|(plan, (kept, all))| {
        let missing = plan.missing();
        let sets = plan.data.keys().map(|set| {
            let problem = missing.iter().find(|(name, _)| *name == set);
            json!({ "set": set, "problem": problem.map(|(_, problem)| problem) })
        });
        json!({
            "id": plan.id,
            "title": plan.study.title,
            "source": plan.study.source,
            "question": plan.study.question,
            "cost": plan.study.cost,
            "shortened": plan.shortened,
            "data": sets.collect::<Vec<_>>(),
            "trainings": all,
            "kept": kept,
        })
    });
    format!("{:#}\n", Value::Array(each.collect()))
}

/// One row a study: its id, the data that it needs, how many of its runs are kept (given beside it, with how many there
/// are), what it costs, and its source.
pub fn study_list(studies: &[(&StudyPlan, (usize, usize))], colours: bool) -> String {
    let mut rows = Rows::new(&["study", "data", "done", "cost", ""], 2, 3);
    for (plan, (kept, all)) in studies {
        let missing = plan.missing();
        let is_missing = |set: &str| missing.iter().any(|(name, _)| *name == set);
        let sets = plan.data.keys().map(|set| {
            if is_missing(set) {
                format!("no {set}")
            } else {
                set.clone()
            }
        });
        let sets: Vec<String> = sets.collect();
        let done = match (*all, missing.is_empty()) {
            (0, true) => String::new(),
            (0, false) => "-".into(),
            (all, _) => format!("{kept}/{all}"),
        };
        let study = &plan.study;
        let source = if study.source.is_empty() {
            &study.title
        } else {
            &study.source
        };
        let cost = match plan.shortened {
            1 => study.cost.clone(),
            times => format!("1/{times} of {}", study.cost),
        };
        let row = vec![
            escape(&plan.id),
            escape(&sets.join(", ")),
            done,
            escape(&cost),
            escape(source),
        ];
        let style = match (missing.is_empty(), kept == all && *all > 0) {
            (false, _) => Style::new().yellow(),
            (true, true) => Style::new().green(),
            (true, false) => Style::new(),
        };
        rows.add(row, style);
    }
    rows.show(colours)
}
