//! A study made ready: all runs it asks for, checked before the first begins.

use super::cell::{Cell, filled, words};
use super::file::{Group, Source, Study, StudyError};
use super::key::{key, training_key};
use super::measure::check_measures;
use super::sets::DataSets;
use super::settings::{recipe_of, shortened};
use super::table::{TableRow, read_table};
use super::{Gaussian, Products, check};
use crate::data::Dataset;
use crate::train::{Recipe, Trainer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most runs of a study.
const MOST_RUNS: usize = 2000;

/// A study and all that it asks for.
#[derive(Debug)]
pub struct StudyPlan {
    /// The study's id.
    pub id: String,
    /// The study.
    pub study: Study,
    /// Whether its trainings have a tenth of their length and it has its first seeds alone.
    pub quick: bool,
    /// The data sets by the names in the recipes: each opened, or why it is not there.
    pub data: BTreeMap<String, Result<Arc<Dataset>, String>>,
    /// The groups, in the study's order.
    pub(super) groups: Vec<GroupPlan>,
}

/// The cells of a group.
#[derive(Debug)]
pub(super) struct GroupPlan {
    /// Its name.
    pub name: String,
    /// Its cells, each with its runs by seed.
    pub cells: Vec<CellPlan>,
}

/// A cell of a group.
#[derive(Debug)]
pub(super) struct CellPlan {
    /// Its variables.
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
    /// Reads the study at `path` and checks all that can be checked before anything is run, on data sets of `sets`.
    ///
    /// # Errors
    ///
    /// One sentence about the file, a recipe, a variable, a measure or a claim. Data that are not there are no error
    /// here: see [`StudyPlan::missing`].
    pub fn new(path: &Path, sets: &mut DataSets, quick: bool) -> Result<StudyPlan, StudyError> {
        let name = path.display();
        let told = |problem: String| StudyError(format!("{name}: {problem}"));
        let text = read_small(path).map_err(told)?;
        let study = super::read(&text).map_err(|error| told(error.0))?;
        let id = path
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into());
        let base = path.parent().unwrap_or(Path::new("."));
        let mut plan = StudyPlan {
            id,
            quick,
            data: BTreeMap::new(),
            groups: Vec::new(),
            study,
        };
        plan.fill(base, sets).map_err(told)?;
        check::study(&plan).map_err(told)?;
        check_measures(&plan).map_err(told)?;
        Ok(plan)
    }

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
        runs().next().is_some()
            && runs().all(|(_, run)| matches!(run, Run::Train { key: None, .. }))
    }

    /// The keys of all trainings that are certain to be wanted: those of choices, and those of groups without one.
    pub fn keys(&self) -> Vec<String> {
        let cells = self.groups.iter().flat_map(|group| &group.cells);
        let candidates = cells.flat_map(|cell| &cell.candidates);
        let runs = candidates.flat_map(|candidate| {
            let trial = candidate.trial.iter();
            let runs = candidate.runs.iter().map(|(_, run)| run);
            trial.chain(runs.filter(|_| candidate.trial.is_none()))
        });
        let keys = runs.filter_map(|run| match run {
            Run::Train { key, .. } => key.clone(),
            _ => None,
        });
        let mut keys: Vec<String> = keys.collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// Makes the groups.
    fn fill(&mut self, base: &Path, sets: &mut DataSets) -> Result<(), String> {
        let mut runs = 0;
        for group in self.study.groups.clone() {
            let told = |problem: String| format!("group {}: {problem}", group.name);
            let cells = self.cells(&group, base, sets).map_err(told)?;
            runs += cells
                .iter()
                .flat_map(|cell| &cell.candidates)
                .map(|candidate| candidate.runs.len())
                .sum::<usize>();
            if runs > MOST_RUNS {
                return Err(told(format!(
                    "the study asks for more than {MOST_RUNS} runs; take fewer values or seeds, or make it two studies"
                )));
            }
            self.groups.push(GroupPlan {
                name: group.name,
                cells,
            });
        }
        Ok(())
    }

    fn cells(
        &mut self,
        group: &Group,
        base: &Path,
        sets: &mut DataSets,
    ) -> Result<Vec<CellPlan>, String> {
        let wanted = "says nothing, or more than one thing, to run; give one of train, weights, gaussian, products, table";
        let source = group.source().ok_or(wanted)?;
        if !matches!(source, Source::Train(_)) && (group.choose.is_some() || !group.set.is_empty())
        {
            return Err("settings and choices are of trainings: give it train, a recipe".into());
        }
        if group.seeds.is_empty() {
            return Err("has no seeds; leave them out, or give one".into());
        }
        let seeds: &[u64] = match self.quick {
            true => &group.seeds[..1],
            false => &group.seeds,
        };
        let mut cells = Vec::new();
        match source {
            Source::Table(path) => {
                let path = base.join(path);
                let rows = read_table(&path, group.made_by.as_deref())?;
                for row in rows {
                    cells.push(single(row.variables.clone(), vec![(0, Run::Row(row))]));
                }
            }
            Source::Weights(path) => {
                let path = base.join(path);
                if !path.exists() {
                    return Err(format!("{}: there is no such file", path.display()));
                }
                for cell in group.cells()? {
                    cells.push(single(cell, vec![(0, Run::Weights(path.clone()))]));
                }
            }
            Source::Gaussian(settings) => {
                for cell in group.cells()? {
                    let settings = filled(&toml::Value::Table(settings.clone()), &cell)?;
                    let gaussian: Gaussian =
                        settings.try_into().map_err(|error: toml::de::Error| {
                            format!("gaussian: {}", error.message())
                        })?;
                    check::shape(&gaussian.shape)?;
                    let runs = seeds.iter();
                    let runs = runs.map(|&seed| (seed, Run::Gaussian(gaussian.clone(), seed)));
                    cells.push(single(cell, runs.collect()));
                }
            }
            Source::Products(settings) => {
                for cell in group.cells()? {
                    let settings = filled(&toml::Value::Table(settings.clone()), &cell)?;
                    let layer: Products =
                        settings.try_into().map_err(|error: toml::de::Error| {
                            format!("products: {}", error.message())
                        })?;
                    check::products(&layer, &cell)?;
                    cells.push(single(cell, vec![(0, Run::Products(layer))]));
                }
            }
            Source::Train(path) => {
                let path = base.join(path);
                let text = read_small(&path)
                    .map_err(|problem| format!("{}: {problem}", path.display()))?;
                let candidates = group.candidates()?;
                for cell in group.cells()? {
                    let made = candidates
                        .iter()
                        .map(|chosen| self.candidate(group, (&text, sets), seeds, &cell, chosen));
                    let candidates = made.collect::<Result<Vec<_>, String>>();
                    let place = match words(&cell) {
                        words if words.is_empty() => format!("{}: ", path.display()),
                        words => format!("{} at {words}: ", path.display()),
                    };
                    let candidates = candidates.map_err(|problem| place + &problem)?;
                    cells.push(CellPlan {
                        variables: cell,
                        candidates,
                    });
                }
            }
        }
        Ok(cells)
    }

    /// The trainings of a cell with these values of the chosen variables.
    fn candidate(
        &mut self,
        group: &Group,
        (text, sets): (&str, &mut DataSets),
        seeds: &[u64],
        cell: &Cell,
        chosen: &Cell,
    ) -> Result<Candidate, String> {
        let mut variables = cell.clone();
        for (name, value) in chosen {
            if variables.insert(name.clone(), value.clone()).is_some() {
                return Err(format!("{name} is in the grid and among what is chosen"));
            }
        }
        let mut recipe = recipe_of(text, &group.set, &variables)?;
        if self.quick {
            recipe = shortened(recipe);
        }
        let set = recipe.data.set.clone();
        let data = self.data.entry(set.clone());
        let data = data.or_insert_with(|| sets.open(&set));
        let mut first = true;
        let mut run = |recipe: Recipe| -> Result<Run, String> {
            let key = match data {
                Ok(data) => {
                    if std::mem::take(&mut first) {
                        Trainer::new(&recipe, data).map_err(|error| error.to_string())?;
                    }
                    Some(training_key(&recipe, &data.origin))
                }
                Err(_) => None,
            };
            Ok(Run::Train {
                recipe: Box::new(recipe),
                key,
            })
        };
        let trial = match &group.choose {
            None => None,
            Some(choose) => {
                let mut recipe = recipe.clone();
                recipe.seed = group.seeds[0];
                recipe.data.held_out = Some(choose.held_out);
                Some(run(recipe)?)
            }
        };
        let runs = seeds.iter().map(|&seed| {
            let mut recipe = recipe.clone();
            recipe.seed = seed;
            Ok((seed, run(recipe)?))
        });
        Ok(Candidate {
            runs: runs.collect::<Result<_, String>>()?,
            variables: chosen.clone(),
            trial,
        })
    }
}

/// A cell without a choice.
fn single(variables: Cell, runs: Vec<(u64, Run)>) -> CellPlan {
    CellPlan {
        variables,
        candidates: vec![Candidate {
            variables: Cell::new(),
            trial: None,
            runs,
        }],
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

/// Longest text that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// The text of a study or a recipe.
fn read_small(path: &Path) -> Result<String, String> {
    let told = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::InvalidData => "is no text".to_owned(),
        kind => kind.to_string(),
    };
    let file = std::fs::metadata(path).map_err(told)?;
    if !file.is_file() {
        return Err("is no file; a study is a TOML file".into());
    }
    if file.len() > LONGEST {
        return Err(format!(
            "has {} bytes; at most {LONGEST} are read",
            file.len()
        ));
    }
    std::fs::read_to_string(path).map_err(told)
}
