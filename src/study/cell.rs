//! Variables of a grid and their values.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl Value {
    /// A value of a study's file.
    ///
    /// # Errors
    ///
    /// What is neither a finite number nor a string.
    pub fn new(value: &toml::Value) -> Result<Value, String> {
        match value {
            toml::Value::Integer(whole) => Ok(Value::Whole(*whole)),
            toml::Value::Float(number) if number.is_finite() => Ok(Value::Number(*number)),
            toml::Value::String(word) => Ok(Value::Word(word.clone())),
            other => Err(format!(
                "{other} is no value of a variable; numbers and strings are"
            )),
        }
    }

    /// As a setting of a recipe.
    pub fn to_toml(&self) -> toml::Value {
        match self {
            Value::Whole(whole) => toml::Value::Integer(*whole),
            Value::Number(number) => toml::Value::Float(*number),
            Value::Word(word) => toml::Value::String(word.clone()),
        }
    }

    /// The number that it is; `None` of a word.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Whole(whole) => Some(*whole as f64),
            Value::Number(number) => Some(*number),
            Value::Word(_) => None,
        }
    }

    /// Whether two values are the same, 1 and 1.0 too.
    pub fn equals(&self, other: &Value) -> bool {
        match (self.number(), other.number()) {
            (Some(one), Some(other)) => one == other,
            _ => self == other,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Whole(whole) => write!(f, "{whole}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Word(word) => f.write_str(word),
        }
    }
}

/// A cell of a grid: variables and their values.
pub type Cell = BTreeMap<String, Value>;

/// `b1 = 10, b2 = 1`; empty without variables.
pub fn words(cell: &Cell) -> String {
    let each = cell
        .iter()
        .map(|(variable, value)| format!("{variable} = {value}"));
    each.collect::<Vec<_>>().join(", ")
}

/// `setting` with each `"$name"` in it replaced by the variable's value.
///
/// # Errors
///
/// A variable that the cell does not have.
pub fn filled(setting: &toml::Value, cell: &Cell) -> Result<toml::Value, String> {
    Ok(match setting {
        toml::Value::String(text) => match text.strip_prefix('$') {
            None => setting.clone(),
            Some(name) => cell
                .get(name)
                .map(Value::to_toml)
                .ok_or_else(|| format!("no axis gives the variable {name} values"))?,
        },
        toml::Value::Array(values) => {
            let each = values.iter().map(|value| filled(value, cell));
            toml::Value::Array(each.collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => {
            let each = table
                .iter()
                .map(|(key, value)| Ok((key.clone(), filled(value, cell)?)));
            toml::Value::Table(each.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}
