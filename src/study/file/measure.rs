//! What is measured on each run.

use super::super::cell::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A measure: a number of each run, or a curve. Exactly one of the keys from `column` on says what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Measure {
    /// The name, which figures, claims and other measures use.
    pub name: String,
    /// What it is, in words; its name where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Whether it is a share that is taken in per cent: a hundred times the column's number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub percent: bool,
    /// The groups on which it is measured; all where none are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// When in a training: `"last"`, `"all"` rows of the record, or the row of an iteration.
    #[serde(default)]
    pub at: At,
    /// A column of a training's record or of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The singular values of a layer beside random ones, as `spectra compare` has them: `layer`, `to` (the variables of
    /// the run, otherwise equal, that ONE is, at its end or, with `when = "same"`, at the same iteration), `number` (a key of
    /// its JSON).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<toml::Table>,
    /// A number of `spectra analyze`: `layer`, `number` (its place in the JSON: `power_law.alpha`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyze: Option<toml::Table>,
    /// The density of the eigenvalues of (1/n) W Wᵀ: `layer`, `draw` (`histogram`, or the `law` of their variance).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eigenvalues: Option<toml::Table>,
    /// A number of `spectra families`: `layer`, `family`, `budget`, `number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub families: Option<toml::Table>,
    /// A number of `spectra fit-basis`: `layers`, `basis`, `p`, `k`, `number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<toml::Table>,
    /// A number of `spectra sketch`: `layer`, `k`, `l`, `number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sketch: Option<toml::Table>,
    /// What weight decay alone does to initial weights: `layer`, `number` (`retention`, `variance`, `share`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay: Option<toml::Table>,
    /// An earlier measure over that of the run that differs in some variables: `of`, `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Relation>,
    /// An earlier measure less that of the run that differs in some variables: `of`, `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Relation>,
}

/// What one run is held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Relation {
    /// The measure, which stands before this one in the file.
    pub of: String,
    /// Another measure, of the other run; the same where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The variables in which the other run differs, `group` among them; none for the run itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub to: BTreeMap<String, Value>,
}

/// When in a training a number is taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"last\", \"all\" or an iteration")]
pub enum At {
    /// In a word.
    Word(When),
    /// After so many iterations.
    Iteration(u64),
}

/// When, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The last row.
    Last,
    /// Every row: a curve over the iterations.
    All,
}

impl Default for At {
    fn default() -> At {
        At::Word(When::Last)
    }
}

/// What a measure is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What<'a> {
    /// A column.
    Column(&'a str),
    /// A number of an analysis of weights, called by its key in the file, with its settings.
    Weights(&'static str, &'a toml::Table),
    /// A measure over another one.
    Ratio(&'a Relation),
    /// A measure less another one.
    Difference(&'a Relation),
}

impl Measure {
    /// What it is; `None` unless the file says exactly one.
    pub fn what(&self) -> Option<What<'_>> {
        let tables = [
            ("compare", &self.compare),
            ("analyze", &self.analyze),
            ("eigenvalues", &self.eigenvalues),
            ("families", &self.families),
            ("fit", &self.fit),
            ("sketch", &self.sketch),
            ("decay", &self.decay),
        ];
        let tables = tables
            .into_iter()
            .filter_map(|(key, table)| Some(What::Weights(key, table.as_ref()?)));
        let others = [
            self.column.as_deref().map(What::Column),
            self.ratio.as_ref().map(What::Ratio),
            self.difference.as_ref().map(What::Difference),
        ];
        let mut all = tables.chain(others.into_iter().flatten());
        all.next().filter(|_| all.next().is_none())
    }

    /// What it is, for a reader.
    pub fn title(&self) -> &str {
        self.words.as_deref().unwrap_or(&self.name)
    }

    /// Whether it is measured on the cells of `group`.
    pub fn is_of(&self, group: &str) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|name| name == group)
    }
}
