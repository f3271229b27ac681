//! The run of a training.

use super::augment::Augmentation;
use super::carry::carry;
use super::checkpoint::{RowsBefore, State, read_checkpoint, weights_file};
use super::error::TrainError;
use super::layer::Layer;
use super::machines::Machines;
use super::network::{LayerError, Network, Parameters};
use super::phase_run::{PhaseRun, Setting};
use super::phases::{Phase, no_layer, phases, place};
use super::recipe::Recipe;
use super::result::{
    Ended, LayerSummary, ParameterCounts, PhaseSummary, Row, SCHEMA_VERSION, Timing, TrainingRecord,
};
use super::rows::read_rows;
use super::selection::Selection;
use super::sparse::sparse_file;
use super::step;
use crate::data::Dataset;
use crate::program::Plan;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

/// What happens while a network is trained.
#[derive(Debug)]
pub enum Event<'a> {
    /// The loss of a step is known. On a machine that runs apart from the processor later ones may be under way.
    Step {
        /// How many there were, with this one.
        iteration: u64,
        /// How many there will be.
        of: u64,
        /// The mean loss of its batch, before it.
        loss: f64,
    },
    /// A row was added to the record.
    Row(&'a Row),
    /// A checkpoint, to be kept.
    Checkpoint {
        /// Steps made.
        iteration: u64,
        /// A safetensors file.
        file: Vec<u8>,
    },
}

/// Hears what happens; it can ask for an end, which comes after a last checkpoint.
pub type Listener<'a> = dyn FnMut(Event<'_>) -> anyhow::Result<ControlFlow<()>> + 'a;

/// A training about to run.
pub struct Trainer<'a> {
    recipe: &'a Recipe,
    data: &'a Dataset,
    phases: Vec<Phase>,
    selection: Selection<'a>,
    state: State,
    rows: Vec<Row>,
}

