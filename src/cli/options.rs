//! Options that several commands share.

use super::terminal::note;
use super::values::{Parser, at_least_one, parsed};
use crate::spectrum::{BaselineKind, Correction, KsSide, Settings};
use crate::weights::{
    Chosen, Guesses, OpenOptions, Selection, Source, ViewRules, escape, open_all,
};
use anyhow::Context;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which tensors, and how they are read.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// Only tensors whose name matches GLOB (may be repeated)
    #[arg(long, value_name = "GLOB", help_heading = "Tensors")]
    tensor: Vec<String>,
    /// Leave out tensors whose name matches GLOB (may be repeated)
    #[arg(long, value_name = "GLOB", help_heading = "Tensors")]
    exclude: Vec<String>,
    /// How 3-D tensors are stored: blocks (blocks, rows, columns) or conv1d (out, in, k) [default: by name and sizes]
    #[arg(long, value_enum, help_heading = "Tensors")]
    view: Option<View>,
    /// How layers are stored: out-in (PyTorch) or in-out (Keras, JAX) [default: by name and sizes]
    #[arg(long, value_enum, help_heading = "Tensors")]
    layout: Option<Layout>,
    /// Transpose every matrix
    #[arg(long, help_heading = "Tensors")]
    transpose: bool,
    /// Skip matrices with fewer rows or columns
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Tensors")]
    min_dim: usize,
    /// Take states of optimisers, running statistics, masks and position ids as well
    #[arg(long, help_heading = "Tensors")]
    include_states: bool,
    /// Refuse what is otherwise a warning, such as bytes after the last array
    #[arg(long, help_heading = "Tensors")]
    strict: bool,
    /// End with status 0 although some files or tensors could not be read or worked on
    #[arg(long, help_heading = "Output")]
    pub keep_going: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum View {
    Blocks,
    Conv1d,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    OutIn,
    InOut,
}

impl Reading {
    pub fn selection(&self) -> anyhow::Result<Selection> {
        let rules = ViewRules {
            conv1d: self.view == Some(View::Conv1d),
            depthwise: false,
            heads: None,
            in_out: self.layout == Some(Layout::InOut),
            transpose: self.transpose,
            min_dim: self.min_dim,
        };
        let selection = Selection::new(self.tensor.clone(), rules)
            .map_err(anyhow::Error::msg)
            .context("--tensor")?
            .with_states(self.include_states)
            .guessing(Guesses {
                view: self.view.is_none(),
                layout: self.layout.is_none(),
            });
        selection
            .without(self.exclude.clone())
            .map_err(anyhow::Error::msg)
            .context("--exclude")
    }

    /// How files are opened.
    pub fn options(&self) -> OpenOptions {
        OpenOptions {
            strict: self.strict,
        }
    }

    /// Returns the sentence for a run without rows.
    pub fn nothing(&self, sources: &[Source]) -> anyhow::Error {
        if sources.iter().all(|source| source.tensors().is_empty()) {
            let paths = sources
                .iter()
                .map(|source| escape(&source.path().to_string_lossy()));
            let paths = paths.collect::<Vec<_>>().join(", ");
            anyhow::anyhow!("{paths}: no tensors in it")
        } else {
            anyhow::anyhow!(
                "no tensor has a name that matches --tensor and not --exclude; spectra inspect lists them"
            )
        }
    }

    /// Says once which tensors are read otherwise than usual because of their names or sizes.
    pub fn name_guesses(&self, sources: &[Source], selection: &Selection) {
        let chosen = Chosen::all(sources, selection);
        let guessed = |is: fn(&ViewRules) -> bool| {
            let guessed = chosen.iter().filter(|tensor| tensor.is_guessed());
            guessed.filter(|tensor| is(tensor.rules())).count()
        };
        for (count, what, option) in [
            (
                guessed(|rules| rules.in_out),
                "inputs before outputs",
                "--layout out-in",
            ),
            (
                guessed(|rules| rules.conv1d),
                "convolutions of one dimension",
                "--view blocks",
            ),
        ] {
            if count > 0 {
                let tensors = if count == 1 {
                    "tensor was"
                } else {
                    "tensors were"
                };
                note(&format!(
                    "{count} {tensors} taken for {what} by names or sizes, as the rows say; {option} reads them otherwise"
                ));
            }
        }
    }

