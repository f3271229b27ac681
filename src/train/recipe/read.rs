//! A recipe from text, its mistakes with their lines.

use super::place::{line_of, line_of_key};
use super::{Augment, Recipe};

/// Most samples of a step.
const MOST_SAMPLES: usize = 1 << 20;

/// Most steps of all phases: more could not be counted exactly by a float.
const MOST_ITERATIONS: u64 = 1 << 53;

/// Most passes over the samples.
const MOST_EPOCHS: f64 = 1e9;

/// The error text for a rate.
const RATE: &str =
    "a number of a rate is out of range: all are finite and not negative, every at least 1";

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
    check(&recipe).map_err(|Wrong { path, problem }| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        RecipeError {
            line: line_of(text, &path).unwrap_or(1),
            problem,
        }
    })?;
    Ok(recipe)
}

/// Locates an error of the parser; for an unknown key of a table, at the line of that key.
fn syntax(text: &str, error: &toml::de::Error) -> RecipeError {
    let problem = error.message().lines().next().unwrap_or("no TOML");
    let start = error.span().map_or(0, |span| span.start);
    let key = problem
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next());
    RecipeError {
        line: line_of_key(text, start, key),
        problem: problem.to_string(),
    }
}

/// A setting that cannot be, by its path.
struct Wrong {
    path: Vec<String>,
    problem: String,
}

fn wrong(path: &[&str], problem: impl Into<String>) -> Result<(), Wrong> {
    Err(Wrong {
        path: path.iter().map(|&step| step.to_owned()).collect(),
        problem: problem.into(),
    })
}

/// Checks numbers.
///
/// # Errors
///
/// The first that is out of range.
fn check(recipe: &Recipe) -> Result<(), Wrong> {
    let training = &recipe.training;
    let lengths = [training.iterations.is_some(), training.epochs.is_some()];
    let length = ["training"];
    match (lengths, recipe.phases.is_empty()) {
        ([false, false], true) => {
            return wrong(&length, "says neither iterations nor epochs; say one");
        }
        ([true, true], _) => return wrong(&length, "says both iterations and epochs; say one"),
        ([true, false] | [false, true], false) => {
            return wrong(
                &length,
                "says how long although there are phases; each phase says its own iterations",
            );
        }
        _ => {}
    }
    let epochs = ["training", "epochs"];
    if training.epochs.is_some_and(|e| !(e.is_finite() && e > 0.0)) {
        return wrong(&epochs, "epochs must be a positive number");
    }
    if training.epochs.is_some_and(|e| e > MOST_EPOCHS) {
        return wrong(&epochs, format!("more than {MOST_EPOCHS:e} epochs"));
    }
    if recipe.name.is_empty() {
        return wrong(&["name"], "name is empty; leave it out, or give one");
    }
    if !(1..=MOST_SAMPLES).contains(&training.batch) {
        let problem = format!("batch must be 1 to {MOST_SAMPLES}");
        return wrong(&["training", "batch"], problem);
    }
    let lengths = recipe.phases.iter().map(|phase| phase.iterations);
    let total = lengths
        .chain(training.iterations)
        .fold(0u64, u64::saturating_add);
    if total > MOST_ITERATIONS {
        let problem = format!("more than {MOST_ITERATIONS} iterations");
        return wrong(&["training", "iterations"], problem);
    }
    for (place, layer) in recipe.layers.iter().enumerate() {
        if layer.bias().is_some_and(|bias| !bias.is_finite()) {
            let path = ["layer", &place.to_string(), "bias"];
            return wrong(&path, "a bias is no finite number");
        }
    }
    for (place, phase) in recipe.phases.iter().enumerate() {
        let place = place.to_string();
        for (layer, change) in &phase.layers {
            let strength = change.penalty.map_or(0.0, |penalty| penalty.strength);
            if !(strength.is_finite() && strength >= 0.0) {
                return wrong(
                    &["phase", &place, "layers", layer, "penalty"],
                    "the strength of a penalty must be finite and not negative",
                );
            }
        }
        if phase.rate.is_some_and(|rate| !rate.is_sound()) {
            return wrong(&["phase", &place, "rate"], RATE);
        }
    }
    if !training.optimizer.is_sound() {
        return wrong(
            &["training", "optimizer"],
            "a number of the optimizer is out of range: momentum and betas lie in [0, 1), \
             epsilon is positive, decay and bias-rate are not negative",
        );
    }
    if !training.rate.is_sound() {
        return wrong(&["training", "rate"], RATE);
    }
    if recipe.record.every == 0 || recipe.record.checkpoint == 0 {
        return wrong(&["record"], "every and checkpoint must be at least 1");
    }
    let data = &recipe.data;
    if data.scale.is_some_and(|scale| !scale.is_finite()) {
        return wrong(&["data", "scale"], "scale must be a finite number");
    }
    if data.train == Some(0) {
        return wrong(&["data", "train"], "train must be at least 1");
    }
    if data.augment == Some(Augment::default()) {
        return wrong(
            &["data", "augment"],
            "augment changes nothing; give it padding or flip, or leave it out",
        );
    }
    if data.held_out == Some(0) {
        return wrong(
            &["data", "held-out"],
            "held-out must be at least 1; leave it out to test with the test samples",
        );
    }
    Ok(())
}
