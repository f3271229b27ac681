//! `spectra analyze`: weights in, their spectra against random-matrix theory out.

use super::options::{Randomness, Reading, significance};
use super::output::{Delivery, Extent, Format, Outputs, ended, files_of, name_failures};
use super::progress::Bar;
use super::terminal::{colours, warn};
use crate::report::plots::PICTURED_LAYERS;
use crate::report::{
    SortColumn, TableOptions, analysis_frame, analysis_table, csv, frame_table, parquet,
    report_files, to_json, to_json_lines, weightwatcher_frame,
};
use crate::spectrum::{
    Analysis, Analyzer, BaselineKind, Correction, KsSide, Roles, Settings, analyze_sources,
};
use crate::weights::{Status, escape};
use anyhow::Context;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Singular values of weight matrices against random-matrix theory
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spectra analyze weights.npy
  spectra analyze model.safetensors --tensor '*.attn.*' --report out
  spectra analyze checkpoints/ --format parquet --output layers.parquet
  spectra analyze model.safetensors --exclude '*bias' --sort alpha
  spectra analyze model.pt --baseline shuffle
  spectra analyze model.pt --columns weightwatcher --format csv

Everything is computed by the processor in double precision: in the single precision of GPUs the
singular values below a thousandth of the largest are lost with the Gram matrix.

A row that could not be analysed (NaN, unreadable) makes the exit status 2; --keep-going makes it 0.")]
pub(super) struct Analyze {
    /// Files or folders: .npy, .npz, .safetensors, PyTorch; recognised by content
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    randomness: Randomness,
    /// A TOML file of your own roles of tensors: mixer = ["*.theta", "*.phi"]
    #[arg(long, value_name = "FILE", help_heading = "Tensors")]
    roles: Option<PathBuf>,
    /// What the random matrices are
    #[arg(long, value_enum, default_value_t = BaselineKind::Gaussian,
          help_heading = "Random matrices")]
    baseline: BaselineKind,
    /// Chance that a layer of pure noise is said to have spikes
    #[arg(long, value_name = "LEVEL", default_value_t = Settings::default().significance,
          value_parser = significance, help_heading = "Random matrices")]
    significance: f64,
    /// Whether that is the chance of each layer, or the share of false ones among the layers named
    #[arg(long, value_enum, default_value_t = Correction::None, help_heading = "Random matrices")]
    correction: Correction,
    /// Deviation that the power-law fit minimises (default: two)
    #[arg(long, value_enum, value_name = "SIDE", help_heading = "Power law")]
    ks: Option<KsSide>,
    /// Fewest eigenvalues in a power-law tail (default: 10)
    #[arg(long, value_name = "N", help_heading = "Power law")]
    min_tail: Option<usize>,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
    /// Columns of table, CSV and Parquet
    #[arg(long, value_enum, default_value_t = Columns::Spectra, help_heading = "Output")]
    columns: Columns,
    /// Column that sorts the rows of the table; numbers from the largest down
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t = SortColumn::File,
          help_heading = "Output")]
    sort: SortColumn,
    /// Show the rows of skipped tensors in the table as well
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// Write the result to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write a page, its data and pictures into DIR
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<PathBuf>,
    /// Layers that get SVG and PNG pictures in the report
    #[arg(long, value_name = "N", default_value_t = PICTURED_LAYERS, help_heading = "Output")]
    pictures: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Columns {
    /// Ours
    Spectra,
    /// WeightWatcher's names and conventions
    Weightwatcher,
}