/// What a training leaves.
#[derive(Debug)]
pub struct Trained {
    /// What was met on the way.
    pub record: TrainingRecord,
    /// The last weights as a safetensors file; none where they are no numbers.
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
    pub fn new(recipe: &'a Recipe, data: &'a Dataset) -> Result<Trainer<'a>, TrainError> {
        let selection = Selection::new(&recipe.data, data)?;
        if let Some(augment) = recipe.data.augment {
            let shape = data.train.shape;
            Augmentation::new(augment, recipe.seed, selection.trained, shape)?;
        }
        let trainer = Trainer {
            recipe,
            data,
            phases: phases(recipe, selection.trained)?,
            selection,
            state: State::default(),
            rows: Vec::new(),
        };
        trainer.check()?;
        Ok(trainer)
    }

    /// Goes on from a checkpoint. The rows of the record before it are the first lines of the file at `rows`, each
    /// as [`Row::to_line`] has it; what follows there is of later steps and not read. An older checkpoint holds
    /// its rows itself, and the file is not looked at.
    ///
    /// # Errors
    ///
    /// [`TrainError::Checkpoint`] when it is damaged or another recipe's, [`TrainError::Rows`] when its rows are
    /// missing or damaged.
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
        for name in ["weights", "biases"] {
            if !state.variables.iter().any(|(other, _)| other == name) {
                return wrong(format!("it lacks the array state/{name}"));
            }
        }
        self.rows = match before {
            RowsBefore::Count(count) => read_rows(rows, count, done)?,
            RowsBefore::All(rows) => rows,
        };
        self.state = state;
        Ok(())
    }

    /// What is trained, and how.
    pub fn recipe(&self) -> &Recipe {
        self.recipe
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
    ///
    /// # Errors
    ///
    /// None after [`Trainer::new`], which has built the layers.
    pub fn flops(&self) -> Result<u64, TrainError> {
        Ok(self.next_step()?.cost().flops)
    }

    /// Whether a machine of `machines` takes the steps of the phase that is next: one is made ready there and let go.
    ///
    /// # Errors
    ///
    /// [`TrainError::Exec`] if it does not.
    pub fn fits(&self, machines: &Machines<'_>) -> Result<(), TrainError> {
        let mut machine = machines.make(self.recipe.training.precision);
        Ok(machine.prepare(&self.next_step()?)?)
    }

    /// The plan of a step of the phase that is next, without its penalties.
    fn next_step(&self) -> Result<Plan, TrainError> {
        let network = self.network(&self.phases[self.state.progress.phase])?;
        let training = &self.recipe.training;
        let step = step::training(&network, training.batch, &training.optimizer, &[]);
        Ok(step.plan)
    }

    /// Steps of all phases.
    pub fn iterations(&self) -> u64 {
        self.phases.last().map_or(0, |last| last.iterations.end)
    }

    /// The layers of the phase that is next.
    ///
    /// # Errors
    ///
    /// None after [`Trainer::new`], which has built them.
    pub fn layers(&self) -> Result<Vec<LayerSummary>, TrainError> {
        let phase = &self.phases[self.state.progress.phase];
        Ok(LayerSummary::of(&self.network(phase)?))
    }

    /// Trains on `machines` to the end, or until `listener` asks for one.
    ///
    /// # Errors
    ///
    /// The machine's and the listener's.
    pub fn run(
        mut self,
        machines: &Machines<'_>,
        listener: &mut Listener<'_>,
    ) -> anyhow::Result<Trained> {
        let start = Instant::now();
        let mut stepping = Duration::ZERO;
        let first = self.state.progress.iteration;
        self.state.progress.recipe = self.recipe.to_toml();
        self.state.progress.data = self.origin();
        let mut ended;
        let mut network;
        loop {
            let phase = self.phases[self.state.progress.phase].clone();
            network = self.enter(&phase)?;
            if self.state.progress.parameters.len() == self.state.progress.phase {
                let counts = ParameterCounts::of(&LayerSummary::of(&network));
                let parameters = counts.weights + counts.biases;
                self.state.progress.parameters.push(parameters);
            }
            let setting = Setting {
                recipe: self.recipe,
                selection: self.selection,
                machines,
                network: &network,
                phase: &phase,
                phases: &self.phases,
                iterations: self.iterations(),
            };
            let mut run = PhaseRun::new(setting, &self.state.variables)?;
            let (progress, rows) = (&mut self.state.progress, &mut self.rows);
            ended = run.all(progress, rows, listener, &mut stepping)?;
            self.state.variables = run.variables()?;
            let last = self.state.progress.phase + 1 == self.phases.len();
            if last || ended != Ended::Finished {
                break;
            }
            self.state.progress.phase += 1;
            self.carry(&network)?;
        }
        let layers = LayerSummary::of(&network);
        let made = (self.state.progress.iteration - first) * self.recipe.training.batch as u64;
        let record = TrainingRecord {
            schema_version: SCHEMA_VERSION,
            program: format!("spectra {}", env!("CARGO_PKG_VERSION")),
            recipe: self.recipe.clone(),
            data: self.data.origin.clone(),
            samples: self.selection.counts(),
            parameters: ParameterCounts::of(&layers),
            layers,
            phases: self.summaries(),
            rows: self.rows,
            iterations: self.state.progress.iteration,
            ended,
            device: machines.name().to_owned(),
            timing: Timing {
                seconds: start.elapsed().as_secs_f64(),
                samples_per_second: made as f64 / stepping.as_secs_f64().max(f64::MIN_POSITIVE),
                threads: rayon::current_num_threads(),
            },
        };
        let parameters = Parameters::of(&self.state.variables);
        let sound = !matches!(ended, Ended::Diverged { .. });
        let precision = self.recipe.training.precision;
        let variables = self.state.variables.iter();
        let running: Vec<_> = variables
            .filter(|(name, _)| is_running(name))
            .cloned()
            .collect();
        let weights = sound.then(|| weights_file(&network, &parameters, &running, precision));
        let sparse = sparse_file(&network, &parameters).filter(|_| sound);
        Ok(Trained {
            record,
            weights,
            sparse,
        })
    }

    /// Builds every phase from the last, at initial parameters.
    fn check(&self) -> Result<(), TrainError> {
        for name in &self.recipe.record.watch {
            if place(&self.phases[0].layers, name).is_none() {
                return Err(no_layer(&self.phases[0].layers, name));
            }
        }
        let pruned = self.phases[0]
            .changes
            .iter()
            .find(|(_, c)| c.prune.is_some());
        if let Some((&index, _)) = pruned {
            let problem = "nothing is trained yet that could be pruned; prune in a later phase";
            return Err(self.change(1, &self.phases[0], index, problem.into()));
        }
        let mut before: Option<(Network, Parameters)> = None;
        for (number, phase) in (1..).zip(&self.phases) {
            let network = self.network(phase).map_err(|error| match error {
                TrainError::Layer(LayerError { index, problem, .. })
                    if phase.changes.contains_key(&index) =>
                {
                    self.change(number, phase, index, problem.to_string())
                }
                error => error,
            });
            let mut network = network?;
            let parameters = match &before {
                None => network.initial(),
                Some((earlier, old)) => {
                    let carried =
                        carry(earlier, old, &mut network, &phase.changes, self.recipe.seed);
                    carried
                        .map_err(|(index, problem)| self.change(number, phase, index, problem))?
                }
            };
            let penalties = phase.penalties(&network);
            penalties.map_err(|(index, problem)| self.change(number, phase, index, problem))?;
            before = Some((network, parameters));
        }
        Ok(())
    }

    fn change(&self, phase: usize, of: &Phase, index: usize, problem: String) -> TrainError {
        let layer = Layer::name_of(&of.layers[index], index);
        TrainError::Change {
            phase,
            layer,
            problem,
        }
    }

    fn network(&self, phase: &Phase) -> Result<Network, TrainError> {
        let network = Network::new(&phase.layers, self.data.train.shape, self.recipe.seed)?;
        let (outputs, classes) = (network.outputs(), self.data.classes);
        match outputs == classes {
            true => Ok(network),
            false => Err(TrainError::Classes { outputs, classes }),
        }
    }

    /// The network of `phase` with the masks of the state; where the state is empty, it begins.
    fn enter(&mut self, phase: &Phase) -> Result<Network, TrainError> {
        let mut network = self.network(phase)?;
        for layer in &mut network.layers {
            let mask = self
                .state
                .masks
                .iter()
                .find(|(name, _)| *name == layer.name);
            if let (Some((_, mask)), Some(affine)) = (mask, layer.affine_mut()) {
                if mask.len() != affine.weight().parameters() {
                    let problem = format!("the mask of {} has another size", layer.name);
                    return Err(TrainError::Checkpoint { problem });
                }
                affine.set_mask(Some(mask.as_slice().into()));
            }
        }
        if self.state.variables.is_empty() {
            let Parameters { weights, biases } = network.initial();
            self.state.variables = vec![("weights".into(), weights), ("biases".into(), biases)];
        }
        Ok(network)
    }

    /// Takes the state over into the next phase. Where no parameter moves, what the optimizer remembers
    /// stays.
    fn carry(&mut self, before: &Network) -> Result<(), TrainError> {
        let number = self.state.progress.phase;
        let phase = &self.phases[number];
        let mut network = self.network(phase)?;
        let old = Parameters::of(&self.state.variables);
        let carried = carry(before, &old, &mut network, &phase.changes, self.recipe.seed);
        let new =
            carried.map_err(|(index, problem)| self.change(number + 1, phase, index, problem))?;
        self.state.masks = network.masks();
        if phase.restarted == phase.iterations.start {
            self.state.variables.retain(|(name, _)| is_running(name));
            let Parameters { weights, biases } = new;
            let own = [
                ("weights".to_owned(), weights),
                ("biases".to_owned(), biases),
            ];
            self.state.variables.splice(0..0, own);
        }
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

    /// Where the data came from.
    fn origin(&self) -> String {
        serde_json::to_string(&self.data.origin).expect("an origin has a form in JSON")
    }
}

/// Whether a variable is a running mean or variance of batch normalisation.
fn is_running(name: &str) -> bool {
    name.ends_with(".mean") || name.ends_with(".variance")
}
