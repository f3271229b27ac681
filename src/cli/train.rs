//! `spectra train`: networks of structured layers.

use super::data::DataFolder;
use super::device::DeviceOption;
use super::progress::StepBar;
use super::terminal::{colours, complain, note, print, say};
use crate::data::{self, DataError};
use crate::device::Device;
use crate::report::{
    is_whole, record_to_json, training_files, training_head, training_layers, training_row,
    training_summary, write_in_place,
};
use crate::train::recipe::{line_of, read};
use crate::train::{
    Ended, Event, Recipe, Refused, RowsFile, RunFolder, RunLock, TrainError, Trained, Trainer,
};
use crate::weights::{escape, write_file};
use anyhow::{Context, anyhow};
use clap::Args;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The recipe that is trained when none is named.
const BUNDLED: &str = include_str!("../../analysis/recipes/digits.toml");

/// The kind of report that a run's folder holds.
const REPORT: &str = "training";

/// Longest recipe that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// Train a network of structured layers
#[derive(Debug, Args)]
#[command(after_help = "\
A recipe is a TOML file: data, layers, training; analysis/recipes has one a network. Without a
RECIPE a small network learns digits that a generator draws: nothing is downloaded.

Under [data], scale multiplies the inputs: by default 1/256 for bytes (pictures, and whole
numbers from 0 to 255), 1 for floats. Where the data have no part for tests, a sixth of each
class is held out.

The run's folder gets recipe.toml (every setting said), rows.jsonl, checkpoints/,
weights.safetensors, a page and, last, record.json. Ctrl-C writes a checkpoint first; --resume goes
on from the last sound one, to the same bits, and completes a run whose page was not yet written.

Examples:
  spectra train
  spectra train lenet5.toml --data ~/data
  spectra train lenet5.toml --device cpu
  spectra train --resume runs/lenet5
  spectra analyze runs/lenet5/weights.safetensors")]
pub(super) struct Train {
    /// What is trained, and how
    #[arg(value_name = "RECIPE", conflicts_with = "resume")]
    recipe: Option<PathBuf>,
    #[command(flatten)]
    folder: DataFolder,
    /// The run's folder, which must be new or empty (default: runs/NAME of the recipe)
    #[arg(long, value_name = "RUN", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Go on with the run in this folder, from its last checkpoint
    #[arg(long, value_name = "RUN")]
    resume: Option<PathBuf>,
    /// Another seed than the recipe's
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    seed: Option<u64>,
    /// Other iterations than the recipe's, of which there must be no phases
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    iterations: Option<u64>,
    #[command(flatten)]
    device: DeviceOption,
    /// Print the record as JSON instead of its rows
    #[arg(long)]
    json: bool,
}

