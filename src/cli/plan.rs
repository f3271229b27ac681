//! `spectra plan`: one budget for a whole model.

use super::command::{Command, Opened};
use super::observer::Observer;
use super::options::Reading;
use super::output::Delivery;
use super::output_args::OutputArgs;
use super::values::{at_least_one, share};
use crate::compress::Family;
use crate::plan::{
    Candidates, CostModel, Known, Model, ModelPlan, PlanFindings, PlanRow, PlanSettings,
    PlanTotals, Storage, plan_sources,
};
use crate::report::{Emitted, ReportFiles, emitted, plan_files, plan_frame, plan_table};
use crate::survey::Progress;
use crate::weights::{Format, Source, escape};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use polars::prelude::DataFrame;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One budget for a whole model: which layers, and how small
#[derive(Debug, Args)]
#[command(after_help = "\
What is known of the model decides what the plan may claim, and is said first: with weights alone all layers keep one
share; with moments of their inputs (sw.torch.capture writes them) the budget moves across depth inside each type of
weight; with moments of gradients, or with weights alpha that were measured, it moves over the whole model. Beside
every budget stands what the same cost buys at one share for all, as predicted by the same errors.

--output FILE writes the plan itself, which spectra compress reads.

Examples:
  spectra plan model.safetensors --budget 40% -o plan.json
  spectra plan model/ --budget 60%,40%,20% --moments moments.safetensors --held-out others.safetensors -o plan.json
  spectra plan model/ --budget 40% --moments moments.safetensors --alpha alpha.json --tie q_proj,k_proj,v_proj
  spectra plan model.safetensors --budget 10% --moments moments.safetensors --storage pivoted --cost bytes")]
pub(super) struct Plan {
    /// The model: a file, the index of its shards, or its folder
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// Budget: the share of their cost that all layers may keep (may be several)
    #[arg(long, value_name = "SHARE", required = true, value_delimiter = ',', value_parser = share,
          help_heading = "Budget")]
    budget: Vec<f64>,
    /// Unit of costs
    #[arg(long, value_enum, default_value_t = CostModel::Parameters, help_heading = "Budget")]
    cost: CostModel,
    /// How low rank is stored
    #[arg(long, value_enum, default_value_t = Storage::Factors, help_heading = "Budget")]
    storage: Storage,
    /// Ranks are multiples of N
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one(),
          help_heading = "Budget")]
    multiple_of: usize,
    /// Families that a layer may be stored in [default: low-rank; columns, kronecker and dct as well where a layer has
    /// fewer outputs than a quarter of its inputs]
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        value_delimiter = ',',
        help_heading = "Budget"
    )]
    families: Vec<Family>,
    /// Layers whose names differ in these parts alone get one size, as q_proj,k_proj,v_proj (may be repeated)
    #[arg(long, value_name = "PARTS", help_heading = "Budget")]
    tie: Vec<String>,
    /// Layers whose name matches GLOB stay as they are, inside of the budget (may be repeated)
    #[arg(long, value_name = "GLOB", help_heading = "Budget")]
    keep: Vec<String>,
    /// Second moments of the layers' inputs, and of their gradients
    #[arg(long, value_name = "FILE", help_heading = "Knowledge")]
    moments: Option<PathBuf>,
    /// Moments of other inputs, on which errors are measured
    #[arg(
        long,
        value_name = "FILE",
        requires = "moments",
        help_heading = "Knowledge"
    )]
    held_out: Option<PathBuf>,
    /// How much the loss rises with the error of each layer
    #[arg(
        long,
        value_name = "FILE",
        requires = "moments",
        help_heading = "Knowledge"
    )]
    alpha: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    /// Write the first budget for another program as well: alphapruning=FILE.npy, axolotl=FILE.yml (layers to be trained
    /// again) or ignore=FILE.json (layers that quantisers leave alone) (may be repeated)
    #[arg(long, value_name = "FORM=FILE", value_parser = emission, help_heading = "Output")]
    emit: Vec<(Emitted, PathBuf)>,
}

/// Reads a form and its file.
fn emission(text: &str) -> Result<(Emitted, PathBuf), String> {
    let (name, file) = text.split_once('=').unwrap_or((text, ""));
    let form = Emitted::ALL.into_iter().find(|form| form.name() == name);
    let form = form.filter(|_| !file.is_empty());
    let form =
        form.ok_or("a form and a file are needed: alphapruning=, axolotl= or ignore=FILE")?;
    Ok((form, PathBuf::from(file)))
}

impl Plan {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(self)?;
        opened.check_outputs(self, self.known_paths())?;
        opened.deliver(self)
    }

    fn known_paths(&self) -> impl Iterator<Item = &Path> {
        let paths = [&self.moments, &self.held_out, &self.alpha];
        paths.into_iter().filter_map(|path| path.as_deref())
    }

    fn settings(&self) -> PlanSettings {
        let ties = self.tie.iter().map(|parts| {
            let parts = parts.split(',').map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        });
        PlanSettings {
            budgets: self.budget.clone(),
            cost: self.cost,
            storage: self.storage,
            families: (!self.families.is_empty()).then(|| self.families.clone()),
            multiple_of: self.multiple_of,
            ties: ties.collect(),
            keep: self.keep.clone(),
        }
    }
}

