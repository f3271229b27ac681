//! A recipe from text, its mistakes with their lines.

use super::{Augment, Recipe};

/// Most samples of a step.
const MOST_SAMPLES: usize = 1 << 20;

/// Most steps of all phases: more could not be counted exactly by a float.
const MOST_ITERATIONS: u64 = 1 << 53;

/// A mistake in a recipe, and its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RecipeError {
    /// From 1.
    pub line: usize,
    /// The problem, and what may be done about it.
    pub problem: String,
}

/// The recipe that `text` is.
///
/// # Errors
///
/// [`RecipeError`]: no TOML, an unknown key or family, a missing key, a number out of its range.
pub fn read(text: &str) -> Result<Recipe, RecipeError> {
    let recipe: Recipe = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    check(&recipe).map_err(|(table, problem)| RecipeError {
        line: line_of(text, table).unwrap_or(1),
        problem,
    })?;
    Ok(recipe)
}

/// The line on which byte `at` of `text` stands, from 1.
pub(in crate::train) fn line_at(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    1 + before.filter(|&&byte| byte == b'\n').count()
}

/// The line on which the table `[name]` begins.
fn line_of(text: &str, name: &str) -> Option<usize> {
    let header = format!("[{name}]");
    let bare = |line: &str| {
        line.split('#')
            .next()
            .is_some_and(|line| line.trim() == header)
    };
    let position = text.lines().position(bare)?;
    Some(position + 1)
}

/// Locates an error of the parser; for an unknown key of a table, at the line of that key.
fn syntax(text: &str, error: &toml::de::Error) -> RecipeError {
    let problem = error.message().lines().next().unwrap_or("no TOML");
    let start = error.span().map_or(0, |span| span.start);
    let key = problem
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next());
    let inside = key.and_then(|key| key_after(text.get(start..)?, key));
    RecipeError {
        line: line_at(text, start + inside.unwrap_or(0)),
        problem: problem.to_string(),
    }
}

/// The offset at which `key` is set in the table at the beginning of `text`.
fn key_after(text: &str, key: &str) -> Option<usize> {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number > 0 && line.starts_with('[') {
            return None;
        }
        let set = line.match_indices(key).find(|(column, _)| {
            let rest = line[column + key.len()..].trim_start();
            rest.starts_with('=')
        });
        if let Some((column, _)) = set {
            return Some(at + column);
        }
        at += line.len();
    }
    None
}

/// Checks numbers; returns the table and the problem of the first that is out of range.
fn check(recipe: &Recipe) -> Result<(), (&'static str, String)> {
    let training = &recipe.training;
    let wrong = |table, problem: &str| Err((table, problem.to_string()));
    let lengths = [training.iterations.is_some(), training.epochs.is_some()];
    match (lengths, recipe.phases.is_empty()) {
        ([false, false], true) => {
            return wrong("training", "says neither iterations nor epochs; say one");
        }
        ([true, true], _) => {
            return wrong("training", "says both iterations and epochs; say one");
        }
        ([true, false] | [false, true], false) => {
            return wrong(
                "training",
                "says how long although there are phases; each phase says its own iterations",
            );
        }
        _ => {}
    }
    if training.epochs.is_some_and(|e| !(e.is_finite() && e > 0.0)) {
        return wrong("training", "epochs must be a positive number");
    }
    if recipe.name.is_empty() {
        return wrong("", "name is empty; leave it out, or give one");
    }
    if !(1..=MOST_SAMPLES).contains(&training.batch) {
        return Err(("training", format!("batch must be 1 to {MOST_SAMPLES}")));
    }
    let lengths = recipe.phases.iter().map(|p| p.get_ref().iterations);
    let lengths = lengths.chain(training.iterations);
    let total = lengths.fold(0u64, u64::saturating_add);
    if total > MOST_ITERATIONS || training.epochs.is_some_and(|e| e > 1e9) {
        return Err((
            "training",
            format!("more than {MOST_ITERATIONS} iterations or 1e9 epochs"),
        ));
    }
    for layer in &recipe.layers {
        if layer.get_ref().bias().is_some_and(|bias| !bias.is_finite()) {
            return wrong("layer", "a bias is no finite number");
        }
    }
    let changes = recipe
        .phases
        .iter()
        .flat_map(|p| p.get_ref().layers.values());
    let mut strengths = changes.filter_map(|change| Some(change.penalty?.strength));
    if !strengths.all(|x| x.is_finite() && x >= 0.0) {
        return wrong(
            "phase",
            "the strength of a penalty must be finite and not negative",
        );
    }
    if !training.optimizer.is_sound() {
        return wrong(
            "training",
            "a number of the optimizer is out of range: momentum and betas lie in [0, 1), \
             epsilon is positive, decay and bias-rate are not negative",
        );
    }
    let rates = recipe.phases.iter().filter_map(|p| p.get_ref().rate);
    if !rates.chain([training.rate]).all(|rate| rate.is_sound()) {
        return wrong(
            "training",
            "a number of a rate is out of range: all are finite and not negative, every at least 1",
        );
    }
    if recipe.record.every == 0 || recipe.record.checkpoint == 0 {
        return wrong("record", "every and checkpoint must be at least 1");
    }
    if recipe.data.scale.is_some_and(|scale| !scale.is_finite()) {
        return wrong("data", "scale must be a finite number");
    }
    if recipe.data.train == Some(0) {
        return wrong("data", "train must be at least 1");
    }
    if recipe.data.augment == Some(Augment::default()) {
        return wrong(
            "data",
            "augment changes nothing; give it padding or flip, or leave it out",
        );
    }
    if recipe.data.held_out == Some(0) {
        return wrong(
            "data",
            "held-out must be at least 1; leave it out to test with the test samples",
        );
    }
    Ok(())
}
