//! Trainings on machines that lag behind the processor or fail, beside the same on the processor itself.

use spectra::data::{self, Dataset};
use spectra::device::{Cpu, Device, Real};
use spectra::program::{Buffer, Exec, ExecError, Plan};
use spectra::train::recipe::{Precision, Recipe, read};
use spectra::train::{Event, TrainError, Trainer};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Two phases of a small network with dropout and momentum; rows and checkpoints fall apart.
pub const RECIPE: &str = r#"
name = "small"
seed = 5

[data]
set = "digits"
train = 90

[training]
batch = 6
optimizer = { kind = "sgd", momentum = 0.9 }
rate = { schedule = "fixed", base = 0.05 }

[record]
every = 7
checkpoint = 5
training-samples = 30
watch = ["one"]

[[phase]]
iterations = 16

[[phase]]
iterations = 11
[phase.layers.one]
weight = { family = "block-diagonal", blocks = 4 }

[[layer]]
kind = "linear"
name = "one"
outputs = 8

[[layer]]
kind = "relu"

[[layer]]
kind = "dropout"
keep = 0.8

[[layer]]
kind = "linear"
outputs = 10
"#;

/// Steps after which the processor needs numbers: rows, checkpoints, ends of phases.
const WAITED: [u64; 11] = [0, 5, 7, 10, 14, 15, 16, 20, 21, 25, 27];

/// What happened on the machine that trains.
#[derive(Debug, Default)]
struct Log {
    runs: u64,
    /// After how many runs it was waited for.
    waits: Vec<u64>,
}

/// The processor as a machine apart: what is followed arrives some runs late, and it may fail.
struct Apart<T> {
    cpu: Cpu<T>,
    lag: usize,
    arriving: VecDeque<f64>,
    /// The run that fails, and how.
    failing: Option<(u64, ExecError)>,
    /// Only the machine that trains is followed; the other one tests.
    followed: bool,
    log: Rc<RefCell<Log>>,
}

impl<T> Apart<T> {
    fn waited(&self) {
        if self.followed {
            let mut log = self.log.borrow_mut();
            let runs = log.runs;
            log.waits.push(runs);
        }
    }
}

impl<T: Real> Exec for Apart<T> {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.followed = false;
        self.arriving.clear();
        self.cpu.prepare(plan)
    }

    fn write(&mut self, buffer: Buffer, data: &[f64]) {
        self.cpu.write(buffer, data);
    }

    fn run(&mut self) -> Result<(), ExecError> {
        if self.followed {
            let mut log = self.log.borrow_mut();
            log.runs += 1;
            if let Some((run, error)) = &self.failing
                && *run <= log.runs
            {
                return Err(error.clone());
            }
        }
        self.cpu.run()
    }

    fn follow(&mut self, buffer: Buffer) {
        self.followed = true;
        self.cpu.follow(buffer);
    }

    fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
        let mut new = Vec::new();
        self.cpu.followed(&mut new, all)?;
        self.arriving.extend(new);
        if all {
            self.waited();
        }
        let held = if all { 0 } else { self.lag };
        let arrived = self.arriving.len().saturating_sub(held);
        values.extend(self.arriving.drain(..arrived));
        Ok(())
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
        self.waited();
        self.cpu.read(buffer)
    }
}

fn exec<T: Real + 'static>(
    lag: usize,
    failing: &Option<(u64, ExecError)>,
    log: &Rc<RefCell<Log>>,
) -> Box<dyn Exec> {
    Box::new(Apart {
        cpu: Cpu::<T>::new(),
        lag,
        arriving: VecDeque::new(),
        failing: failing.clone(),
        followed: false,
        log: Rc::clone(log),
    })
}

