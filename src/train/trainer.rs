//! The trainer: phases of steps, from a recipe to a record.

use super::augment::Augmentation;
use super::check::{build, change, check};
use super::checkpoint::{RowsBefore, read_checkpoint};
use super::error::TrainError;
use super::event::Listener;
use super::group::Group;
use super::network::Network;
use super::phase_run::{PhaseRun, Setting};
use super::phases::{Phase, phases};
use super::recipe::Recipe;
use super::remark::Remark;
use super::result::{
    Ended, LayerSummary, ParameterCounts, PhaseSummary, Row, SCHEMA_VERSION, Timing, TrainingRecord,
};
use super::rows::read_rows;
use super::selection::Selection;
use super::sparse::sparse_file;
use super::state::State;
use super::step::{self, Step};
use super::weights_file::weights_file;
use crate::data::Dataset;
use crate::device::Device;
use crate::survey::PROGRAM;
use std::cell::OnceCell;
use std::path::Path;
use std::time::{Duration, Instant};

/// A training about to run.
pub struct Trainer<'a> {
    /// The recipe with every setting filled in.
    recipe: Recipe,
    data: &'a Dataset,
    phases: Vec<Phase>,
    /// The network of the next phase: it is built once, for fixed matrices can take seconds to draw.
    network: Network,
    /// A step of that network without masks and penalties, once it is asked for.
    step: OnceCell<Step>,
    selection: Selection<'a>,
    state: State,
    rows: Vec<Row>,
}

/// The results of a training.
#[derive(Debug)]
pub struct Trained {
    /// The record.
    pub record: TrainingRecord,
    /// The last weights as a safetensors file; `None` where they are not finite.
    pub weights: Option<Vec<u8>>,
    /// Pruned weights in compressed sparse rows, where there are any.
    pub sparse: Option<Vec<u8>>,
}

