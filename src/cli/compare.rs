//! `spectra compare`: sister networks, or one run over time.

use super::command::{Command, Opened};
use super::observer::Observer;
use super::options::{Randomness, Reading};
use super::output_args::{Format, OutputArgs};
use crate::report::{ReportFiles, comparison_files, comparison_frame, comparison_table};
use crate::spectrum::{
    BaselineKind, Comparison, Initialisation, Pair, SisterSettings, compare_sources,
};
use crate::survey::Progress;
use crate::weights::{Source, Status, discover};
use clap::{Args, ValueEnum};
use polars::prelude::DataFrame;
use std::path::PathBuf;
use std::process::ExitCode;

/// Variances and spectra of sister networks, tensor by tensor of the same name
#[derive(Debug, Args)]
#[command(after_help = "\
OTHER's singular values, aggregated over its blocks, are set against random matrices R of the full
shape with the variance of ONE (Nesky, Stout 2019, section 5).

Examples:
  spectra compare b1.safetensors b10.safetensors b100.safetensors
  spectra compare step*.safetensors --track --format csv
  spectra compare step*.safetensors --track --report out
  spectra compare b1.npz b10.npz --initialisation fixed --json")]
pub(super) struct Compare {
    /// The network the others are compared with
    #[arg(value_name = "ONE")]
    one: PathBuf,
    /// The sisters, or later checkpoints in order
    #[arg(required = true, value_name = "OTHER")]
    others: Vec<PathBuf>,
    /// The files are checkpoints of one run, in order
    #[arg(long)]
    track: bool,
    /// What the weights' variance was when training began: 1/fan-in of a block, or fixed
    #[arg(long, value_enum, default_value_t = Initialisation::FanIn)]
    initialisation: Initialisation,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    randomness: Randomness,
    /// Leave singular values out of the result
    #[arg(long, help_heading = "Output")]
    no_values: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Compare {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        if self.output.format() == Format::Jsonl {
            anyhow::bail!("compare writes table, json, csv or parquet");
        }
        let opened = Opened::new(self)?;
        opened.check_outputs(self, std::iter::empty())?;
        opened.deliver(self)
    }
}

impl Command for Compare {
    type Settings = SisterSettings;
    type Row = Pair;
    type Extra = ();

    const REPORT: &'static str = "comparison";

    fn shared(&self) -> (&Reading, &OutputArgs) {
        (&self.reading, &self.output)
    }

    fn weights(&self) -> anyhow::Result<Vec<Source>> {
        if discover(&self.one).is_ok_and(|files| files.len() > 1) {
            anyhow::bail!("ONE is a folder of several files; name the file to compare with");
        }
        let paths = [std::slice::from_ref(&self.one), &self.others].concat();
        self.reading.open(&paths)
    }

    fn work(&self, opened: &Opened, observer: &dyn Observer) -> anyhow::Result<Comparison> {
        let settings = SisterSettings {
            spectrum: self.randomness.settings(BaselineKind::Gaussian),
            initialisation: self.initialisation,
            track: self.track,
        };
        observer.begin(None);
        let (sources, selection) = (&opened.sources, &opened.selection);
        let show = |progress: Progress<'_>| observer.show(progress);
        Ok(compare_sources(sources, selection, &settings, show))
    }

    fn table(&self, found: &Comparison, colours: bool) -> anyhow::Result<String> {
        Ok(comparison_table(found, colours))
    }

    fn frame(&self, found: &Comparison) -> anyhow::Result<DataFrame> {
        Ok(comparison_frame(found)?)
    }

    fn report(&self, found: &Comparison) -> anyhow::Result<ReportFiles> {
        Ok(ReportFiles {
            files: comparison_files(found)?,
            without_picture: 0,
        })
    }

    fn shorten(&self, found: &mut Comparison) {
        if self.no_values {
            found.leave_out_values();
        }
    }

    fn verify(&self, found: &Comparison) -> anyhow::Result<()> {
        anyhow::ensure!(
            found.count(Status::Analyzed) + found.count(Status::Failed) > 0,
            "no matrix of the first file has a namesake of its shape in the others"
        );
        Ok(())
    }
}

impl ValueEnum for Initialisation {
    fn value_variants<'a>() -> &'a [Self] {
        &[Initialisation::FanIn, Initialisation::Fixed]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(match self {
            Initialisation::FanIn => "fan-in".into(),
            Initialisation::Fixed => "fixed".into(),
        })
    }
}
