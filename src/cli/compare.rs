//! `spectra compare`: sister networks, or one run over time.

use super::options::{Randomness, Reading};
use super::output::{Delivery, Extent, Format, Outputs, ended, files_of, name_failures};
use super::progress::Bar;
use super::terminal::{colours, warn};
use crate::report::{comparison_files, comparison_frame, comparison_table, csv, parquet, to_json};
use crate::spectrum::{BaselineKind, Comparison, Initialisation, SisterSettings, compare_sources};
use crate::weights::{Status, discover};
use clap::{Args, ValueEnum};
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
    /// Its sisters, or later checkpoints in order
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
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
    /// Write the result to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write a page, its data and pictures into DIR
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<PathBuf>,
}

impl Compare {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let selection = self.reading.selection()?;
        let paths: Vec<PathBuf> = std::iter::once(&self.one)
            .chain(&self.others)
            .cloned()
            .collect();
        let format = if self.json { Format::Json } else { self.format };
        if format == Format::Jsonl {
            anyhow::bail!("compare writes table, json, csv or parquet");
        }
        if discover(&self.one).is_ok_and(|files| files.len() > 1) {
            anyhow::bail!("ONE is a folder of several files; name the file to compare with");
        }
        let sources = self.reading.open(&paths)?;
        let output = self.output.as_deref();
        let report = self.report.as_deref().map(|folder| (folder, "comparison"));
        let outputs = Outputs {
            files: &[("--output", output)],
            report,
        };
        outputs.check(files_of(&sources))?;
        let settings = SisterSettings {
            spectrum: self.randomness.settings(BaselineKind::Gaussian),
            initialisation: self.initialisation,
            track: self.track,
        };
        let bar = Bar::new();
        let mut found = compare_sources(&sources, &selection, &settings, |p| bar.show(p));
        bar.finish();
        self.reading.name_guesses(&sources, &selection);
        warn(&found.warnings);
        let count = |status| found.rows.iter().filter(|p| p.status == status).count();
        let (held, failed) = (count(Status::Analyzed), count(Status::Failed));
        let mut delivery = Delivery::new(Extent::of(bar.interrupted(), held, failed));
        if let Some(report) = report {
            delivery.report(comparison_files(&found), report);
        }
        delivery.result(self.formatted(&mut found, format), output);
        delivery.end()?;
        let failed = found.rows.iter().filter(|p| p.status == Status::Failed);
        let failed = name_failures(failed.map(|pair| {
            let reason = pair.reason.as_deref();
            let of_one = reason.and_then(|reason| reason.strip_prefix(pair.one.as_str()));
            match of_one.and_then(|reason| reason.strip_prefix(": ")) {
                Some(reason) => (pair.one.as_str(), pair.name.as_str(), Some(reason)),
                None => (pair.other.as_str(), pair.name.as_str(), reason),
            }
        }));
        if bar.interrupted() {
            anyhow::bail!(
                "interrupted: the result holds the tensors that were finished; run again for all"
            );
        }
        if held + failed == 0 {
            anyhow::bail!("no matrix of the first file has a namesake of its shape in the others");
        }
        Ok(ended(failed, self.reading.keep_going))
    }

    fn formatted(&self, found: &mut Comparison, format: Format) -> anyhow::Result<Vec<u8>> {
        if self.randomness.no_values {
            found.leave_out_values();
        }
        Ok(match format {
            Format::Table => comparison_table(found, colours(self.output.as_deref())).into_bytes(),
            Format::Json => to_json(found)?.into_bytes(),
            Format::Csv | Format::Jsonl => csv(comparison_frame(found)?)?,
            Format::Parquet => parquet(comparison_frame(found)?)?,
        })
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