    /// Opens every weight file that `paths` stand for and reads their headers.
    /// A file that cannot be opened is a row that has failed, unless it is the only one and must be read.
    pub fn open(&self, paths: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
        let sources = open_all(paths, &self.options());
        if let [only] = &sources[..]
            && let Some(problem) = only.whole_file_problem()
            && !self.keep_going
        {
            anyhow::bail!("{}: {problem}", escape(&only.path().to_string_lossy()));
        }
        Ok(sources)
    }
}

/// How spectra are compared with random matrices.
#[derive(Debug, Args)]
pub(super) struct Randomness {
    /// Seed of every random draw
    #[arg(long, default_value_t = 0, help_heading = "Random matrices")]
    pub seed: u64,
    /// Random matrices a layer is compared with; 39 is the least for a 95 % band (default: 199,
    /// and 39 with --baseline shuffle, whose draws cost more)
    #[arg(long, value_name = "N", value_parser = draws(), help_heading = "Random matrices")]
    pub draws: Option<usize>,
    /// Cut 2-D matrices into B equal diagonal blocks (default: found)
    #[arg(long, value_name = "B", value_parser = at_least_one(), help_heading = "Random matrices")]
    pub blocks: Option<usize>,
    /// Least share of the squared entries inside blocks for blocks to be found
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().block_share,
          value_parser = block_share(), help_heading = "Random matrices")]
    pub block_share: f64,
}

impl Randomness {
    pub fn settings(&self, baseline: BaselineKind) -> Settings {
        let defaults = Settings::default();
        let draws = match baseline {
            BaselineKind::Gaussian => defaults.draws,
            BaselineKind::Shuffle => SHUFFLES,
        };
        Settings {
            seed: self.seed,
            draws: self.draws.unwrap_or(draws),
            baseline,
            blocks: self.blocks,
            block_share: self.block_share,
            ..defaults
        }
    }
}

/// Shuffles drawn unless asked otherwise: the fewest whose extremes are a 95 % band.
const SHUFFLES: usize = 39;

fn draws() -> impl Parser<usize> {
    parsed(
        |draws: &usize| (39..=100_000).contains(draws),
        "from 39, the fewest that have a 95 % band, to 100000",
    )
}

pub(super) fn significance() -> impl Parser<f64> {
    parsed(
        |level: &f64| (1e-6..=0.2).contains(level),
        "a level from 0.000001 to 0.2 is needed",
    )
}

fn block_share() -> impl Parser<f64> {
    parsed(
        |&share: &f64| share > 0.5 && share <= 1.0,
        "a share above 0.5 and at most 1 is needed",
    )
}

impl ValueEnum for BaselineKind {
    fn value_variants<'a>() -> &'a [Self] {
        &[BaselineKind::Gaussian, BaselineKind::Shuffle]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            BaselineKind::Gaussian => PossibleValue::new("gaussian")
                .help("Independent Gaussian entries of the layer's variance"),
            BaselineKind::Shuffle => PossibleValue::new("shuffle").help(
                "The layer's own entries in random order; shows whether single entries matter",
            ),
        })
    }
}

impl ValueEnum for Correction {
    fn value_variants<'a>() -> &'a [Self] {
        &[Correction::None, Correction::Bh]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Correction::None => PossibleValue::new("none").help("Each layer is tested by itself"),
            Correction::Bh => PossibleValue::new("bh").help(
                "Benjamini and Hochberg: the level is the share of false ones among the layers named",
            ),
        })
    }
}

impl ValueEnum for KsSide {
    fn value_variants<'a>() -> &'a [Self] {
        &[KsSide::Two, KsSide::One]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            KsSide::Two => PossibleValue::new("two").help("max |F - F̂| (Clauset, Shalizi, Newman)"),
            KsSide::One => PossibleValue::new("one")
                .help("F̂ at the lower end of its jumps only (WeightWatcher)"),
        })
    }
}
