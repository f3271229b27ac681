//! `spectra analyze`: weights in, their spectra against random-matrix theory out.

use super::command::{Command, Opened};
use super::observer::Observer;
use super::options::{Randomness, Reading, significance};
use super::output_args::{Format, OutputArgs, PictureArgs};
use crate::report::page::overview;
use crate::report::{
    ReportFiles, SortColumn, TableOptions, analysis_frame, analysis_table, frame_table,
    report_files, weightwatcher_frame,
};
use crate::spectrum::{
    Analysis, Analyzer, BaselineKind, Correction, KsSide, Layer, Roles, Settings, Whole,
    analyze_sources,
};
use crate::survey::Progress;
use crate::weights::{Source, escape};
use anyhow::Context;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use polars::prelude::DataFrame;
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
    /// Leave singular values out of the result
    #[arg(long, help_heading = "Output")]
    no_values: bool,
    /// A TOML file of your own roles of tensors: mixer = ["*.theta", "*.phi"]
    #[arg(long, value_name = "FILE", help_heading = "Tensors")]
    roles: Option<PathBuf>,
    /// What the random matrices are
    #[arg(long, value_enum, default_value_t = BaselineKind::Gaussian,
          help_heading = "Random matrices")]
    baseline: BaselineKind,
    /// Chance that a layer of pure noise is said to have spikes
    #[arg(long, value_name = "LEVEL", default_value_t = Settings::default().significance,
          value_parser = significance(), help_heading = "Random matrices")]
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
    #[command(flatten)]
    output: OutputArgs,
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
    #[command(flatten)]
    pictures: PictureArgs,
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
        let format = self.output.format();
        if self.columns == Columns::Weightwatcher && is_document(format) {
            anyhow::bail!("--columns weightwatcher goes with table, csv and parquet");
        }
        let table = format == Format::Table && self.columns == Columns::Spectra;
        if self.sort != SortColumn::File && !table {
            anyhow::bail!(
                "--sort goes with the table of the terminal; sort other formats where they are read"
            );
        }
        let opened = Opened::new(self)?;
        opened.check_outputs(self, self.roles.as_deref().into_iter())?;
        opened.deliver(self)
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
            ks_side: self.ks.unwrap_or(if theirs {
                KsSide::One
            } else {
                defaults.ks_side
            }),
            min_tail: self
                .min_tail
                .unwrap_or(if theirs { 2 } else { defaults.min_tail }),
            significance: self.significance,
            correction: self.correction,
            ..self.randomness.settings(self.baseline)
        })
    }
}

impl Command for Analyze {
    type Settings = Settings;
    type Row = Layer;
    type Extra = Whole;

    const REPORT: &'static str = "analysis";
    const WITHOUT_PICTURE: &'static str = "layers have no SVG and PNG: --pictures N draws more, but none of \
         values beyond 1e±100; the page has all";

    fn shared(&self) -> (&Reading, &OutputArgs) {
        (&self.reading, &self.output)
    }

    fn weights(&self) -> anyhow::Result<Vec<Source>> {
        self.reading.open(&self.paths)
    }

    fn work(&self, opened: &Opened, observer: &dyn Observer) -> anyhow::Result<Analysis> {
        let analyzer = Analyzer::new(self.settings()?);
        opened.chosen(self)?;
        observer.begin(None);
        let (sources, selection) = (&opened.sources, &opened.selection);
        let show = |progress: Progress<'_>| observer.show(progress);
        Ok(analyze_sources(sources, selection, &analyzer, show))
    }

    fn overview(&self, analysis: &Analysis) -> Option<String> {
        Some(overview(analysis))
    }

    fn table(&self, analysis: &Analysis, colours: bool) -> anyhow::Result<String> {
        Ok(match self.columns {
            Columns::Spectra => {
                let options = TableOptions {
                    colours,
                    sort: self.sort,
                    all: self.all,
                    advice: "--all lists them",
                };
                analysis_table(analysis, options)
            }
            Columns::Weightwatcher => frame_table(&self.frame(analysis)?),
        })
    }

    fn frame(&self, analysis: &Analysis) -> anyhow::Result<DataFrame> {
        Ok(match self.columns {
            Columns::Spectra => analysis_frame(analysis)?,
            Columns::Weightwatcher => weightwatcher_frame(analysis)?,
        })
    }

    fn report(&self, analysis: &Analysis) -> anyhow::Result<ReportFiles> {
        report_files(analysis, self.pictures.pictures)
    }

    fn shorten(&self, analysis: &mut Analysis) {
        if self.no_values && is_document(self.output.format()) {
            analysis.leave_out_values();
        }
    }
}

/// Returns whether a result of this form holds singular values.
fn is_document(format: Format) -> bool {
    matches!(format, Format::Json | Format::Jsonl)
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
