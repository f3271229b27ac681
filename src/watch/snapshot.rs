//! The numbers of a checkpoint's analysis that are kept.

use super::metric::METRICS;
use super::stamp::Stamp;
use crate::spectrum::{Analysis, VerdictKind};
use crate::survey::PROGRAM;
use crate::weights::Status;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All checkpoints of a folder that were analysed; a field's name is its key in the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Watched {
    /// Version of this JSON: removing or renaming a key raises it.
    pub schema_version: u32,
    /// Program and version that wrote this.
    pub program: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// The folder, as given.
    pub folder: String,
    /// The checkpoints, in the order in which they were analysed.
    pub checkpoints: Vec<Snapshot>,
}

impl Watched {
    /// Returns what is known of `folder` before a look at it.
    pub fn new(folder: &str, seed: u64, checkpoints: Vec<Snapshot>) -> Watched {
        Watched {
            schema_version: 1,
            program: PROGRAM.to_owned(),
            seed,
            folder: folder.to_owned(),
            checkpoints,
        }
    }
}

/// A checkpoint and the numbers of its layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The path inside the folder that is watched.
    pub checkpoint: String,
    /// The step that its name says.
    pub step: Option<u64>,
    /// Seed of every random draw.
    pub seed: u64,
    /// Which state of its files was analysed.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// The matrices, in the order of the file.
    pub layers: Vec<Observed>,
    /// Tensors that could not be read or analysed.
    pub failed: Vec<Failure>,
}

/// A matrix of a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The name.
    pub name: String,
    /// The part that it plays in the network.
    pub role: String,
    /// The kind of its spectrum.
    pub kind: VerdictKind,
    /// The same in words.
    pub verdict: String,
    /// The numbers by the keys of [`METRICS`](super::METRICS), null where one is undefined.
    #[serde(flatten)]
    pub numbers: BTreeMap<String, Option<f64>>,
}

/// A tensor that could not be analysed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The name.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl Snapshot {
    /// Returns what is kept of the analysis of a checkpoint.
    pub fn new(
        checkpoint: String,
        step: Option<u64>,
        stamp: Stamp,
        analysis: &Analysis,
    ) -> Snapshot {
        let layers = analysis.rows.iter().filter_map(|row| {
            let spectrum = row.spectrum.as_ref()?;
            let numbers = METRICS
                .iter()
                .map(|metric| (metric.key.to_owned(), metric.of(spectrum)));
            Some(Observed {
                name: row.name.clone(),
                role: row.role.key().to_owned(),
                kind: spectrum.verdict.kind,
                verdict: spectrum.verdict.text.clone(),
                numbers: numbers.collect(),
            })
        });
        let failed = analysis
            .rows
            .iter()
            .filter(|row| row.status == Status::Failed);
        let failed = failed.map(|row| Failure {
            name: row.name.clone(),
            reason: row.reason.clone().unwrap_or_default(),
        });
        Snapshot {
            checkpoint,
            step,
            seed: analysis.seed,
            stamp,
            layers: layers.collect(),
            failed: failed.collect(),
        }
    }

    /// Returns the layer of this name.
    pub fn layer(&self, name: &str) -> Option<&Observed> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// Returns the layers whose spectrum is of another kind than in `before`, with that of before.
    pub fn changes<'a>(&'a self, before: &'a Snapshot) -> Vec<(&'a Observed, &'a Observed)> {
        let pairs = self
            .layers
            .iter()
            .filter_map(|now| Some((before.layer(&now.name)?, now)));
        pairs.filter(|(then, now)| then.kind != now.kind).collect()
    }
}
