//! One phase of a training on a device.

use super::augment::Augmentation;
use super::batches::{Batches, Normal};
use super::checkpoint::checkpoint_file;
use super::error::TrainError;
use super::event::{Event, Listener};
use super::group::Group;
use super::losses::Losses;
use super::network::Network;
use super::phases::Phase;
use super::recipe::Recipe;
use super::result::{Ended, Row};
use super::selection::Selection;
use super::state::{Progress, State};
use super::step::{self, Step};
use super::tester::Tester;
use super::update::settings;
use super::variable::Variable;
use super::watch::Watched;
use crate::device::Device;
use crate::program::Exec;
use std::time::{Duration, Instant};

/// Least samples of a batch of a test.
const TEST_BATCH: usize = 100;

/// The inputs of a phase: recipe, data, executors and network.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub recipe: &'a Recipe,
    pub selection: Selection<'a>,
    pub device: &'a Device<'a>,
    pub network: &'a Network,
    pub phase: &'a Phase,
    /// All phases.
    pub phases: &'a [Phase],
    /// Steps of all phases.
    pub iterations: u64,
}

/// A phase about to run.
pub(super) struct PhaseRun<'a> {
    setting: Setting<'a>,
    exec: Box<dyn Exec>,
    step: Step,
    tester: Tester,
    batches: Batches,
    normal: Normal,
    augmentation: Option<Augmentation>,
    /// Numbers on their way to the executor.
    x: Vec<f32>,
    classes: Vec<f32>,
    drawn: Vec<f32>,
    chosen: Vec<usize>,
}

