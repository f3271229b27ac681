//! A plan from a study's file: the cells of its groups, each with its runs, all checked.

use super::cell::{Cell, filled, words};
use super::check;
use super::check_group;
use super::file::{Gaussian, Group, Products, Source, StudyError, read};
use super::key::training_key;
use super::measure::check_measures;
use super::plan::{Candidate, CellPlan, Extent, GroupPlan, Run, StudyPlan};
use super::sets::DataSets;
use super::settings::{recipe_of, shortened};
use super::table::read_table;
use crate::train::{Recipe, Trainer};
use std::collections::BTreeMap;
use std::path::Path;

/// Most runs of a study.
const MOST_RUNS: usize = 2000;

impl StudyPlan {
    /// Reads the study at `path` and checks all that can be checked before anything is run, on data sets of `sets`.
    ///
    /// # Errors
    ///
    /// One sentence about the file, a recipe, a variable, a measure or a claim. Data that are not there are no error
    /// here: see [`StudyPlan::missing`].
    pub fn new(path: &Path, sets: &mut DataSets, extent: Extent) -> Result<StudyPlan, StudyError> {
        let name = path.display();
        let told = |problem: String| StudyError(format!("{name}: {problem}"));
        let text = read_small(path).map_err(told)?;
        let study = read(&text).map_err(|error| told(error.0))?;
        let id = path
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into());
        let base = path.parent().unwrap_or(Path::new("."));
        let mut plan = StudyPlan {
            id,
            quick: extent.quick,
            shortened: extent.shortening(&study),
            data: BTreeMap::new(),
            groups: Vec::new(),
            study,
        };
        plan.fill(base, sets).map_err(told)?;
        check::study(&plan).map_err(told)?;
        check_measures(&plan).map_err(told)?;
        Ok(plan)
    }

    /// Makes the groups.
    fn fill(&mut self, base: &Path, sets: &mut DataSets) -> Result<(), String> {
        let mut runs = 0;
        for group in self.study.groups.clone() {
            let told = |problem: String| format!("group {}: {problem}", group.name);
            let cells = self.cells(&group, base, sets).map_err(told)?;
            check_group::cells(&cells).map_err(told)?;
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
        check_group::group(group)?;
        let seeds: &[u64] = if self.quick {
            &group.seeds[..1]
        } else {
            &group.seeds
        };
        let mut cells = Vec::new();
        match source {
            Source::Table(path) => {
                let set = path.display().to_string();
                let path = base.join(path);
                if !path.exists() {
                    let made = group.made_by.as_deref();
                    let made = made.map_or(String::new(), |made| format!("; {made} writes it"));
                    let problem = format!("{}: there is no such table{made}", path.display());
                    self.data.insert(set, Err(problem));
                    return Ok(Vec::new());
                }
                let rows = read_table(&path)?;
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
                    check_group::shape(&gaussian.shape)?;
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
                    check_group::products(&layer, &cell)?;
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
        if self.shortened > 1 {
            recipe = shortened(recipe, self.shortened);
        }
        let set = recipe.data.set.clone();
        let data = self.data.entry(set.clone());
        let data = data.or_insert_with(|| sets.open(&set));
        let mut first = true;
        let mut run = |mut recipe: Recipe| -> Result<Run, String> {
            let key = match data {
                Ok(data) => {
                    if std::mem::take(&mut first) {
                        Trainer::new(&recipe, data).map_err(|error| error.to_string())?;
                    }
                    recipe = recipe.settled(&data.train);
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

/// Longest text that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// The text of a study or a recipe.
pub(super) fn read_small(path: &Path) -> Result<String, String> {
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
