//! The runs of a study, done side by side, each kept when it is finished.

use super::cell::{self, words};
use super::choice::choose;
use super::file::{Gaussian, Products};
use super::gaussian::gaussian_file;
use super::plan::{Run, StudyPlan};
use super::products::time_products;
use super::result::ChoiceReport;
use super::store::Store;
use super::training::train;
use crate::device::Device;
use crate::train::Recipe;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What happens while a study is run.
#[derive(Debug, Clone, Copy)]
pub enum StudyEvent<'a> {
    /// So many runs are still to be made, of so many training steps in all.
    Begun {
        /// Runs to be made.
        runs: usize,
        /// Runs that are kept from before.
        kept: usize,
        /// Training steps to be made.
        steps: u64,
    },
    /// So many training steps were made since it was begun.
    Step {
        /// Steps.
        made: u64,
    },
    /// All runs have ended; so many of the measures were taken.
    Measuring {
        /// Measures taken.
        taken: usize,
        /// Measures in all.
        measures: usize,
    },
    /// A run has ended.
    Ended {
        /// What it was of.
        run: &'a str,
        /// Why it failed, if it did.
        failure: Option<&'a str>,
    },
}

/// How a study is run.
pub struct Execution<'a> {
    /// Where finished runs are kept.
    pub store: &'a Store,
    /// Runs side by side; each has an equal part of the cores.
    pub jobs: usize,
    /// Makes what trainings run on.
    pub device: &'a (dyn Fn() -> Device<'static> + Sync),
    /// Hears what happens, from any thread; it ends the study, after checkpoints, by returning `false`.
    pub listener: &'a (dyn Fn(StudyEvent<'_>) -> bool + Sync),
}

/// What became of the runs.
#[derive(Debug, Default)]
pub(super) struct Executed {
    /// Why runs failed, by their keys.
    pub failures: BTreeMap<String, String>,
    /// The choices, and the place of the chosen candidate of each cell, by group and cell.
    pub choices: Vec<ChoiceReport>,
    /// The chosen candidate of every cell, by group and place of the cell; `None` where none has learned.
    pub chosen: Vec<Vec<Option<usize>>>,
    /// Whether all runs were made.
    pub complete: bool,
}

/// A run to be made.
struct Task<'a> {
    words: String,
    key: String,
    work: Work<'a>,
}

/// Tasks that are made side by side.
struct Round<'a> {
    plan: &'a StudyPlan,
    tasks: &'a [Task<'a>],
    /// The place of the next one.
    next: AtomicUsize,
    /// Training steps made.
    made: AtomicU64,
    stopped: AtomicBool,
    /// Keys of those that failed, and why.
    failures: Mutex<Vec<(String, String)>>,
}

