//! A study as its file says it.

mod claim;
mod figure;
mod group;
mod measure;
mod read;

pub use claim::{Claim, Demand};
pub use figure::{FigureSettings, Level, Several};
pub use group::{Choose, Gaussian, Group, Products, Source, Values};
pub use measure::{At, Measure, Relation, What, When};
pub use read::{StudyError, read};

use serde::{Deserialize, Serialize};

/// A study: what is run, what is measured on it, which figures are made of that, and which published claims are held
/// against it. A TOML file; its name without extension is the study's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Study {
    /// A short title.
    pub title: String,
    /// Where the claims are from: a paper and its figure or table.
    #[serde(default)]
    pub source: String,
    /// The question that the study answers.
    pub question: String,
    /// What it costs in full, in words: "30 runs of 3 minutes of one core".
    #[serde(default)]
    pub cost: String,
    /// How many times shorter the trainings are, where full length takes more than the machines at hand; `--shortened 1`
    /// runs them in full.
    #[serde(default = "full", skip_serializing_if = "is_full")]
    pub shortened: u64,
    /// What the reader must know: what was done otherwise than published, misprints, what explains the result. A
    /// paragraph each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What is run or read.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
    /// What is measured.
    #[serde(rename = "measure")]
    pub measures: Vec<Measure>,
    /// What is drawn.
    #[serde(rename = "figure", default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<FigureSettings>,
    /// What is claimed.
    #[serde(rename = "claim", default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
}

fn full() -> u64 {
    1
}

fn is_full(shortened: &u64) -> bool {
    *shortened == 1
}

impl Study {
    /// The measure called `name`.
    pub fn measure(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.name == name)
    }

    /// The group called `name`.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }
}
