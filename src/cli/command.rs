//! The run of a command that makes a row of each matrix of some files, from its options to its exit status.

use super::observer::{Observer, Screen};
use super::options::Reading;
use super::output::{Delivery, Extent, Outputs, ended, files_of, name_failures};
use super::output_args::{Format, OutputArgs};
use super::terminal::{colours, warn};
use crate::report::{ReportFiles, csv, parquet, to_json, to_json_lines};
use crate::survey::{Entry, Extra, Run};
use crate::weights::{Chosen, Selection, Source, Status};
use polars::prelude::DataFrame;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

/// A command's run.
pub(super) type RunOf<C> =
    Run<<C as Command>::Settings, <C as Command>::Row, <C as Command>::Extra>;

/// A command that makes a row of each matrix: its options, and how its run is shown.
pub(super) trait Command: Sized {
    type Settings: Serialize;
    type Row: Entry;
    type Extra: Extra;

    /// Kind of the report, as its folder's list says.
    const REPORT: &'static str;
    /// Names the contents of an interrupted run's result, for the sentence that says so.
    const HOLDS: &'static str = "the tensors that were finished";
    /// The end of the sentence about matrices that the limit leaves without a picture, after their number.
    const WITHOUT_PICTURE: &'static str = "matrices have no picture; --pictures N draws more";

    /// Whether `--output` names the file of the JSON document, whatever form is shown on the terminal.
    const OUTPUT_IS_DOCUMENT: bool = false;

    /// Returns the options that every such command has.
    fn shared(&self) -> (&Reading, &OutputArgs);

    /// Opens the files of weights.
    fn weights(&self) -> anyhow::Result<Vec<Source>>;

    /// Opens the files that are read beside weights, but for those that are `given` in their place.
    fn beside(&self, given: Beside) -> anyhow::Result<Beside> {
        Ok(given)
    }

    /// Checks the options against the files, and does the work.
    fn work(&self, opened: &Opened, observer: &dyn Observer) -> anyhow::Result<RunOf<Self>>;

    /// Returns the options that name a file to be written, and the files.
    fn files(&self) -> Vec<(&'static str, Option<&Path>)> {
        vec![("--output", self.shared().1.path())]
    }

    /// Returns the result for a terminal.
    fn table(&self, run: &RunOf<Self>, colours: bool) -> anyhow::Result<String>;
    /// Returns the table that is written as CSV and Parquet.
    fn frame(&self, run: &RunOf<Self>) -> anyhow::Result<DataFrame>;
    /// Returns the files of the report.
    fn report(&self, run: &RunOf<Self>) -> anyhow::Result<ReportFiles>;

    /// Returns the result for a page that shows it among others, where there is more than its table.
    fn overview(&self, _run: &RunOf<Self>) -> Option<String> {
        None
    }

    /// Returns the file of coefficients, where the command makes one.
    fn fit_file(&self, _run: &RunOf<Self>) -> Option<anyhow::Result<Vec<u8>>> {
        None
    }

    /// Returns the run as one JSON document.
    fn json(&self, run: &RunOf<Self>) -> anyhow::Result<String> {
        Ok(to_json(run)?)
    }

    /// Returns the rows as lines of JSON.
    fn json_lines(&self, run: &RunOf<Self>) -> anyhow::Result<String> {
        Ok(to_json_lines(&run.rows)?)
    }

    /// Takes out of the run what the result, unlike the report, is not to hold.
    fn shorten(&self, _run: &mut RunOf<Self>) {}

    /// Delivers what the command alone writes and says.
    fn also(&self, _run: &RunOf<Self>, _delivery: &mut Delivery) {}