/// Returns the one model among `sources`. A folder may hold it in several formats: then that in safetensors.
pub(super) fn only(mut sources: Vec<Source>, path: &Path) -> anyhow::Result<Vec<Source>> {
    let is_safe = |source: &Source| matches!(source.format(), Format::Safetensors | Format::Index);
    if sources.len() > 1 && sources.iter().filter(|source| is_safe(source)).count() == 1 {
        sources.retain(is_safe);
    }
    let count = sources.len();
    let shown = escape(&path.to_string_lossy());
    anyhow::ensure!(
        count == 1,
        "{shown}: holds {count} files of weights, and a budget is for one model; name the file or the index of its shards"
    );
    Ok(sources)
}

impl Command for Plan {
    type Settings = PlanSettings;
    type Row = PlanRow;
    type Extra = PlanTotals;

    const REPORT: &'static str = "plan";
    const HOLDS: &'static str = "no plan";
    const OUTPUT_IS_DOCUMENT: bool = true;

    fn shared(&self) -> (&Reading, &OutputArgs) {
        (&self.reading, &self.output)
    }

    fn weights(&self) -> anyhow::Result<Vec<Source>> {
        only(
            self.reading.open(std::slice::from_ref(&self.model))?,
            &self.model,
        )
    }

    fn work(&self, opened: &Opened, observer: &dyn Observer) -> anyhow::Result<ModelPlan> {
        let chosen = opened.chosen(self)?;
        let settings = self.settings();
        let [moments, held_out, alpha] =
            [&self.moments, &self.held_out, &self.alpha].map(|path| path.as_deref());
        let known = Known::open(moments, held_out, alpha)?;
        let [source] = &opened.sources[..] else {
            anyhow::bail!("a budget is for one model");
        };
        let candidates = Candidates::new(source, &chosen, &known, &settings)?;
        let model = Model::of(&self.model, source)?;
        observer.begin(None);
        Ok(plan_sources(
            &opened.sources,
            &opened.selection,
            &settings,
            (&known, &candidates),
            model,
            |progress: Progress<'_>| observer.show(progress),
        )?)
    }

    fn table(&self, plan: &ModelPlan, colours: bool) -> anyhow::Result<String> {
        Ok(plan_table(plan, colours))
    }

    fn frame(&self, plan: &ModelPlan) -> anyhow::Result<DataFrame> {
        Ok(plan_frame(plan)?)
    }

    fn report(&self, plan: &ModelPlan) -> anyhow::Result<ReportFiles> {
        plan_files(plan)
    }

    fn files(&self) -> Vec<(&'static str, Option<&Path>)> {
        let emitted = self
            .emit
            .iter()
            .map(|(_, file)| ("--emit", Some(file.as_path())));
        [("--output", self.output.path())]
            .into_iter()
            .chain(emitted)
            .collect()
    }

    fn also(&self, plan: &ModelPlan, delivery: &mut Delivery) {
        for (form, file) in &self.emit {
            if let Some(found) = plan.budgets.first() {
                delivery.file(Ok(emitted(plan, found, *form)), file);
            }
        }
    }

    fn verify(&self, plan: &ModelPlan) -> anyhow::Result<()> {
        let rows = plan
            .rows
            .iter()
            .any(|row: &crate::survey::Row<PlanFindings>| row.layer.is_some());
        anyhow::ensure!(rows, "no tensor is in the budget; the rows say why");
        Ok(())
    }
}

impl ValueEnum for Family {
    fn value_variants<'a>() -> &'a [Self] {
        &Family::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Family::Dense => "The matrix as it is",
            Family::LowRank => "A product of two factors, always among the choices",
            Family::Columns => "Some of the inputs alone",
            Family::Kronecker => "A sum of Kronecker products",
            Family::Dct => "The lowest frequencies of patches or square images",
        }))
    }
}

impl ValueEnum for CostModel {
    fn value_variants<'a>() -> &'a [Self] {
        &[CostModel::Parameters, CostModel::Bytes, CostModel::Macs]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            CostModel::Parameters => {
                PossibleValue::new("parameters").help("Numbers stored, an index counted as one")
            }
            CostModel::Bytes => PossibleValue::new("bytes")
                .help("Bytes stored: numbers in the type of the file, indices of four bytes"),
            CostModel::Macs => PossibleValue::new("macs").help("Multiplications for one sample"),
        })
    }
}

impl ValueEnum for Storage {
    fn value_variants<'a>() -> &'a [Self] {
        &[Storage::Factors, Storage::Pivoted]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Storage::Factors => PossibleValue::new("factors").help("Two factors: r (m + n) numbers"),
            Storage::Pivoted => PossibleValue::new("pivoted").help(
                "r of the rows, and the multiples of them that the others are: r (m + n - r) numbers and r indices",
            ),
        })
    }
}
