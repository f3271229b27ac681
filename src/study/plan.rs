//! A study made ready: all runs it asks for, checked before the first begins.

use super::cell::Cell;
use super::file::{Gaussian, Products, Study};
use super::key::key;
use super::table::TableRow;
use crate::data::Dataset;
use crate::train::Recipe;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A study and all that it asks for.
#[derive(Debug)]
pub struct StudyPlan {
    /// The study's id.
    pub id: String,
    /// The study.
    pub study: Study,
    /// Whether it is a quick run: the first seeds alone.
    pub quick: bool,
    /// How many times shorter its trainings are than the study says.
    pub shortened: u64,
    /// The data sets by the names in the recipes: each opened, or why it is not there.
    pub data: BTreeMap<String, Result<Arc<Dataset>, String>>,
    /// The groups, in the study's order.
    pub(super) groups: Vec<GroupPlan>,
}

/// How much of a study is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extent {
    /// The first seed of every cell alone, and trainings a tenth as long.
    pub quick: bool,
    /// How many times shorter the trainings are, 1 for their full length; where `None`, what the study's file says.
    pub shortened: Option<u64>,
}

impl Extent {
    /// How many times shorter the trainings of `study` are.
    pub(super) fn shortening(self, study: &Study) -> u64 {
        let quick = if self.quick { 10 } else { 1 };
        self.shortened.unwrap_or(study.shortened.max(quick))
    }
}

/// The cells of a group.
#[derive(Debug)]
pub(super) struct GroupPlan {
    /// The name.
    pub name: String,
    /// The cells, each with its runs by seed.
    pub cells: Vec<CellPlan>,
}

/// A cell of a group.
#[derive(Debug)]
pub(super) struct CellPlan {
    /// The variables.
    pub variables: Cell,
    /// What may be chosen; one candidate without variables where nothing is.
    pub candidates: Vec<Candidate>,
}

/// Values of the chosen variables of a cell, and the runs with them.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The chosen variables.
    pub variables: Cell,
    /// The training with held-out samples that decides; `None` where nothing is chosen.
    pub trial: Option<Run>,
    /// The runs by seed.
    pub runs: Vec<(u64, Run)>,
}

/// What a run does.
#[derive(Debug, Clone)]
pub(super) enum Run {
    /// A training.
    Train {
        /// The recipe.
        recipe: Box<Recipe>,
        /// The content hash; `None` where there is no data.
        key: Option<String>,
    },
    /// A weights file.
    Weights(PathBuf),
    /// A matrix of normal numbers, by its seed.
    Gaussian(Gaussian, u64),
    /// Products to time.
    Products(Products),
    /// A row of a table.
    Row(TableRow),
}

impl StudyPlan {
    /// The data sets that are not at hand, each with the reason.
    pub fn missing(&self) -> Vec<(&str, &str)> {
        let sets = self.data.iter();
        sets.filter_map(|(set, found)| Some((set.as_str(), found.as_ref().err()?.as_str())))
            .collect()
    }

    /// Whether nothing of it can be run for want of data.
    pub fn is_without_data(&self) -> bool {
        let groups = || self.groups.iter().flat_map(|group| &group.cells);
        let runs = || groups().flat_map(|cell| cell.candidates.iter().flat_map(|c| &c.runs));
        runs().all(|(_, run)| matches!(run, Run::Train { key: None, .. }))
    }
}

impl Run {
    /// A key of the run by which equal runs are known: trainings by their content, others by what they read.
    pub fn identity(&self) -> Option<String> {
        match self {
            Run::Train { key, .. } => key.clone(),
            Run::Gaussian(gaussian, seed) => Some(key(&[
                "gaussian",
                &format!("{:?}", gaussian.shape),
                &seed.to_string(),
            ])),
            Run::Products(layer) => Some(key(&["products", &format!("{layer:?}")])),
            Run::Weights(_) | Run::Row(_) => None,
        }
    }
}
