//! `spectra watch`: the checkpoints of a training, each analysed once as it is written.

use super::interrupt::interrupted;
use super::options::{Randomness, Reading};
use super::output::{Outputs, ended, name_failures};
use super::progress::Bar;
use super::terminal::{note, print};
use super::values::at_least_one;
use crate::report::{EventFile, ReportFolder, to_json, watch_files};
use crate::spectrum::{Analyzer, BaselineKind, analyze_sources};
use crate::watch::{Log, Pending, Snapshot, Watched, Watcher};
use crate::weights::{Selection, escape};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The kind of its report's folder.
const REPORT: &str = "watch";
/// The answer to the first Ctrl-C.
const ENDING: &str = "ending; a checkpoint at hand is left to the next watch";
/// Changes of verdicts that a line names.
const NAMED: usize = 3;

/// Spectra of each checkpoint of a training as it is written
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spectra watch runs/bert --output bert.jsonl
  spectra watch runs/bert --tensorboard runs/bert/logs --report out
  spectra watch runs/bert --once --output bert.jsonl       what is there now, for a cron job

Any trainer's: a checkpoint is a file or a sharded model that analyze reads, in FOLDER or the
folders inside it. One that is still written to is waited for; one that is written again is
analysed again. With --output a later watch goes on where this one ended. Ctrl-C ends the watch
and leaves the checkpoint at hand to the next one. Steps are read from names: checkpoint-500/,
step=1500.ckpt, model_12.pt.

A checkpoint with tensors that could not be analysed makes the exit status 2; --keep-going makes
it 0.")]
pub(super) struct Watch {
    /// The folder to which the training writes; it need not be there yet
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    randomness: Randomness,
    /// Seconds between two polls
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = at_least_one(), help_heading = "Watching")]
    every: usize,
    /// Analyse what is there and end
    #[arg(long, help_heading = "Watching")]
    once: bool,
    /// Add a line of JSON a checkpoint to FILE, and leave out what FILE has
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write curves for TensorBoard into FOLDER
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    tensorboard: Option<PathBuf>,
    /// Write a line of JSON a checkpoint to the terminal
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Keep a page in FOLDER that loads itself again
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    report: Option<PathBuf>,
}

/// Where snapshots go.
struct Sinks {
    log: Option<Log>,
    events: Option<EventFile>,
    /// Whether the terminal gets JSON.
    json: bool,
    watched: Watched,
}