    /// Refuses a complete run without what was asked for.
    fn verify(&self, _run: &RunOf<Self>) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Files that a command reads beside weights.
#[derive(Debug, Default)]
pub struct Beside {
    /// The user's own matrices of a basis.
    pub basis: Option<Source>,
    /// Activations that reach a layer.
    pub inputs: Option<Source>,
}

/// The files that a command reads, and which tensors of them.
pub(super) struct Opened {
    pub sources: Vec<Source>,
    pub selection: Selection,
    pub beside: Beside,
}

impl Opened {
    /// Opens the files that the arguments name.
    pub fn new(command: &impl Command) -> anyhow::Result<Opened> {
        let selection = command.shared().0.selection()?;
        Ok(Opened {
            sources: command.weights()?,
            selection,
            beside: command.beside(Beside::default())?,
        })
    }

    /// Refuses, before any work, outputs that cannot be written beside these files and `others`.
    pub fn check_outputs<'a, C: Command>(
        &'a self,
        command: &C,
        others: impl Iterator<Item = &'a Path>,
    ) -> anyhow::Result<()> {
        let (_, output) = command.shared();
        let outputs = Outputs {
            files: &command.files(),
            report: output.report(C::REPORT),
        };
        let Beside { basis, inputs } = &self.beside;
        let beside = files_of(basis.as_slice()).chain(files_of(inputs.as_slice()));
        outputs.check(files_of(&self.sources).chain(beside).chain(others))
    }

    /// Returns the tensors that are worked on.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    pub fn chosen(&self, command: &impl Command) -> anyhow::Result<Vec<Chosen<'_>>> {
        let chosen = Chosen::all(&self.sources, &self.selection);
        if chosen.is_empty() {
            return Err(command.shared().0.nothing(&self.sources));
        }
        Ok(chosen)
    }

    /// Does the work and delivers its result: a report and files first, then the terminal, then which rows failed.
    pub fn deliver<C: Command>(&self, command: &C) -> anyhow::Result<ExitCode> {
        let screen = Screen::default();
        let run = command.work(self, &screen);
        screen.finish();
        let mut run = run?;
        let (reading, output) = command.shared();
        reading.name_guesses(&self.sources, &self.selection);
        warn(&run.warnings);
        let (held, failed) = (run.count(Status::Analyzed), run.count(Status::Failed));
        let mut delivery = Delivery::new(Extent::of(!run.complete, held, failed));
        command.also(&run, &mut delivery);
        if let Some(report) = output.report(C::REPORT) {
            let files = command.report(&run);
            let without = files.as_ref().map_or(0, |files| files.without_picture);
            if delivery.report(files.map(|files| files.files), report) && without > 0 {
                delivery.say(format!("spectra: {without} {}", C::WITHOUT_PICTURE));
            }
        }
        command.shorten(&mut run);
        if C::OUTPUT_IS_DOCUMENT {
            if let Some(path) = output.path() {
                delivery.file(command.json(&run).map(String::into_bytes), path);
            }
            delivery.result(formatted(command, &run), None);
        } else {
            delivery.result(formatted(command, &run), output.path());
        }
        delivery.end()?;
        let failures = run.rows.iter().filter(|row| row.status() == Status::Failed);
        let failed = name_failures(failures.map(Entry::failure));
        anyhow::ensure!(
            run.complete,
            "interrupted: the result holds {}; run again for all",
            C::HOLDS
        );
        command.verify(&run)?;
        Ok(ended(failed, reading.keep_going))
    }
}

fn formatted<C: Command>(command: &C, run: &RunOf<C>) -> anyhow::Result<Vec<u8>> {
    let (_, output) = command.shared();
    Ok(match output.format() {
        Format::Table => {
            let path = output.path().filter(|_| !C::OUTPUT_IS_DOCUMENT);
            command.table(run, colours(path))?.into_bytes()
        }
        Format::Json => command.json(run)?.into_bytes(),
        Format::Jsonl => command.json_lines(run)?.into_bytes(),
        Format::Csv => csv(command.frame(run)?)?,
        Format::Parquet => parquet(command.frame(run)?)?,
    })
}
