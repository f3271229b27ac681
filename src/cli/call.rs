//! Commands asked for by a program: arguments as on a command line, tensors from its memory, results as values.

use super::command::{Beside, Command, Opened, RunOf};
use super::observer::Observer;
use super::{Cli, Command as Named, advice};
use crate::report::ReportFolder;
use crate::weights::Source;
use anyhow::Error;
use clap::Parser;
use polars::prelude::DataFrame;
use std::ffi::OsString;
use std::path::Path;

/// Inputs that a program gives in place of the files that its arguments name.
///
/// The arguments still name them, and the result repeats these names.
#[derive(Debug, Default)]
pub struct Supplied {
    /// The weights.
    pub sources: Option<Vec<Source>>,
    /// Inputs beside the weights.
    pub beside: Beside,
}

/// The result of a command, with the options that say how it is shown.
pub trait Outcome: Send + Sync {
    /// Returns whether all was computed: the work was not ended early.
    fn is_complete(&self) -> bool;

    /// Returns the JSON document that the command writes.
    ///
    /// # Errors
    ///
    /// When a value cannot be written as JSON.
    fn json(&self) -> anyhow::Result<String>;

    /// Returns the table for a terminal, without colours.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    fn table(&self) -> anyhow::Result<String>;

    /// Returns the table that the command writes as CSV and Parquet.
    ///
    /// # Errors
    ///
    /// When memory does not suffice.
    fn frame(&self) -> anyhow::Result<DataFrame>;

    /// Returns a part of a page that shows the result, where there is more than the table.
    fn overview(&self) -> Option<String>;

    /// Returns the file of coefficients, where there are fits.
    ///
    /// # Errors
    ///
    /// When its format cannot hold them.
    fn fit_file(&self) -> anyhow::Result<Option<Vec<u8>>>;

    /// Writes page, data and pictures into a folder, in place of the report that it holds.
    ///
    /// # Errors
    ///
    /// A folder that holds something else, and the system's.
    fn report(&self, folder: &Path) -> anyhow::Result<()>;
}

/// A command and the run that it made.
struct Made<C: Command> {
    command: C,
    run: RunOf<C>,
}

impl<C> Outcome for Made<C>
where
    C: Command + Send + Sync,
    RunOf<C>: Clone + Send + Sync,
{
    fn is_complete(&self) -> bool {
        self.run.complete
    }

    fn json(&self) -> anyhow::Result<String> {
        let mut run = self.run.clone();
        self.command.shorten(&mut run);
        self.command.json(&run)
    }

    fn table(&self) -> anyhow::Result<String> {
        self.command.table(&self.run, false)
    }

    fn frame(&self) -> anyhow::Result<DataFrame> {
        self.command.frame(&self.run)
    }

    fn overview(&self) -> Option<String> {
        self.command.overview(&self.run)
    }

    fn fit_file(&self) -> anyhow::Result<Option<Vec<u8>>> {
        self.command.fit_file(&self.run).transpose()
    }

    fn report(&self, folder: &Path) -> anyhow::Result<()> {
        let place = ReportFolder::new(folder, C::REPORT);
        place.check()?;
        Ok(place.write(&self.command.report(&self.run)?.files)?)
    }
}

/// Runs the command that `arguments` begin with, on what is `supplied` and, for the rest, on the files that they name.
///
/// Nothing is printed. Options that say where the result goes are without effect; rows that failed are no error.
///
/// # Errors
///
/// The error with which the command line would end, exit status 2; [`sentence`] puts it into one sentence.
pub fn call(
    arguments: &[OsString],
    supplied: Supplied,
    observer: &dyn Observer,
) -> anyhow::Result<Box<dyn Outcome>> {
    let program = OsString::from("spectra");
    let cli = Cli::try_parse_from([&program].into_iter().chain(arguments))?;
    match cli.command {
        Named::Analyze(command) => made(command, supplied, observer),
        Named::Compare(command) => made(command, supplied, observer),
        Named::Families(command) => made(command, supplied, observer),
        Named::FitBasis(command) => made(command, supplied, observer),
        Named::Plan(command) => made(command, supplied, observer),
        Named::Sketch(command) => made(command, supplied, observer),
        _ => anyhow::bail!("a command with a row for each matrix is needed"),
    }
}

fn made<C>(
    command: C,
    supplied: Supplied,
    observer: &dyn Observer,
) -> anyhow::Result<Box<dyn Outcome>>
where
    C: Command + Send + Sync + 'static,
    RunOf<C>: Clone + Send + Sync,
{
    let opened = Opened {
        selection: command.shared().0.selection()?,
        sources: match supplied.sources {
            Some(sources) => sources,
            None => command.weights()?,
        },
        beside: command.beside(supplied.beside)?,
    };
    let run = command.work(&opened, observer)?;
    if run.complete {
        command.verify(&run)?;
    }
    Ok(Box::new(Made { command, run }))
}

/// Returns an error of [`call`] in one sentence.
#[must_use]
pub fn sentence(error: &Error) -> String {
    let Some(error) = error.downcast_ref::<clap::Error>() else {
        return advice::sentence(error);
    };
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (first, _) = text.split_once("\n\n").unwrap_or((text, ""));
    let lines: Vec<&str> = first.lines().map(str::trim).collect();
    lines.join(" ").trim().to_owned()
}
