//! Distributions of random entries.

use super::Entries;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The distribution of independent entries of mean 0 and variance 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// Standard normal.
    #[default]
    #[serde(rename = "gaussian")]
    Normal,
    /// −1 or 1, equally likely.
    Sign,
}

impl Distribution {
    /// Writes numbers `start`, `start + 1`, … of `entries` to `out`.
    pub fn fill(self, entries: &Entries, start: u64, out: &mut [f64]) {
        match self {
            Distribution::Normal => entries.normals(start, out),
            Distribution::Sign => entries.signs(start, out),
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Distribution::Normal => "normal",
            Distribution::Sign => "sign",
        })
    }
}