impl<'a> PhaseRun<'a> {
    /// The phase at the numbers of `variables`; what these do not have begins anew. A step of `network` without penalties
    /// may have been `planned` before.
    pub fn new(
        setting: Setting<'a>,
        variables: &[(Group, Vec<f64>)],
        planned: Option<Step>,
    ) -> Result<PhaseRun<'a>, TrainError> {
        let Setting {
            recipe,
            selection,
            device,
            network,
            phase,
            ..
        } = setting;
        let samples = selection.trained;
        let training = &recipe.training;
        let penalties = phase.penalties(network).expect("phases were checked");
        let plan = || step::training(network, training.batch, &training.optimizer, &penalties);
        let planned = planned.filter(|_| penalties.is_empty());
        let step = planned.unwrap_or_else(plan);
        let mut exec = device.executor(training.precision);
        exec.prepare(&step.plan)?;
        exec.follow(step.loss);
        for variable in step.shared.iter().chain(&step.memory) {
            let known = variables.iter().find(|(group, _)| *group == variable.group);
            match known {
                Some((_, values)) if values.len() == variable.len => {
                    exec.write(variable.buffer, values);
                }
                Some((group, values)) => {
                    let (count, len) = (values.len(), variable.len);
                    let problem = format!("{group} has {count} numbers instead of {len}");
                    return Err(TrainError::Checkpoint { problem });
                }
                None if variable.initial != 0.0 => {
                    exec.write(variable.buffer, &vec![variable.initial; variable.len]);
                }
                None => {}
            }
        }
        let shape = selection.training().shape;
        let augment = recipe.data.augment;
        let augmentation = augment.map(|it| Augmentation::new(it, recipe.seed, samples, shape));
        let test_batch = training.batch.max(TEST_BATCH);
        Ok(PhaseRun {
            setting,
            tester: Tester::new(network, test_batch, device.executor(training.precision))?,
            batches: Batches::new(recipe.data.order, recipe.seed, samples, training.batch),
            normal: Normal::new(&recipe.data, selection.training(), samples),
            augmentation: augmentation.transpose()?,
            x: vec![0.0; network.input.numbers() * training.batch],
            classes: vec![0.0; training.batch],
            drawn: Vec::new(),
            chosen: Vec::new(),
            exec,
            step,
        })
    }

    /// All steps that are left, with rows and checkpoints where they are due; before the first step, and where the
    /// phase has changed the network, one of each.
    pub fn all(
        &mut self,
        progress: &mut Progress,
        rows: &mut Vec<Row>,
        listener: &mut Listener<'_>,
        stepping: &mut Duration,
    ) -> anyhow::Result<Ended> {
        let Setting {
            recipe,
            phase,
            iterations,
            ..
        } = self.setting;
        let own = |row: &Row| row.phase == progress.phase + 1;
        let began = !rows.last().is_some_and(own);
        let changed = phase.restarted == phase.iterations.start;
        if began && changed && progress.iteration == phase.iterations.start {
            rows.push(self.row(progress, listener)?);
            self.checkpoint(progress, rows.len(), listener)?;
        }
        let mut losses = Losses::after(progress.iteration);
        while progress.iteration < phase.iterations.end {
            let start = Instant::now();
            self.one(progress.iteration)?;
            progress.iteration += 1;
            let iteration = progress.iteration;
            let last = iteration == iterations;
            let due = last || iteration.is_multiple_of(recipe.record.checkpoint);
            let row = last || iteration.is_multiple_of(recipe.record.every);
            let all = due || row || iteration == phase.iterations.end;
            let followed = self.exec.followed(&mut losses.arrived, all);
            followed.map_err(TrainError::from)?;
            *stepping += start.elapsed();
            let mut diverged = losses.tell(progress, iterations, listener)?;
            if losses.stop && !all && diverged.is_none() {
                let followed = self.exec.followed(&mut losses.arrived, true);
                followed.map_err(TrainError::from)?;
                diverged = losses.tell(progress, iterations, listener)?;
            }
            if let Some(diverged) = diverged {
                return Ok(diverged);
            }
            if due && !self.is_finite()? {
                return Ok(Ended::Diverged { iteration });
            }
            if row {
                let row = self.row(progress, listener)?;
                let tested = row.test_loss;
                rows.push(row);
                if tested.is_some_and(|loss| !loss.is_finite()) {
                    return Ok(Ended::Diverged { iteration });
                }
            }
            if due || losses.stop {
                self.checkpoint(progress, rows.len(), listener)?;
            }
            if losses.stop {
                return Ok(Ended::Interrupted);
            }
        }
        Ok(Ended::Finished)
    }

    /// Whether all that lasts is finite.
    fn is_finite(&mut self) -> Result<bool, TrainError> {
        let variables = self.variables()?;
        let mut numbers = variables.iter().flat_map(|(_, values)| values);
        Ok(numbers.all(|x| x.is_finite()))
    }

    /// Reads the numbers that last.
    pub fn variables(&mut self) -> Result<Vec<(Group, Vec<f64>)>, TrainError> {
        let variables = self.step.shared.iter().chain(&self.step.memory);
        let read =
            |variable: &Variable| Ok((variable.group.clone(), self.exec.read(variable.buffer)?));
        variables.map(read).collect()
    }

    /// One step, which may be under way when this returns.
    fn one(&mut self, iteration: u64) -> Result<(), TrainError> {
        let Setting {
            recipe,
            selection,
            phase,
            ..
        } = self.setting;
        self.batches.of(iteration, &mut self.chosen);
        self.normal.fill(
            selection.training(),
            &self.chosen,
            &mut self.x,
            &mut self.classes,
        );
        if let Some(augmentation) = &mut self.augmentation {
            augmentation.apply(iteration, &mut self.x);
        }
        self.exec.write_singles(self.step.x, &self.x);
        self.exec.write_singles(self.step.classes, &self.classes);
        for drawn in &self.step.drawn {
            drawn.draw(recipe.seed, iteration, &mut self.drawn);
            self.exec.write_singles(drawn.view.buffer, &self.drawn);
        }
        if let Some(rate) = self.step.rate {
            let began = phase.restarted;
            let settings = settings(
                &recipe.training.optimizer,
                phase.rate(iteration),
                iteration - began,
            );
            self.exec.write(rate, &settings);
        }
        Ok(self.exec.run()?)
    }

    /// Measures a row of the record and tells of it.
    fn row(&mut self, progress: &mut Progress, listener: &mut Listener<'_>) -> anyhow::Result<Row> {
        let Setting {
            recipe,
            selection,
            network,
            ..
        } = self.setting;
        let mut shared = Vec::new();
        for variable in &self.step.shared {
            shared.push(self.exec.read(variable.buffer)?);
        }
        self.tester.take(&shared);
        let samples = selection.trained;
        let first = 0..recipe.record.training_samples.min(samples);
        let (tester, normal) = (&mut self.tester, &mut self.normal);
        let trained = tester.score(normal, selection.training(), first)?;
        let (part, range) = selection.testing();
        let tested = tester.score(normal, part, range)?;
        let watched = recipe.record.watch.iter().map(|name| {
            let (index, layer) = network.layer(name).expect("watched layers were checked");
            let [range, _] = network.places().swap_remove(index);
            let affine = layer.affine().expect("watched layers have weights");
            Watched::new(name, affine, &shared[0][range])
        });
        let row = Row {
            iteration: progress.iteration,
            epoch: progress.iteration as f64 * recipe.training.batch as f64 / samples as f64,
            phase: progress.phase + 1,
            loss: (progress.losses > 0).then(|| progress.loss / progress.losses as f64),
            training_accuracy: trained.map(|score| score.accuracy),
            test_accuracy: tested.map(|score| score.accuracy),
            test_loss: tested.map(|score| score.loss),
            rate: self.next_rate(progress.iteration),
            watched: watched.collect(),
        };
        (progress.loss, progress.losses) = (0.0, 0);
        let _ = listener(Event::Row(&row))?;
        Ok(row)
    }

    /// The rate of the step after so many; of the last phase where there is none.
    fn next_rate(&self, iteration: u64) -> f64 {
        let Setting { phase, phases, .. } = self.setting;
        let next = phases.iter().find(|p| p.iterations.contains(&iteration));
        next.unwrap_or(phase).rate(iteration)
    }

    fn checkpoint(
        &mut self,
        progress: &Progress,
        rows: usize,
        listener: &mut Listener<'_>,
    ) -> anyhow::Result<()> {
        let network = self.setting.network;
        let state = State {
            progress: progress.clone(),
            variables: self.variables()?,
            masks: network.masks(),
        };
        let precision = self.setting.recipe.training.precision;
        let file = checkpoint_file(network, state, rows, precision);
        let iteration = progress.iteration;
        listener(Event::Checkpoint { iteration, file }).map(|_| ())
    }
}