/// Machines whose numbers arrive `lag` runs late; the log is that of the one that trains.
fn apart(lag: usize, failing: Option<(u64, ExecError)>) -> (Device<'static>, Rc<RefCell<Log>>) {
    let log = Rc::new(RefCell::new(Log::default()));
    let own = Rc::clone(&log);
    let machines = Device::new("processor", move |precision| match precision {
        Precision::Single => exec::<f32>(lag, &failing, &own),
        Precision::Double => exec::<f64>(lag, &failing, &own),
    });
    (machines, log)
}

/// All that a training tells and leaves.
#[derive(Debug, Default, PartialEq)]
pub struct Told {
    /// With their iterations, as bits.
    pub losses: Vec<(u64, u64)>,
    pub checkpoints: Vec<(u64, Vec<u8>)>,
    /// The rows as lines.
    pub rows: String,
    pub record: serde_json::Value,
    pub weights: Option<Vec<u8>>,
    pub error: Option<ExecError>,
}

impl Told {
    pub fn checkpointed(&self) -> Vec<u64> {
        self.checkpoints.iter().map(|(made, _)| *made).collect()
    }
}

/// Trains; the listener asks for an end when it hears of the step `end`. Rows and checkpoints must come when all
/// steps before them are told.
pub fn told(trainer: Trainer<'_>, machines: &Device<'_>, end: Option<u64>) -> Told {
    let mut told = Told::default();
    let mut last = trainer.iteration();
    let result = trainer.run(machines, &mut |event| {
        let mut flow = ControlFlow::Continue(());
        match event {
            Event::Step {
                iteration, loss, ..
            } => {
                assert_eq!(iteration, last + 1);
                last = iteration;
                told.losses.push((iteration, loss.to_bits()));
                if end == Some(iteration) {
                    flow = ControlFlow::Break(());
                }
            }
            Event::Row(row) => {
                assert_eq!(row.iteration, last);
                told.rows += &row.to_line();
            }
            Event::Checkpoint { iteration, file } => {
                assert_eq!(iteration, last);
                told.checkpoints.push((iteration, file));
            }
        }
        Ok(flow)
    });
    match result {
        Ok(trained) => {
            told.record = serde_json::to_value(trained.record).unwrap();
            told.record.as_object_mut().unwrap().remove("timing");
            told.weights = trained.weights;
        }
        Err(error) => match error.downcast() {
            Ok(TrainError::Exec(error)) => told.error = Some(error),
            other => panic!("{other:?}"),
        },
    }
    told
}

pub fn plain(recipe: &Recipe, data: &Dataset) -> Told {
    let trainer = Trainer::new(recipe, data).unwrap();
    told(trainer, &Device::cpu(), None)
}

/// Goes on from the last checkpoint of `before` on the processor.
fn resumed(recipe: &Recipe, data: &Dataset, before: &Told) -> Told {
    let (_, checkpoint) = before.checkpoints.last().unwrap();
    let rows = &before.rows;
    resumed_on(&Device::cpu(), recipe, data, checkpoint, rows)
}

pub fn resumed_on(
    machines: &Device<'_>,
    recipe: &Recipe,
    data: &Dataset,
    checkpoint: &[u8],
    rows: &str,
) -> Told {
    let [file, lines] = [(); 2].map(|()| tempfile::NamedTempFile::new().unwrap());
    std::fs::write(file.path(), checkpoint).unwrap();
    std::fs::write(lines.path(), rows).unwrap();
    let mut trainer = Trainer::new(recipe, data).unwrap();
    trainer.resume(file.path(), lines.path()).unwrap();
    told(trainer, machines, None)
}

/// Catches a loss that is lost, counted twice or counted for another row, and a wait in the middle of an interval.
#[test]
fn a_machine_that_lags_leaves_the_same() {
    let data = data::open("digits", None).unwrap();
    for precision in [Precision::Single, Precision::Double] {
        let mut recipe = read(RECIPE).unwrap();
        recipe.training.precision = precision;
        let expected = plain(&recipe, &data);
        assert_eq!(expected.checkpointed(), [0, 5, 10, 15, 16, 20, 25, 27]);
        assert_eq!(expected.losses.len(), 27);
        for lag in [0, 1, 3, 100] {
            let (machines, log) = apart(lag, None);
            let trainer = Trainer::new(&recipe, &data).unwrap();
            assert!(
                told(trainer, &machines, None) == expected,
                "{lag} runs late"
            );
            let mut waits = log.take().waits;
            waits.dedup();
            assert_eq!(waits, WAITED, "{lag} runs late");
        }
    }
}