impl<'a> Trainer<'a> {
    /// Checks that `recipe` can be trained on `data`, all its phases through.
    ///
    /// # Errors
    ///
    /// [`TrainError`]: sizes that do not chain, other classes than scores, a change that cannot be.
    pub fn new(recipe: &Recipe, data: &'a Dataset) -> Result<Trainer<'a>, TrainError> {
        let recipe = recipe.settled(&data.train);
        let selection = Selection::new(&recipe.data, data)?;
        if let Some(augment) = recipe.data.augment {
            let shape = data.train.shape;
            Augmentation::new(augment, recipe.seed, selection.trained, shape)?;
        }
        let phases = phases(&recipe, selection.trained)?;
        Ok(Trainer {
            network: check(&recipe, data, &phases)?,
            step: OnceCell::new(),
            recipe,
            data,
            phases,
            selection,
            state: State::default(),
            rows: Vec::new(),
        })
    }

    /// Goes on from a checkpoint. The rows of the record before it are the first lines of the file at `rows`, each
    /// as [`Row::to_line`] has it; what follows there is of later steps and not read. An older checkpoint holds
    /// its rows itself, and the file is not looked at.
    ///
    /// # Errors
    ///
    /// [`TrainError::Damaged`] when it is damaged, [`TrainError::Checkpoint`] when it is another recipe's,
    /// [`TrainError::Rows`] when its rows are missing or damaged.
    pub fn resume(&mut self, checkpoint: &Path, rows: &Path) -> Result<(), TrainError> {
        let (state, before) = read_checkpoint(checkpoint)?;
        if state.progress.recipe != self.recipe.to_toml() {
            let problem = "it was made by another recipe".to_owned();
            return Err(TrainError::Checkpoint { problem });
        }
        let wrong = |problem: String| Err(TrainError::Checkpoint { problem });
        if state.progress.data != self.origin() {
            return wrong("it was trained on other data; give it the data of its beginning".into());
        }
        let Some(phase) = self.phases.get(state.progress.phase) else {
            return wrong(format!("it is in phase {}", state.progress.phase + 1));
        };
        let (done, phase) = (state.progress.iteration, &phase.iterations);
        if done < phase.start || done > phase.end {
            return wrong(format!(
                "it has made {done} steps, which are not of its phase"
            ));
        }
        for group in [Group::WEIGHTS, Group::BIASES] {
            if !state.variables.iter().any(|(other, _)| *other == group) {
                let problem = format!("it lacks the array state/{group}");
                return Err(TrainError::Damaged { problem });
            }
        }
        self.rows = match before {
            RowsBefore::Count(count) => read_rows(rows, count, done)?,
            RowsBefore::All(rows) => rows,
        };
        if state.progress.phase != self.state.progress.phase {
            let phase = &self.phases[state.progress.phase];
            self.network = build(&self.recipe, self.data, phase)?;
            self.step = OnceCell::new();
        }
        self.state = state;
        Ok(())
    }

    /// Returns the recipe with every setting filled in.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Names of the classes, in the order of the network's outputs; empty where the data do not say.
    pub fn class_names(&self) -> &[String] {
        &self.data.class_names
    }

    /// Returns remarks on the data.
    pub fn remarks(&self) -> Vec<Remark> {
        Remark::all(&self.recipe.data, &self.selection)
    }

    /// Rows of the record so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Steps made so far.
    pub fn iteration(&self) -> u64 {
        self.state.progress.iteration
    }

    /// Floating-point operations of a step of the phase that is next, its penalties not counted.
    pub fn flops(&self) -> u64 {
        self.next_step().plan.cost().flops
    }

    /// Checks whether `device` takes the steps of the phase that is next: an executor is made ready there and let go.
    ///
    /// # Errors
    ///
    /// [`TrainError::Exec`] if it does not.
    pub fn fits(&self, device: &Device<'_>) -> Result<(), TrainError> {
        let mut executor = device.executor(self.recipe.training.precision);
        Ok(executor.prepare(&self.next_step().plan)?)
    }

    /// A step of the phase that is next, without its masks and penalties.
    fn next_step(&self) -> &Step {
        let training = &self.recipe.training;
        let plan = || step::training(&self.network, training.batch, &training.optimizer, &[]);
        self.step.get_or_init(plan)
    }

    /// Steps of all phases.
    pub fn iterations(&self) -> u64 {
        self.phases.last().map_or(0, |last| last.iterations.end)
    }

    /// The layers of the phase that is next.
    pub fn layers(&self) -> Vec<LayerSummary> {
        LayerSummary::of(&self.network)
    }

    /// Trains on `device` to the end, or until `listener` asks for one.
    ///
    /// # Errors
    ///
    /// The machine's and the listener's.
    pub fn run(
        mut self,
        device: &Device<'_>,
        listener: &mut Listener<'_>,
    ) -> anyhow::Result<Trained> {
        let start = Instant::now();
        let mut stepping = Duration::ZERO;
        let first = self.state.progress.iteration;
        self.state.progress.recipe = self.recipe.to_toml();
        self.state.progress.data = self.origin();
        self.state.progress.class_names = self.data.class_names.clone();
        let mut ended;
        loop {
            let phase = self.phases[self.state.progress.phase].clone();
            self.state.enter(&mut self.network)?;
            if self.state.progress.parameters.len() == self.state.progress.phase {
                let counts = ParameterCounts::of(&LayerSummary::of(&self.network));
                let parameters = counts.weights + counts.biases;
                self.state.progress.parameters.push(parameters);
            }
            let setting = Setting {
                recipe: &self.recipe,
                selection: self.selection,
                device,
                network: &self.network,
                phase: &phase,
                phases: &self.phases,
                iterations: self.iterations(),
            };
            let step = self.step.take();
            let planned = step.filter(|_| self.state.masks.is_empty());
            let mut run = PhaseRun::new(setting, &self.state.variables, planned)?;
            let (progress, rows) = (&mut self.state.progress, &mut self.rows);
            ended = run.all(progress, rows, listener, &mut stepping)?;
            self.state.variables = run.variables()?;
            let last = self.state.progress.phase + 1 == self.phases.len();
            if last || ended != Ended::Finished {
                break;
            }
            self.state.progress.phase += 1;
            self.carry()?;
        }
        let layers = LayerSummary::of(&self.network);
        let made = (self.state.progress.iteration - first) * self.recipe.training.batch as u64;
        let remarks = self.remarks();
        let record = TrainingRecord {
            schema_version: SCHEMA_VERSION,
            program: PROGRAM.to_owned(),
            recipe: self.recipe.clone(),
            data: self.data.origin.clone(),
            samples: self.selection.counts(),
            class_names: self.data.class_names.clone(),
            remarks,
            parameters: ParameterCounts::of(&layers),
            layers,
            phases: self.summaries(),
            rows: self.rows,
            iterations: self.state.progress.iteration,
            ended,
            device: device.name().to_owned(),
            timing: Timing {
                seconds: start.elapsed().as_secs_f64(),
                samples_per_second: made as f64 / stepping.as_secs_f64().max(f64::MIN_POSITIVE),
                threads: rayon::current_num_threads(),
            },
        };
        let sound = !matches!(ended, Ended::Diverged { .. });
        let precision = self.recipe.training.precision;
        let weights = sound.then(|| {
            let names = &self.data.class_names;
            weights_file(&self.network, &self.state, precision, names)
        });
        let sparse = sparse_file(&self.network, &self.state.parameters()).filter(|_| sound);
        Ok(Trained {
            record,
            weights,
            sparse,
        })
    }

    /// Builds the network of the next phase and takes the state over into it.
    fn carry(&mut self) -> Result<(), TrainError> {
        let number = self.state.progress.phase;
        let phase = &self.phases[number];
        let mut network = build(&self.recipe, self.data, phase)?;
        let seed = self.recipe.seed;
        let carried = self.state.carry(&self.network, &mut network, phase, seed);
        carried.map_err(|(index, problem)| change(number + 1, phase, index, problem))?;
        self.network = network;
        Ok(())
    }

    /// The phases that were begun.
    fn summaries(&self) -> Vec<PhaseSummary> {
        let counts = &self.state.progress.parameters;
        let summary = |(phase, &parameters): (&Phase, &usize)| PhaseSummary {
            name: phase.name.clone(),
            start: phase.iterations.start,
            end: phase.iterations.end,
            parameters,
        };
        self.phases.iter().zip(counts).map(summary).collect()
    }

    /// The origin of the data, as JSON.
    fn origin(&self) -> String {
        serde_json::to_string(&self.data.origin).expect("an origin has a form in JSON")
    }
}