impl Analyze {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let format = if self.json { Format::Json } else { self.format };
        let documents = matches!(format, Format::Json | Format::Jsonl);
        if self.columns == Columns::Weightwatcher && documents {
            anyhow::bail!("--columns weightwatcher goes with table, csv and parquet");
        }
        let table = format == Format::Table && self.columns == Columns::Spectra;
        if self.sort != SortColumn::File && !table {
            anyhow::bail!(
                "--sort goes with the table of the terminal; sort other formats where they are read"
            );
        }
        let settings = self.settings()?;
        let selection = self.reading.selection()?;
        let sources = self.reading.open(&self.paths)?;
        let output = self.output.as_deref();
        let report = self.report.as_deref().map(|folder| (folder, "analysis"));
        let outputs = Outputs {
            files: &[("--output", output)],
            report,
        };
        outputs.check(files_of(&sources).chain(self.roles.as_deref()))?;
        let bar = Bar::new();
        let analyzer = Analyzer::new(settings);
        let mut analysis = analyze_sources(&sources, &selection, &analyzer, |p| bar.show(p));
        bar.finish();
        self.reading.name_guesses(&sources, &selection);
        warn(&analysis.warnings);
        if analysis.rows.is_empty() && !bar.interrupted() {
            return Err(self.reading.nothing(&sources));
        }
        let count = |status| analysis.rows.iter().filter(|l| l.status == status).count();
        let (held, failed) = (count(Status::Analyzed), count(Status::Failed));
        let mut delivery = Delivery::new(Extent::of(bar.interrupted(), held, failed));
        if let Some(report) = report {
            let files = report_files(&analysis, self.pictures);
            let without = files.as_ref().map_or(0, |files| files.without_picture);
            if delivery.report(files.map(|files| files.files), report) && without > 0 {
                delivery.say(format!(
                    "spectra: {without} layers have no SVG and PNG: --pictures N draws more, but none of \
                     values beyond 1e±100; the page has all"
                ));
            }
        }
        delivery.result(self.formatted(&mut analysis), output);
        delivery.end()?;
        self.code(&analysis, bar.interrupted())
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let theirs = self.columns == Columns::Weightwatcher;
        let defaults = Settings::default();
        let roles = match &self.roles {
            None => Roles::default(),
            Some(path) => {
                let shown = escape(&path.to_string_lossy());
                let text = std::fs::read_to_string(path).with_context(|| shown.clone())?;
                Roles::read(&text)
                    .map_err(anyhow::Error::msg)
                    .with_context(|| {
                        format!("{shown}: is no table of roles such as query = [\"*.wq\"]")
                    })?
            }
        };
        Ok(Settings {
            roles,
            ks_side: self.ks.unwrap_or(match theirs {
                true => KsSide::One,
                false => defaults.ks_side,
            }),
            min_tail: self.min_tail.unwrap_or(match theirs {
                true => 2,
                false => defaults.min_tail,
            }),
            significance: self.significance,
            correction: self.correction,
            ..self.randomness.settings(self.baseline)
        })
    }

    fn formatted(&self, analysis: &mut Analysis) -> anyhow::Result<Vec<u8>> {
        let format = if self.json { Format::Json } else { self.format };
        if self.randomness.no_values && matches!(format, Format::Json | Format::Jsonl) {
            analysis.leave_out_values();
        }
        let frame = || match self.columns {
            Columns::Spectra => analysis_frame(analysis),
            Columns::Weightwatcher => weightwatcher_frame(analysis),
        };
        Ok(match (format, self.columns) {
            (Format::Table, Columns::Spectra) => {
                let options = TableOptions {
                    colours: colours(self.output.as_deref()),
                    sort: self.sort,
                    all: self.all,
                    advice: "--all lists them",
                };
                analysis_table(analysis, options).into_bytes()
            }
            (Format::Table, Columns::Weightwatcher) => frame_table(&frame()?).into_bytes(),
            (Format::Json, _) => to_json(analysis)?.into_bytes(),
            (Format::Jsonl, _) => to_json_lines(&analysis.rows)?.into_bytes(),
            (Format::Csv, _) => csv(frame()?)?,
            (Format::Parquet, _) => parquet(frame()?)?,
        })
    }

    fn code(&self, analysis: &Analysis, interrupted: bool) -> anyhow::Result<ExitCode> {
        let failed = analysis.rows.iter().filter(|l| l.status == Status::Failed);
        let failed = name_failures(
            failed.map(|row| (row.file.as_str(), row.name.as_str(), row.reason.as_deref())),
        );
        if interrupted {
            anyhow::bail!(
                "interrupted: the result holds the tensors that were finished; run again for all"
            );
        }
        Ok(ended(failed, self.reading.keep_going))
    }
}

impl ValueEnum for SortColumn {
    fn value_variants<'a>() -> &'a [Self] {
        use SortColumn::*;
        &[
            File,
            Name,
            Parameters,
            S1,
            EffectiveRank,
            StableRank,
            Spikes,
            Alpha,
            Ks,
            Distance,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            SortColumn::File => "file".into(),
            SortColumn::Name => "name".into(),
            SortColumn::Parameters => "parameters".into(),
            SortColumn::S1 => "s1".into(),
            SortColumn::EffectiveRank => PossibleValue::new("rank").alias("effective-rank"),
            SortColumn::StableRank => "stable-rank".into(),
            SortColumn::Spikes => "spikes".into(),
            SortColumn::Alpha => "alpha".into(),
            SortColumn::Ks => "ks".into(),
            SortColumn::Distance => "distance".into(),
        })
    }
}