/// Catches a divergence that is found late and then named by the step at which it was found, or whose weights
/// are kept.
#[test]
fn steps_after_a_loss_that_is_no_number_do_not_count() {
    let data = data::open("digits", None).unwrap();
    let recipe = read(&RECIPE.replace("base = 0.05", "base = 1e20")).unwrap();
    let expected = plain(&recipe, &data);
    let ended = &expected.record["ended"];
    let iteration = ended["iteration"].as_u64().unwrap();
    assert!(iteration > 1 && iteration < 5, "{ended}");
    assert_eq!(expected.checkpointed(), [0]);
    assert_eq!(expected.weights, None);
    for (lag, runs) in [(1, iteration + 1), (100, 5)] {
        let (machines, log) = apart(lag, None);
        let trainer = Trainer::new(&recipe, &data).unwrap();
        assert!(
            told(trainer, &machines, None) == expected,
            "{lag} runs late"
        );
        assert_eq!(log.borrow().runs, runs);
    }
}

/// Catches steps under way that the last checkpoint forgets, and an end that makes more of them.
#[test]
fn an_end_asked_for_keeps_what_is_under_way() {
    let data = data::open("digits", None).unwrap();
    let recipe = read(RECIPE).unwrap();
    let expected = plain(&recipe, &data);
    let (machines, log) = apart(2, None);
    let trainer = Trainer::new(&recipe, &data).unwrap();
    let before = told(trainer, &machines, Some(11));
    assert_eq!(before.record["ended"]["how"], "interrupted");
    assert_eq!(before.record["iterations"], 13);
    assert_eq!((log.borrow().runs, before.losses.len()), (13, 13));
    assert_eq!(before.checkpointed(), [0, 5, 10, 13]);
    let after = resumed(&recipe, &data, &before);
    assert!(after.weights == expected.weights && after.record == expected.record);
}

/// Catches a machine that takes the checkpoint before its failure with it, or a failure that is told in many
/// sentences or without a way out.
#[test]
fn a_machine_that_fails_leaves_its_last_checkpoint() {
    let data = data::open("digits", None).unwrap();
    let recipe = read(RECIPE).unwrap();
    let expected = plain(&recipe, &data);
    let device = || "Radeon".to_owned();
    let reason = || "its driver was reset".to_owned();
    let failures = [
        ExecError::Lost {
            device: device(),
            reason: reason(),
        },
        ExecError::Late {
            device: device(),
            seconds: 120,
        },
        ExecError::Refused {
            device: device(),
            reason: reason(),
        },
        ExecError::OutOfMemory {
            device: device(),
            bytes: 1 << 40,
        },
    ];
    for (failure, run) in failures.into_iter().zip([13, 1, 17, 27]) {
        let sentence = failure.to_string();
        assert!(sentence.contains("Radeon") && !sentence.contains(['\n', '.']));
        assert!(!sentence.contains("--"), "{sentence}");
        let (machines, _) = apart(3, Some((run, failure.clone())));
        let trainer = Trainer::new(&recipe, &data).unwrap();
        let before = told(trainer, &machines, None);
        assert_eq!(before.error, Some(failure), "run {run}");
        let kept = expected.checkpoints.iter().filter(|(made, _)| *made < run);
        assert!(before.checkpoints.iter().eq(kept), "run {run}");
        assert!(expected.losses.starts_with(&before.losses), "run {run}");
        let after = resumed(&recipe, &data, &before);
        assert!(after.weights == expected.weights && after.record == expected.record);
    }
}
