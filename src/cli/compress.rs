//! `spectra compress`: a model in the sizes of a plan.

use super::observer::{Observer, Screen};
use super::plan::only;
use super::terminal::say;
use super::values::share;
use crate::export::{ExportRequest, Target, export};
use crate::survey::Progress;
use crate::weights::{OpenOptions, escape, open_all};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// A model in the sizes of a plan, in files that other programs load
#[derive(Debug, Args)]
#[command(after_help = "\
The model must be the one that was planned, by the checksums of its files, and so must the moments: the fits are made
again from them, to the bit. The input is never touched, and a folder that exists is refused. Tensors that the plan
leaves as they are are copied byte for byte.

  dense     names, shapes, types, shards and index as they were: any program that loads the model loads this
  factors   the numbers that each layer consists of, NAME.A and NAME.B, and the forms in config.json
  peft      adapters with lora_alpha = r, and the base that they are for

Examples:
  spectra compress model/ plan.json -o smaller --as dense
  spectra compress model.safetensors plan.json --budget 40% -o factors --as factors")]
pub(super) struct Compress {
    /// The model that was planned: a file, the index of its shards, or its folder
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The plan, as spectra plan -o wrote it
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Which budget of the plan [default: the only one]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    budget: Option<f64>,
    /// The moments that the plan was made with [default: where they lay then]
    #[arg(long, value_name = "FILE")]
    moments: Option<PathBuf>,
    /// The folder to be made
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,
    /// Form of the files
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Target::Dense)]
    target: Target,
}

impl Compress {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let sources = open_all(std::slice::from_ref(&self.model), &OpenOptions::default());
        if let [only] = &sources[..]
            && let Some(problem) = only.whole_file_problem()
        {
            anyhow::bail!("{}: {problem}", escape(&only.path().to_string_lossy()));
        }
        let sources = only(sources, &self.model)?;
        let request = ExportRequest {
            model: self.model.clone(),
            plan: self.plan.clone(),
            budget: self.budget,
            moments: self.moments.clone(),
            folder: self.output.clone(),
            target: self.target,
        };
        let screen = Screen::default();
        screen.begin(None);
        let show = |progress: Progress<'_>| screen.show(progress);
        let exported = export(&request, &sources[0], &show);
        screen.finish();
        let exported = exported?;
        let before: u64 = exported.model.files.iter().map(|file| file.bytes).sum();
        let after: u64 = exported.files.iter().map(|file| file.bytes).sum();
        say(&format!(
            "{}: {} of the model's layers changed, {} files of {after} bytes (the model has {before}), listed in manifest.json",
            escape(&self.output.to_string_lossy()),
            exported.layers.len(),
            exported.files.len(),
        ));
        Ok(ExitCode::SUCCESS)
    }
}

impl ValueEnum for Target {
    fn value_variants<'a>() -> &'a [Self] {
        &[Target::Dense, Target::Factors, Target::Adapters]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Target::Dense => "The model's own files with the fits multiplied out",
            Target::Factors => "The numbers that each layer consists of",
            Target::Adapters => "Low-rank adapters in the format of PEFT",
        }))
    }
}