impl Train {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        self.on(|trainer| {
            let precision = trainer.recipe().training.precision;
            let (device, said) = self.device.take(precision, trainer.flops())?;
            let device = device.unwrap_or_else(Device::cpu);
            if !device.is_requested()
                && let Err(error) = trainer.fits(&device)
            {
                let said = format!("device: processor; {}", escape(&error.to_string()));
                return Ok((Device::cpu(), Some(said)));
            }
            Ok((device, said))
        })
    }

    /// Trains on the device that `take` takes, with a line that says which.
    pub(super) fn on(
        &self,
        take: impl FnOnce(&Trainer<'_>) -> anyhow::Result<(Device<'static>, Option<String>)>,
    ) -> anyhow::Result<ExitCode> {
        let (recipe, located) = match &self.resume {
            Some(folder) => read_recipe_of(folder)?,
            None => self.recipe()?,
        };
        let root = self.folder.root();
        let data =
            data::open(&recipe.data.set, root.as_deref()).map_err(|error| located.data(error))?;
        let mut trainer =
            Trainer::new(&recipe, &data).map_err(|error| located.name(&recipe, error))?;
        let mut resumed = None;
        if let Some(folder) = &self.resume {
            let run = RunFolder::new(folder);
            let lock = RunLock::take(folder)?;
            run.sweep();
            if resume(&run, &mut trainer)? {
                let folder = shown(folder);
                say(&format!(
                    "spectra: {folder} is finished; nothing is left to train"
                ));
                return Ok(ExitCode::SUCCESS);
            }
            resumed = Some((run, lock));
        }
        let (device, said) = take(&trainer)?;
        let (run, _lock) = match resumed {
            Some(resumed) => resumed,
            None => new_folder(self.out.as_deref(), &recipe.name)?,
        };
        said.iter().for_each(|line| note(line));
        for remark in trainer.remarks() {
            note(&format!("data: {}", remark.sentence(trainer.class_names())));
        }
        let file = run.path().join(RunFolder::RECIPE);
        write_file(&file, trainer.recipe().to_toml().as_bytes())?;
        let trained = self.train(trainer, &device, &run)?;
        self.deliver(&trained, run.path())
    }

    /// The recipe asked for, with what the command line says otherwise.
    fn recipe(&self) -> anyhow::Result<(Recipe, Located)> {
        let (mut recipe, located) = match &self.recipe {
            Some(path) => read_recipe(path)?,
            None => {
                let text = BUNDLED.to_owned();
                let name = "the bundled recipe".to_owned();
                (read(&text)?, Located { name, text })
            }
        };
        if let Some(seed) = self.seed {
            recipe.seed = seed;
        }
        if let Some(iterations) = self.iterations {
            anyhow::ensure!(
                recipe.phases.is_empty(),
                "--iterations: the recipe has phases; change their iterations there"
            );
            recipe.training.iterations = Some(iterations);
            recipe.training.epochs = None;
        }
        Ok((recipe, located))
    }

    fn train(
        &self,
        trainer: Trainer<'_>,
        device: &Device<'_>,
        run: &RunFolder,
    ) -> anyhow::Result<Trained> {
        let folder = run.path();
        let batch = trainer.recipe().training.batch;
        let bar = StepBar::new(trainer.iteration(), trainer.iterations(), batch);
        let mut rows = RowsFile::begin(folder, trainer.rows())?;
        let mut heard = true;
        // The training goes on where nobody reads any more, or nothing can be written.
        let tell = |text: &str| bar.above(|| print(text.as_bytes()).unwrap_or(false));
        if !self.json {
            let (recipe, iterations) = (trainer.recipe(), trainer.iterations());
            let layers = training_layers(&trainer.layers(), recipe, iterations, colours(None));
            let head = training_head(recipe);
            heard = tell(&(layers + &head));
        }
        let result = trainer.run(device, &mut |event| {
            match event {
                Event::Step {
                    iteration, loss, ..
                } => bar.show(iteration, loss),
                Event::Row(row) => {
                    rows.add(row).with_context(|| {
                        format!("{}: cannot be written", shown(&folder.join(RowsFile::NAME)))
                    })?;
                    bar.tested(row.test_accuracy);
                    if heard && !self.json {
                        heard = tell(&training_row(row));
                    }
                }
                Event::Checkpoint { iteration, file } => {
                    run.write_checkpoint(iteration, &file)?;
                }
            }
            Ok(if bar.interrupted() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        });
        bar.finish();
        result
    }

    fn deliver(&self, trained: &Trained, folder: &Path) -> anyhow::Result<ExitCode> {
        let record = &trained.record;
        if let Some(weights) = &trained.weights {
            write_file(&folder.join("weights.safetensors"), weights)?;
        }
        if let Some(sparse) = &trained.sparse {
            write_file(&folder.join("sparse.safetensors"), sparse)?;
        }
        write_in_place(folder, REPORT, &training_files(record)?)?;
        let told = if self.json {
            record_to_json(record)?
        } else {
            training_summary(record, colours(None))
        };
        // All of it lies in the folder.
        if let Err(error) = print(told.as_bytes()) {
            complain(&error.to_string());
        }
        let run = shown(folder);
        say(&format!("page: {run}/index.html"));
        match record.ended {
            Ended::Finished => {
                say(&format!("next: spectra analyze {run}/weights.safetensors"));
                Ok(ExitCode::SUCCESS)
            }
            Ended::Interrupted => Err(anyhow!("interrupted; spectra train --resume {run} goes on")),
            Ended::Diverged { iteration } => Err(anyhow!(
                "the loss or a weight was no finite number in iteration {iteration}; the last checkpoint is kept: \
                 lower the rate, or look at the data"
            )),
        }
    }
}

