//! What weight decay alone does to initial weights.

use super::record::{over_rows, rows, watched};
use super::subject::{Shared, Subject, as_settings, recipe, watches};
use crate::study::file::At;
use crate::study::plan::Run;
use crate::study::result::Curve;
use crate::train::recipe::{Momentum, Optimizer};
use crate::train::{Recipe, learning_rates};
use serde::Deserialize;

/// What a study's file says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct DecaySettings {
    /// The layer.
    layer: String,
    /// Which number.
    number: Number,
}

/// A number of decay.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Number {
    /// What is left of an initial weight w, over w.
    Retention,
    /// The variance of what is left.
    Variance,
    /// The share of Σ w² that what is left would have of the trained weights, were it all of them.
    Share,
}

pub(super) fn check(settings: toml::Value, run: &Run) -> Result<(), String> {
    let settings: DecaySettings = as_settings(settings)?;
    let recipe = recipe(run)?;
    watches(recipe, &settings.layer)?;
    match recipe.training.optimizer {
        Optimizer::Sgd { .. } => Ok(()),
        Optimizer::Adam { .. } => Err("decay by itself has a formula with SGD only".into()),
    }
}

pub(super) fn take(
    settings: toml::Value,
    at: At,
    subject: &Subject<'_>,
    shared: &Shared,
) -> Result<Curve, String> {
    let settings: DecaySettings = as_settings(settings)?;
    let record = subject.record.ok_or("there is no record")?;
    let samples = record["samples"]["train"].as_u64().unwrap_or(1) as usize;
    let left = retention(recipe(subject.run)?, samples)?;
    let variance = |row| Ok::<_, String>(watched(row, &settings.layer)?["variance"].as_f64());
    let all = record["rows"].as_array().ok_or("the record has no rows")?;
    let first = variance(all.first().ok_or("the record has no rows")?)?.unwrap_or(f64::NAN);
    let mut numbers = Vec::new();
    for (iteration, row) in rows(record, at, shared)? {
        let left = left.get(iteration as usize).copied().unwrap_or(f64::NAN);
        let number = match settings.number {
            Number::Retention => left,
            Number::Variance => left * left * first,
            Number::Share => left * left * first / variance(row)?.unwrap_or(f64::NAN),
        };
        numbers.push((iteration, number));
    }
    Ok(over_rows(at, numbers))
}

/// What is left of a weight of 1 after 0, 1, 2, … steps in which its gradient is that of the decay alone.
fn retention(recipe: &Recipe, samples: usize) -> Result<Vec<f64>, String> {
    let Optimizer::Sgd {
        momentum,
        form,
        decay,
        ..
    } = recipe.training.optimizer
    else {
        return Err("decay by itself has a formula with SGD only".into());
    };
    let rates = learning_rates(recipe, samples).map_err(|error| error.to_string())?;
    let (mut w, mut v) = (1.0, 0.0);
    let mut left = vec![w];
    for rate in rates {
        match form {
            Momentum::Caffe => {
                v = momentum * v + rate * decay * w;
                w -= v;
            }
            Momentum::Pytorch => {
                v = momentum * v + decay * w;
                w -= rate * v;
            }
        }
        left.push(w);
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::retention;
    use crate::train::recipe::read;

    fn text(form: &str, momentum: f64) -> String {
        format!(
            "[training]
             iterations = 10000
             optimizer = {{ kind = \"sgd\", momentum = {momentum}, form = \"{form}\", decay = 0.0005 }}
             rate = {{ schedule = \"inv\", base = 0.01, gamma = 0.0001, power = 0.75 }}
             [[layer]]
             kind = \"linear\"
             outputs = 10"
        )
    }

    /// Catches another recurrence: the product of 1 - rate decay without momentum, and the number that an independent
    /// program has for Caffe's LeNet.
    #[test]
    fn decay_is_the_recurrence() {
        let recipe = read(&text("pytorch", 0.0)).unwrap();
        let left = retention(&recipe, 60_000).unwrap();
        let rate = |t: f64| 0.01 * (1.0 + 1e-4 * t).powf(-0.75);
        let product: f64 = (0..10_000)
            .map(|t| 1.0 - rate(f64::from(t)) * 0.0005)
            .product();
        // 10,000 factors, each rounded.
        assert!((left[10_000] / product - 1.0).abs() < 10_000.0 * 4.0 * f64::EPSILON);
        let lenet = read(&text("caffe", 0.9)).unwrap();
        let left = retention(&lenet, 60_000).unwrap();
        assert!((left[10_000] - 0.68503).abs() < 5e-6, "{}", left[10_000]);
    }
}
