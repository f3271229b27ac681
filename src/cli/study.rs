//! `spectra study`: grids of trainings and measurements, held against published claims.

use super::data::DataFolder;
use super::device::DeviceOption;
use super::output::{colours, deliver, note};
use super::progress::StudyBar;
use crate::report::{study_files, study_list, study_table, study_to_json, write_folder};
use crate::study::{DataSets, Execution, RunEnd, Store, StudyPlan};
use crate::train::Machines;
use crate::train::recipe::Precision;
use crate::weights::{escape, escape_within};
use anyhow::{Context, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the project's studies lie.
const STUDIES: &str = "analysis/studies";

/// Longest sentence shown, in characters.
const LONGEST: usize = 1000;

/// Run a study: a grid of trainings and measurements, held against published claims
#[derive(Debug, Args)]
#[command(after_help = "\
A study is a TOML file; analysis/studies has one for each figure and table of the papers, and
its README says how to write one. Its report is a folder with a page, figures as SVG and PNG,
report.json and runs.parquet.

Finished runs are kept in --runs by a hash of recipe, seed and data: a study that was
interrupted goes on where it was, and one more seed costs one run.

Exit status: 0 the study is finished, whatever it found; 2 a run failed, it was interrupted, or
none of its data are there.

Examples:
  spectra study --list --data ~/data                    what there is, and what it costs
  spectra study analysis/studies/bdip-6.toml --data ~/data
  spectra study --all --quick --data ~/data             every study, a tenth as long")]
pub(super) struct Study {
    /// Studies, or folders of them
    #[arg(value_name = "FILE", required_unless_present_any = ["all", "list"])]
    files: Vec<PathBuf>,
    /// List studies with what they cost and what is done; those of analysis/studies by default
    #[arg(long)]
    list: bool,
    /// Run all studies of analysis/studies
    #[arg(long, conflicts_with = "files")]
    all: bool,
    #[command(flatten)]
    folder: DataFolder,
    /// Trainings a tenth as long, with the first seed alone
    #[arg(long)]
    quick: bool,
    /// Runs side by side (default: one a core)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    #[command(flatten)]
    device: DeviceOption,
    /// The report's folder (default: reports/ID, of a quick run RUNS/quick/ID); of several studies,
    /// the folder of their reports
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Where finished runs are kept
    #[arg(long, value_name = "FOLDER", default_value = "runs/study")]
    runs: PathBuf,
    /// Print report.json instead of the verdicts
    #[arg(long)]
    json: bool,
}

impl Study {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let files = self.studies()?;
        let store = Store::new(&self.runs);
        let plans = self.plans(&files)?;
        if self.list {
            let kept = |plan: &StudyPlan| store.kept(&plan.keys());
            let rows: Vec<_> = plans.iter().map(|plan| (plan, kept(plan))).collect();
            deliver(study_list(&rows, colours(None)).as_bytes(), None)?;
            return Ok(ExitCode::SUCCESS);
        }
        let machines = self.machines()?;
        let several = files.len() > 1;
        let mut code = ExitCode::SUCCESS;
        for (plan, file) in plans.iter().zip(&files) {
            if plan.is_without_data() && !several {
                let (_, problem) = plan.missing()[0];
                anyhow::bail!("{}: {problem}", escape(&file.to_string_lossy()));
            }
            for (set, problem) in plan.missing() {
                note(&format!(
                    "{}: no {}: {}",
                    plan.id,
                    escape(set),
                    escape_within(problem, LONGEST)
                ));
            }
            let ended = self.one(plan, &store, &*machines, several)?;
            if ended.failed || ended.interrupted {
                code = ExitCode::from(2);
            }
            if ended.interrupted {
                note("interrupted; the same command goes on");
                break;
            }
        }
        Ok(code)
    }

    /// All studies, checked before the first is run.
    fn plans(&self, files: &[PathBuf]) -> anyhow::Result<Vec<StudyPlan>> {
        let mut sets = DataSets::new(self.folder.root().as_deref());
        let plans = files.iter().map(|file| {
            let plan = StudyPlan::new(file, &mut sets, self.quick);
            plan.map_err(|error| anyhow::anyhow!(escape_within(&error.to_string(), LONGEST)))
        });
        plans.collect()
    }

    /// The files that are meant, those of folders by name.
    fn studies(&self) -> anyhow::Result<Vec<PathBuf>> {
        let standard = [PathBuf::from(STUDIES)];
        let named: &[PathBuf] = if self.files.is_empty() {
            &standard
        } else {
            &self.files
        };
        let mut files = Vec::new();
        for path in named {
            if !path.is_dir() {
                ensure!(
                    path.exists() || !self.files.is_empty(),
                    "{STUDIES}: is not there; run this in the project's folder, or name studies"
                );
                files.push(path.clone());
                continue;
            }
            let entries =
                std::fs::read_dir(path).with_context(|| escape(&path.to_string_lossy()))?;
            let inside = entries.filter_map(|entry| Some(entry.ok()?.path()));
            let mut inside: Vec<PathBuf> = inside
                .filter(|path| path.extension().is_some_and(|end| end == "toml"))
                .collect();
            ensure!(
                !inside.is_empty(),
                "{}: has no studies",
                escape(&path.to_string_lossy())
            );
            inside.sort();
            files.extend(inside);
        }
        Ok(files)
    }

    /// What makes machines for trainings: of the GPU that is asked for, else of the CPU, which small networks keep busy
    /// side by side.
    fn machines(&self) -> anyhow::Result<Box<dyn Fn() -> Machines<'static> + Sync + '_>> {
        if self.device.gpu().is_none() {
            return Ok(Box::new(Machines::processor));
        }
        let (_, said) = self.device.take(Precision::Single, u64::MAX)?;
        said.iter().for_each(|line| note(line));
        Ok(Box::new(|| {
            let taken = self.device.take(Precision::Single, u64::MAX);
            taken.map_or_else(|_| Machines::processor(), |(taken, _)| taken.machines())
        }))
    }

    fn one(
        &self,
        plan: &StudyPlan,
        store: &Store,
        machines: &(dyn Fn() -> Machines<'static> + Sync),
        several: bool,
    ) -> anyhow::Result<Ended> {
        let bar = StudyBar::new();
        let cores = rayon::current_num_threads();
        let jobs = if self.device.gpu().is_some() {
            1
        } else {
            cores
        };
        let execution = Execution {
            store,
            jobs: self.jobs.map_or(jobs, usize::from),
            machines,
            listener: &|event| bar.hear(event),
        };
        let (report, problems) = execution.study(plan);
        bar.finish();
        for problem in &problems {
            note(&format!("{}: {}", plan.id, escape_within(problem, LONGEST)));
        }
        let folder = match (&self.out, several) {
            (Some(out), false) => out.clone(),
            (Some(out), true) => out.join(&plan.id),
            (None, _) if self.quick => self.runs.join("quick").join(&plan.id),
            (None, _) => Path::new("reports").join(&plan.id),
        };
        write_folder(&folder, &study_files(&report)?)?;
        let told = match self.json {
            true => study_to_json(&report)?,
            false => study_table(&report, colours(None)),
        };
        deliver(told.as_bytes(), None)?;
        eprintln!("page: {}/index.html", escape(&folder.to_string_lossy()));
        Ok(Ended {
            failed: report.runs.iter().any(|run| run.ended == RunEnd::Failed),
            interrupted: bar.interrupted(),
        })
    }
}

/// How a study ended.
struct Ended {
    failed: bool,
    interrupted: bool,
}