impl Watch {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let selection = self.reading.selection()?;
        anyhow::ensure!(
            !self.once || self.folder.is_dir(),
            "{}: there is no such folder",
            escape(&self.folder.to_string_lossy())
        );
        let outputs = Outputs {
            files: &[("--output", self.output.as_deref())],
            report: self.report.as_deref().map(|folder| (folder, REPORT)),
        };
        outputs.check([].into_iter())?;
        let mut sinks = self.sinks()?;
        let mut watcher = Watcher::new(
            &self.folder,
            self.reading.options(),
            &sinks.watched.checkpoints,
        );
        let analyzer = Analyzer::new(self.randomness.settings(BaselineKind::Gaussian));
        let bar = Bar::after(ENDING);
        bar.finish();
        self.write_page(&sinks, true)?;
        let mut failed = 0;
        let mut is_interrupted = false;
        loop {
            for pending in watcher.poll(self.once) {
                is_interrupted = interrupted();
                if is_interrupted {
                    break;
                }
                let Some(snapshot) = self.analyse(&pending, &selection, &analyzer) else {
                    is_interrupted = interrupted();
                    continue;
                };
                watcher.finish(&snapshot.checkpoint, snapshot.stamp);
                if snapshot.layers.is_empty() && snapshot.failed.is_empty() {
                    note(&format!("{}: no matrices in it", snapshot.checkpoint));
                    continue;
                }
                failed += snapshot.failed.len();
                sinks.add(snapshot)?;
                self.write_page(&sinks, true)?;
            }
            if self.once || !self.waits() {
                break;
            }
        }
        self.write_page(&sinks, false)?;
        anyhow::ensure!(
            !(self.once && is_interrupted),
            "interrupted: not every checkpoint was analysed; run again for the others"
        );
        Ok(ended(failed, self.reading.keep_going))
    }

    fn sinks(&self) -> anyhow::Result<Sinks> {
        let (log, snapshots) = match &self.output {
            Some(path) => {
                let (log, snapshots) = Log::open(path)?;
                (Some(log), snapshots)
            }
            None => (None, Vec::new()),
        };
        let begin = |folder: &PathBuf| {
            let shown = escape(&folder.to_string_lossy());
            EventFile::begin(folder).with_context(|| shown)
        };
        Ok(Sinks {
            log,
            events: self.tensorboard.as_ref().map(begin).transpose()?,
            json: self.json,
            watched: Watched::new(
                &escape(&self.folder.to_string_lossy()),
                self.randomness.seed,
                snapshots,
            ),
        })
    }

    /// Analyses a checkpoint; `None` where it was interrupted, or the files were written to meanwhile.
    fn analyse(
        &self,
        pending: &Pending,
        selection: &Selection,
        analyzer: &Analyzer,
    ) -> Option<Snapshot> {
        let sources = std::slice::from_ref(&pending.source);
        let bar = Bar::after(ENDING);
        let analysis = analyze_sources(sources, selection, analyzer, |state| bar.show(state));
        bar.finish();
        if !analysis.complete || !(self.once || pending.is_unchanged()) {
            return None;
        }
        let Pending {
            checkpoint,
            step,
            stamp,
            ..
        } = pending;
        Some(Snapshot::new(checkpoint.clone(), *step, *stamp, &analysis))
    }

    /// Waits for the next look; returns `false` where the process was asked to end.
    fn waits(&self) -> bool {
        let until = Instant::now() + Duration::from_secs(self.every as u64);
        while Instant::now() < until {
            if interrupted() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        !interrupted()
    }

    fn write_page(&self, sinks: &Sinks, goes_on: bool) -> anyhow::Result<()> {
        let Some(folder) = &self.report else {
            return Ok(());
        };
        let reloads =
            (goes_on && !self.once).then_some(u32::try_from(self.every).unwrap_or(u32::MAX));
        let files = watch_files(&sinks.watched, reloads)?;
        Ok(ReportFolder::new(folder, REPORT).write(&files)?)
    }
}

impl Sinks {
    /// Hands a snapshot to the log, which decides what is done, then to TensorBoard and the terminal.
    fn add(&mut self, snapshot: Snapshot) -> anyhow::Result<()> {
        if let Some(log) = &mut self.log {
            log.add(&snapshot)?;
        }
        let name = snapshot.checkpoint.as_str();
        let failures = snapshot.failed.iter();
        name_failures(failures.map(|gone| (name, gone.name.as_str(), Some(gone.reason.as_str()))));
        let line = if self.json {
            to_json(&snapshot)?
        } else {
            self.line(&snapshot)
        };
        print(line.as_bytes())?;
        let checkpoints = &mut self.watched.checkpoints;
        let step = snapshot.step.unwrap_or(checkpoints.len() as u64 + 1);
        if let Some(events) = &mut self.events {
            let curves = snapshot.layers.iter().flat_map(|layer| {
                let numbers = layer.numbers.iter();
                numbers.filter_map(move |(key, x)| {
                    Some((format!("spectra/{}/{key}", layer.name), (*x)?))
                })
            });
            events
                .scalars(step, curves)
                .context("the file for TensorBoard")?;
        }
        checkpoints.push(snapshot);
        Ok(())
    }

    /// Returns the line about a snapshot on the terminal.
    fn line(&self, snapshot: &Snapshot) -> String {
        let step = snapshot
            .step
            .map_or(String::new(), |step| format!("step {step}  "));
        let name = &snapshot.checkpoint;
        let matrices = match snapshot.layers.len() {
            1 => "1 matrix".to_owned(),
            count => format!("{count} matrices"),
        };
        let Some(before) = self.watched.checkpoints.last() else {
            return format!("{step}{name}  {matrices}\n");
        };
        let changes = snapshot.changes(before);
        let mut words: Vec<String> = changes
            .iter()
            .take(NAMED)
            .map(|(_, now)| format!("{}: {}", now.name, now.verdict))
            .collect();
        if changes.len() > NAMED {
            words.push(format!("and {} more", changes.len() - NAMED));
        }
        let words = if words.is_empty() {
            "no verdict changed".to_owned()
        } else {
            words.join("; ")
        };
        format!("{step}{name}  {matrices}  {words}\n")
    }
}
