//! What a paper claims, so that a run can tell whether it is so.

use super::super::cell::Value;
use super::figure::Several;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A published number, or a published sentence about many numbers. Exactly one of `value`, `at-least`, `at-most`,
/// `above` and `below` says what is demanded of each cell that it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Claim {
    /// The claim in a sentence.
    pub claim: String,
    /// Whether it is a null: what explains a published result, not a published number. Its verdict is not counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub null: bool,
    /// The measure.
    pub measure: String,
    /// The cells: `group`, and variables with one value or several; all where none are named.
    #[serde(rename = "where", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, Several>,
    /// The place on the measure's curve: an iteration, an order; its end where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The published number, in the unit in which the measure is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The measure is this or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The measure is this or less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// The measure is more than in the cell that differs in these variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<BTreeMap<String, Value>>,
    /// The measure is less than in the cell that differs in these variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<BTreeMap<String, Value>>,
    /// How far ours may be off and still agree, in the same unit. A published number needs one; in comparisons it is the
    /// difference that counts as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
}

/// What is demanded of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Demand<'a> {
    /// This number.
    Value(f64),
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// More than the cell that differs in these.
    Above(&'a BTreeMap<String, Value>),
    /// Less than the cell that differs in these.
    Below(&'a BTreeMap<String, Value>),
}

impl Claim {
    /// What it demands; `None` unless the file says exactly one.
    pub fn demand(&self) -> Option<Demand<'_>> {
        let all = [
            self.value.map(Demand::Value),
            self.at_least.map(Demand::AtLeast),
            self.at_most.map(Demand::AtMost),
            self.above.as_ref().map(Demand::Above),
            self.below.as_ref().map(Demand::Below),
        ];
        let mut all = all.into_iter().flatten();
        all.next().filter(|_| all.next().is_none())
    }
}
