//! Phases of a training: what changes when.

use super::Rate;
use crate::train::weight::WeightSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A phase: so many iterations, begun by changes of layers. What is changed stays so in later phases,
/// but for penalties, which belong to their phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PhaseSettings {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Steps.
    pub iterations: u64,
    /// The rate, counted from the beginning of the phase; the training's, counted from its beginning,
    /// where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Changes, by the names of layers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub layers: BTreeMap<String, Change>,
}

/// A change of a layer at the beginning of a phase.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Change {
    /// A new family, begun from the old weight: more terms of a product of sums, by least squares; the
    /// blocks of a dense matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<WeightSettings>,
    /// A penalty while the phase lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub penalty: Option<Penalty>,
    /// This share of the parameters, the smallest, is set to zero and stays zero (Han et al. 2015).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prune: Option<f64>,
    /// Only this many outputs stay, those whose rows are longest (He et al. 2014).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_nodes: Option<usize>,
}

/// A penalty on entries of a dense weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Penalty {
    /// α Σ|w| or α/2 Σ w².
    pub norm: Norm,
    /// α.
    pub strength: f64,
    /// Only the entries outside this many diagonal blocks, those that a block-diagonal weight has
    /// not (Nesky, Stout 2019); all where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_blocks: Option<usize>,
}

/// How entries are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Σ|w|.
    L1,
    /// Σ w² / 2.
    L2,
}

impl Change {
    /// Whether parameters change, so that the optimizer must forget.
    pub(in crate::train) fn moves(&self) -> bool {
        self.weight.is_some() || self.prune.is_some() || self.keep_nodes.is_some()
    }
}