/// A recipe's file and text, to say where a mistake is.
struct Located {
    name: String,
    text: String,
}

impl Located {
    /// Names the line that says which data.
    fn data(&self, error: DataError) -> anyhow::Error {
        let line = line_of(&self.text, &["data", "set"]);
        self.at(line, error)
    }

    fn name(&self, recipe: &Recipe, error: TrainError) -> anyhow::Error {
        let line = error.line(recipe, &self.text);
        self.at(line, error)
    }

    fn at(&self, line: Option<usize>, error: impl Into<anyhow::Error>) -> anyhow::Error {
        let place = match line {
            Some(line) => format!("{}: line {line}", self.name),
            None => self.name.clone(),
        };
        error.into().context(place)
    }
}

fn read_recipe(path: &Path) -> anyhow::Result<(Recipe, Located)> {
    let name = shown(path);
    let file = std::fs::metadata(path).with_context(|| name.clone())?;
    anyhow::ensure!(
        file.is_file(),
        "{name}: is no file; a recipe is a TOML file"
    );
    let length = file.len();
    anyhow::ensure!(
        length <= LONGEST,
        "{name}: has {length} bytes; a recipe has at most {LONGEST}"
    );
    let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
    let recipe = read(&text).with_context(|| name.clone())?;
    Ok((recipe, Located { name, text }))
}

/// The recipe in the folder of a run.
fn read_recipe_of(folder: &Path) -> anyhow::Result<(Recipe, Located)> {
    let path = folder.join(RunFolder::RECIPE);
    anyhow::ensure!(
        path.exists() || !folder.is_dir(),
        "{}: has no {}, so that nothing was trained there; start the training anew with --out",
        shown(folder),
        RunFolder::RECIPE
    );
    read_recipe(&path)
}

/// Has the trainer go on where the run in a folder was. Whether that is finished.
fn resume(run: &RunFolder, trainer: &mut Trainer<'_>) -> anyhow::Result<bool> {
    let refused = |Refused { checkpoint, error }: Refused| match *error {
        error @ TrainError::Rows { .. } => error.into(),
        error => anyhow!("{}: {error}", shown(&checkpoint)),
    };
    for damaged in run.resume(trainer).map_err(refused)? {
        let error = refused(damaged);
        complain(&format!("{error}; the one before it is taken"));
    }
    let (made, all) = (trainer.iteration(), trainer.iterations());
    let whole = run.is_finished(all) && is_whole(run.path());
    let begins = run.checkpoints().is_empty();
    if whole && (begins || made == all) {
        return Ok(true);
    }
    anyhow::ensure!(
        !begins || !run.path().join(RunFolder::RECORD).exists(),
        "{}: has no checkpoint any more; start the training anew",
        shown(run.path())
    );
    Ok(false)
}

/// The folder asked for, new or empty; by default the first of runs/NAME, runs/NAME-2, … that is.
fn new_folder(asked: Option<&Path>, name: &str) -> anyhow::Result<(RunFolder, RunLock)> {
    if let Some(asked) = asked {
        let run = RunFolder::new(asked);
        let lock = run.claim()?.with_context(|| {
            format!(
                "{}: is there already and not empty; give --out another folder, or --resume this one",
                shown(asked)
            )
        })?;
        return Ok((run, lock));
    }
    let kept = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            c
        } else {
            '-'
        }
    };
    let name: String = name.chars().map(kept).take(100).collect();
    let runs = Path::new("runs");
    let numbered = (2..).map(|number: u32| runs.join(format!("{name}-{number}")));
    for folder in std::iter::once(runs.join(&name)).chain(numbered) {
        let run = RunFolder::new(&folder);
        match run.claim() {
            Ok(Some(lock)) => return Ok((run, lock)),
            Ok(None) | Err(TrainError::Locked { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    unreachable!("numbers do not end")
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}