/// What is to be done.
enum Work<'a> {
    Train(&'a Recipe),
    Gaussian(&'a Gaussian, u64),
    Products(&'a Products),
}

impl Execution<'_> {
    /// Makes all runs of `plan` that are not kept yet: first the trials of choices and what needs no choice, then what was
    /// chosen.
    pub(super) fn run(&self, plan: &StudyPlan) -> Executed {
        let mut executed = Executed {
            complete: true,
            ..Executed::default()
        };
        let mut first = Vec::new();
        for group in &plan.groups {
            for cell in &group.cells {
                for candidate in &cell.candidates {
                    let mut variables = cell.variables.clone();
                    variables.extend(candidate.variables.clone());
                    match &candidate.trial {
                        Some(trial) => {
                            first.extend(task(
                                &format!("{}, held out", group.name),
                                &variables,
                                0,
                                trial,
                            ));
                        }
                        None => first.extend(
                            (candidate.runs.iter())
                                .flat_map(|(seed, run)| task(&group.name, &variables, *seed, run)),
                        ),
                    }
                }
            }
        }
        self.all(plan, first, &mut executed);
        let mut second = Vec::new();
        for group in &plan.groups {
            let mut chosen = Vec::new();
            for cell in &group.cells {
                let (place, choice) = choose(self.store, &group.name, cell);
                executed.choices.extend(choice);
                if let Some(candidate) = place.map(|place| &cell.candidates[place])
                    && candidate.trial.is_some()
                {
                    let mut variables = cell.variables.clone();
                    variables.extend(candidate.variables.clone());
                    let runs = candidate.runs.iter();
                    second.extend(
                        runs.flat_map(|(seed, run)| task(&group.name, &variables, *seed, run)),
                    );
                }
                chosen.push(place);
            }
            executed.chosen.push(chosen);
        }
        if executed.complete {
            self.all(plan, second, &mut executed);
        }
        executed
    }

    /// Makes the `tasks` that are not kept, the trainings side by side, then the timings one after another.
    fn all(&self, plan: &StudyPlan, mut tasks: Vec<Task<'_>>, executed: &mut Executed) {
        let mut seen = BTreeSet::new();
        tasks.retain(|task| seen.insert(task.key.clone()));
        let wanted = tasks.len();
        tasks.retain(|task| self.store.find(&task.key).is_none());
        let (timings, trainings): (Vec<_>, Vec<_>) =
            (tasks.into_iter()).partition(|task| matches!(task.work, Work::Products(_)));
        let steps = trainings.iter().map(|task| match &task.work {
            Work::Train(recipe) => steps(recipe),
            _ => 0,
        });
        let runs = timings.len() + trainings.len();
        let go_on = (self.listener)(StudyEvent::Begun {
            runs,
            kept: wanted - runs,
            steps: steps.sum(),
        });
        let round = Round {
            plan,
            tasks: &trainings,
            next: AtomicUsize::new(0),
            made: AtomicU64::new(0),
            stopped: AtomicBool::new(!go_on),
            failures: Mutex::default(),
        };
        let jobs = self.jobs.clamp(1, trainings.len().max(1));
        let threads = (rayon::current_num_threads() / jobs).max(1);
        let job = || match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => pool.install(|| self.work(&round)),
            Err(_) => self.work(&round),
        };
        std::thread::scope(|scope| {
            for _ in 1..jobs {
                // Where no further thread can be started, those that run do all the work.
                let _ = std::thread::Builder::new().spawn_scoped(scope, job);
            }
            job();
        });
        let Round {
            stopped, failures, ..
        } = round;
        let failures = failures.into_inner();
        executed
            .failures
            .extend(failures.unwrap_or_else(|poisoned| poisoned.into_inner()));
        for task in &timings {
            if stopped.load(Ordering::Relaxed) {
                break;
            }
            let done = match &task.work {
                Work::Products(layer) => time_products(layer).and_then(|record| {
                    let kept = self.store.begin(&task.key, "");
                    kept.and_then(|_| self.store.keep(&task.key, &record.to_string(), None))
                        .map_err(|error| error.to_string())
                }),
                _ => Ok(()),
            };
            self.tell(task, done.as_ref().err().map(String::as_str), &stopped);
            if let Err(problem) = done {
                executed.failures.insert(task.key.clone(), problem);
            }
        }
        executed.complete &= !stopped.load(Ordering::Relaxed);
    }

    fn tell(&self, task: &Task<'_>, failure: Option<&str>, stopped: &AtomicBool) {
        let run = &task.words;
        if !(self.listener)(StudyEvent::Ended { run, failure }) {
            stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Makes tasks of `round` until none is left or the study is stopped.
    fn work(&self, round: &Round<'_>) {
        let device = (self.device)();
        while !round.stopped.load(Ordering::Relaxed) {
            let place = round.next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = round.tasks.get(place) else {
                return;
            };
            let last = Cell::new(0);
            let step = |iteration: u64| {
                let since = iteration.saturating_sub(last.replace(iteration));
                let made = round.made.fetch_add(since, Ordering::Relaxed) + since;
                if !(self.listener)(StudyEvent::Step { made }) {
                    round.stopped.store(true, Ordering::Relaxed);
                }
                !round.stopped.load(Ordering::Relaxed)
            };
            match self.one(round.plan, task, &device, &step) {
                Ok(true) => self.tell(task, None, &round.stopped),
                Ok(false) => {}
                Err(problem) => {
                    self.tell(task, Some(&problem), &round.stopped);
                    let failures = round.failures.lock();
                    let mut failures = failures.unwrap_or_else(|poisoned| poisoned.into_inner());
                    failures.push((task.key.clone(), problem));
                }
            }
        }
    }

    /// One run; whether it was made to its end.
    fn one(
        &self,
        plan: &StudyPlan,
        task: &Task<'_>,
        device: &Device<'_>,
        step: &dyn Fn(u64) -> bool,
    ) -> Result<bool, String> {
        match &task.work {
            Work::Train(recipe) => {
                let data = plan
                    .data
                    .get(&recipe.data.set)
                    .and_then(|data| data.as_ref().ok());
                let data = data.ok_or("there is no data")?;
                train(self.store, &task.key, recipe, data, device, step)
                    .map_err(|error| format!("{error:#}"))
            }
            Work::Gaussian(gaussian, seed) => {
                let file = gaussian_file(gaussian, *seed)?;
                let record = "{\"ended\":{\"how\":\"finished\"}}";
                let kept = self.store.begin(&task.key, "");
                kept.and_then(|_| self.store.keep(&task.key, record, Some(&file)))
                    .map_err(|error| error.to_string())?;
                Ok(true)
            }
            Work::Products(_) => Err("timings are made one after another".into()),
        }
    }
}

/// The run as a task; none for what is only read, and where there is no data.
fn task<'a>(group: &str, variables: &cell::Cell, seed: u64, run: &'a Run) -> Option<Task<'a>> {
    let work = match run {
        Run::Train { recipe, .. } => Work::Train(recipe),
        Run::Gaussian(gaussian, seed) => Work::Gaussian(gaussian, *seed),
        Run::Products(layer) => Work::Products(layer),
        Run::Weights(_) | Run::Row(_) => return None,
    };
    let mut all = vec![group.to_owned()];
    all.extend(Some(words(variables)).filter(|words| !words.is_empty()));
    if seed > 0 {
        all.push(format!("seed {seed}"));
    }
    Some(Task {
        words: all.join(", "),
        key: run.identity()?,
        work,
    })
}

/// Steps of a training as far as its recipe says; epochs count nothing.
fn steps(recipe: &Recipe) -> u64 {
    let phases = recipe.phases.iter().map(|phase| phase.iterations);
    recipe.training.iterations.unwrap_or(0) + phases.sum::<u64>()
}
