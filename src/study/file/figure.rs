//! What a study draws.

use super::super::cell::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A figure: one measure over another, over a variable or over the place on its curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FigureSettings {
    /// The name of its files.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// The horizontal axis: a variable, a measure, or `iteration`, `order`, `value` of curves.
    pub x: String,
    /// Words on the horizontal axis; those of `x` where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_words: Option<String>,
    /// Measures on the vertical axis, drawn as solid lines with the range over seeds.
    pub y: Vec<String>,
    /// Words on the vertical axis; those of the first measure where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y_words: Option<String>,
    /// Measures drawn beside them as dashed lines: what chance or a null gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// Groups that are drawn; all that have the measures where none are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Variables that tell lines apart, besides the group and the measure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Cells that are drawn: a variable and its value, or several values; all where none are named.
    #[serde(rename = "where", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, Several>,
    /// Whether the horizontal axis is logarithmic.
    #[serde(default)]
    pub log_x: bool,
    /// Whether the vertical axis is logarithmic.
    #[serde(default)]
    pub log_y: bool,
    /// Horizontal lines.
    #[serde(rename = "level", default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
    /// How to read it, in a sentence or two.
    pub reading: String,
}

/// A horizontal line of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Level {
    /// Where.
    pub value: f64,
    /// What it is.
    pub words: String,
}

/// One value or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a value, or a list of values")]
pub enum Several {
    /// One.
    One(Value),
    /// Any of these.
    Any(Vec<Value>),
}

impl Several {
    /// All of them.
    pub fn all(&self) -> &[Value] {
        match self {
            Several::One(one) => std::slice::from_ref(one),
            Several::Any(all) => all,
        }
    }

    /// Whether `value` is one of them.
    pub fn has(&self, value: &Value) -> bool {
        match self {
            Several::One(one) => one.equals(value),
            Several::Any(all) => all.iter().any(|one| one.equals(value)),
        }
    }
}
