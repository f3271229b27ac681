//! A recipe with some settings otherwise.

use super::cell::{Cell, filled};
use crate::train::Recipe;
use crate::train::recipe;
use std::collections::BTreeMap;

/// The recipe that `text` is, with the settings `set` as `cell` fills them in.
///
/// A path goes from table to table: `training.batch`, `layer.ip1.weight.blocks` (a layer by its name), `phase.2.iterations`
/// or `phase.blocks.iterations` (a phase by its number or name), `data.train`. The last key may be new; the tables before
/// it must be there, but for the setting of a family or a penalty, whose table is set as a whole.
///
/// # Errors
///
/// A sentence: a path that leads nowhere, a variable without values, or what the recipe cannot be.
pub(super) fn recipe_of(
    text: &str,
    set: &BTreeMap<String, toml::Value>,
    cell: &Cell,
) -> Result<Recipe, String> {
    let mut table: toml::Table =
        toml::from_str(text).map_err(|error| error.message().to_owned())?;
    for (path, value) in set {
        let value = filled(value, cell).map_err(|problem| format!("set.\"{path}\": {problem}"))?;
        put(&mut table, path, value).map_err(|problem| format!("set.\"{path}\": {problem}"))?;
    }
    let text = toml::to_string(&table).map_err(|error| error.to_string())?;
    recipe::read(&text).map_err(|error| error.problem)
}

/// Sets what `path` leads to.
fn put(table: &mut toml::Table, path: &str, value: toml::Value) -> Result<(), String> {
    let Some((first, rest)) = path.split_once('.') else {
        table.insert(path.to_owned(), value);
        return Ok(());
    };
    match table.get_mut(first) {
        Some(toml::Value::Table(inner)) => put(inner, rest, value),
        Some(toml::Value::Array(items)) => {
            let (name, rest) = match rest.split_once('.') {
                Some((name, rest)) => (name, Some(rest)),
                None => (rest, None),
            };
            let known: Vec<String> = items.iter().enumerate().map(named).collect();
            let number = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let index = known.iter().position(|known| known == name);
            let index = index.or(number.filter(|&i| i < items.len()));
            let index = index.ok_or_else(|| {
                format!(
                    "no {first} is called {name}; there are {}",
                    known.join(", ")
                )
            })?;
            match (&mut items[index], rest) {
                (item, None) => {
                    *item = value;
                    Ok(())
                }
                (toml::Value::Table(inner), Some(rest)) => put(inner, rest, value),
                _ => Err(format!("{name} has no settings")),
            }
        }
        Some(_) => Err(format!("{first} is no table")),
        None => {
            let mut inner = toml::Table::new();
            put(&mut inner, rest, value)?;
            table.insert(first.to_owned(), toml::Value::Table(inner));
            Ok(())
        }
    }
}

/// The name of an item of a list, its number where it has none.
fn named((index, item): (usize, &toml::Value)) -> String {
    let name = item.get("name").and_then(toml::Value::as_str);
    name.map_or_else(|| (index + 1).to_string(), str::to_owned)
}

/// A training so many times shorter: its iterations, those between two rows and between two steps of its rate, and the
/// samples for its training accuracy, each divided and rounded up.
pub(super) fn shortened(mut recipe: Recipe, times: u64) -> Recipe {
    let training = &mut recipe.training;
    training.iterations = training.iterations.map(|count| count.div_ceil(times));
    training.epochs = training.epochs.map(|epochs| epochs / times as f64);
    training.rate = training.rate.shortened(times);
    for phase in &mut recipe.phases {
        phase.iterations = phase.iterations.div_ceil(times);
        phase.rate = phase.rate.map(|rate| rate.shortened(times));
    }
    let record = &mut recipe.record;
    record.every = record.every.div_ceil(times);
    record.checkpoint = record.checkpoint.div_ceil(times);
    record.training_samples = record.training_samples.div_ceil(times as usize);
    recipe
}

#[cfg(test)]
mod tests {
    use super::{recipe_of, shortened};
    use crate::study::cell::{Cell, Value};
    use std::collections::BTreeMap;

    const TEXT: &str = "
        [training]
        iterations = 1000
        rate = { schedule = \"step\", base = 0.1, factor = 0.5, every = 100 }
        [[layer]]
        name = \"ip1\"
        kind = \"linear\"
        outputs = 20
        [[layer]]
        kind = \"relu\"
        [[layer]]
        kind = \"linear\"
        outputs = 10
    ";

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, toml::Value> {
        let value = |text: &str| -> toml::Value {
            let table: toml::Table = toml::from_str(&format!("x = {text}")).unwrap();
            table["x"].clone()
        };
        let pairs = pairs.iter();
        pairs
            .map(|(path, text)| ((*path).to_owned(), value(text)))
            .collect()
    }

    fn cell(value: i64) -> Cell {
        [("n".to_owned(), Value::Whole(value))].into()
    }

    /// Catches a path that sets another layer, a new key that is lost, and a variable that is not filled in.
    #[test]
    fn paths_lead_to_their_settings() {
        let set = set(&[
            ("layer.ip1.outputs", "\"$n\""),
            (
                "layer.ip1.weight",
                "{ family = \"block-diagonal\", blocks = \"$n\" }",
            ),
            ("layer.3.bias", "false"),
            ("record.every", "7"),
        ]);
        let recipe = recipe_of(TEXT, &set, &cell(4)).unwrap();
        let text = recipe.to_toml();
        assert!(
            text.contains("outputs = 4") && text.contains("blocks = 4"),
            "{text}"
        );
        assert!(
            text.contains("bias = false") && recipe.record.every == 7,
            "{text}"
        );
    }

    /// Catches a mistake that is passed over in silence.
    #[test]
    fn wrong_paths_are_told() {
        for (path, value, words) in [
            ("layer.ip9.outputs", "1", "ip9"),
            ("layer.ip1.outputs", "\"$m\"", "variable m"),
            ("layer.ip1.width", "1", "width"),
            ("training.iterations.x", "1", "no table"),
        ] {
            let error = recipe_of(TEXT, &set(&[(path, value)]), &cell(1)).unwrap_err();
            assert!(error.contains(words), "{path}: {error}");
        }
    }

    /// Catches a shortened run that keeps a schedule of full length, or has no steps.
    #[test]
    fn a_tenth_of_everything() {
        let recipe = shortened(recipe_of(TEXT, &BTreeMap::new(), &cell(1)).unwrap(), 10);
        assert_eq!(recipe.training.iterations, Some(100));
        assert_eq!(recipe.training.rate.at(10, 100), 0.05);
        assert_eq!(recipe.record.training_samples, 200);
        let least = set(&[("training.iterations", "1")]);
        let recipe = shortened(recipe_of(TEXT, &least, &cell(1)).unwrap(), 10);
        assert_eq!(recipe.training.iterations, Some(1));
    }
}
