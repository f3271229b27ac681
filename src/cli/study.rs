//! `spectra study`: grids of trainings and measurements, held against published claims.

use super::data::DataFolder;
use super::device::DeviceOption;
use super::progress::StudyBar;
use super::terminal::{colours, complain, note, print, say};
use crate::device::Device;
use crate::report::{
    ReportFolder, study_files, study_list, study_list_to_json, study_table, study_to_json,
};
use crate::study::{DataSets, Execution, Extent, Store, StudyPlan, progress};
use crate::train::recipe::Precision;
use crate::weights::{escape, escape_within};
use anyhow::{Context, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the project's studies lie.
const STUDIES: &str = "analysis/studies";

/// Threads of a training, unless the number of jobs is given: two trainings of one thread each, which share no data, take
/// 1.4 times as long on two cores as two of two threads one after another.
const THREADS: usize = 4;

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

Exit status: 0 the study is finished, whatever it found; 2 a run failed, has no data (of one study)
or was interrupted, or a study is not sound.

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
    /// Trainings an Nth as long, 1 for their full length (default: as the study's file says)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    shortened: Option<u64>,
    /// Runs side by side, the cores shared among them (default: one for every four cores)
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
    /// Print report.json instead of the verdicts, or the list as JSON
    #[arg(long)]
    json: bool,
}

impl Study {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let files = self.studies()?;
        let store = Store::new(&self.runs);
        let (plans, mut code) = self.plans(&files)?;
        if self.list {
            let rows: Vec<_> = plans
                .iter()
                .map(|plan| (plan, progress(plan, &store)))
                .collect();
            let told = if self.json {
                study_list_to_json(&rows)
            } else {
                study_list(&rows, colours(None))
            };
            print(told.as_bytes())?;
            return Ok(code);
        }
        let device = self.executing()?;
        let several = files.len() > 1;
        for plan in &plans {
            if plan.is_without_data() && !several {
                let (_, problem) = plan.missing()[0];
                anyhow::bail!("{}: {}", plan.id, escape_within(problem, LONGEST));
            }
            let folder = self.out(plan, several);
            ReportFolder::new(&folder, &kind(plan)).check()?;
        }
        for plan in &plans {
            for (set, problem) in plan.missing() {
                let problem = escape_within(problem, LONGEST);
                note(&format!("{}: no {}: {problem}", plan.id, escape(set)));
            }
            let ended = self.one(plan, &store, &*device, several)?;
            if ended != Ended::Done {
                code = ExitCode::from(2);
            }
            if ended == Ended::Interrupted {
                note("interrupted; the same command goes on");
                break;
            }
        }
        Ok(code)
    }

    /// Where the report of a study goes.
    fn out(&self, plan: &StudyPlan, several: bool) -> PathBuf {
        match (&self.out, several) {
            (Some(out), false) => out.clone(),
            (Some(out), true) => out.join(&plan.id),
            (None, _) if plan.quick || plan.shortened > plan.study.shortened => {
                self.runs.join("quick").join(&plan.id)
            }
            (None, _) => Path::new("reports").join(&plan.id),
        }
    }

    /// All studies, checked before the first is run. Where there are several, those that are not sound are told and left out.
    fn plans(&self, files: &[PathBuf]) -> anyhow::Result<(Vec<StudyPlan>, ExitCode)> {
        let mut sets = DataSets::new(self.folder.root().as_deref());
        let mut plans: Vec<StudyPlan> = Vec::new();
        let mut code = ExitCode::SUCCESS;
        for file in files {
            let extent = Extent {
                quick: self.quick,
                shortened: self.shortened,
            };
            let plan = StudyPlan::new(file, &mut sets, extent);
            match plan.map_err(|error| escape_within(&error.to_string(), LONGEST)) {
                Ok(plan) => {
                    ensure!(
                        plans.iter().all(|other| other.id != plan.id),
                        "two studies are called {}; their reports would be one",
                        plan.id
                    );
                    plans.push(plan);
                }
                Err(error) if files.len() == 1 => anyhow::bail!(error),
                Err(error) => {
                    complain(&error);
                    code = ExitCode::from(2);
                }
            }
        }
        Ok((plans, code))
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

    /// Returns the device of each training: the GPU that is asked for, else on the CPU.
    fn executing(&self) -> anyhow::Result<Box<dyn Fn() -> Device<'static> + Sync + '_>> {
        if self.device.gpu().is_none() {
            return Ok(Box::new(Device::cpu));
        }
        let (_, said) = self.device.take(Precision::Single, u64::MAX)?;
        said.iter().for_each(|line| note(line));
        Ok(Box::new(|| {
            let taken = self.device.take(Precision::Single, u64::MAX);
            let device = taken.ok().and_then(|(device, _)| device);
            device.unwrap_or_else(Device::cpu)
        }))
    }

    fn one(
        &self,
        plan: &StudyPlan,
        store: &Store,
        device: &(dyn Fn() -> Device<'static> + Sync),
        several: bool,
    ) -> anyhow::Result<Ended> {
        let bar = StudyBar::new();
        let cores = rayon::current_num_threads();
        let jobs = match self.device.gpu() {
            Some(_) => 1,
            None => (cores / THREADS).max(1),
        };
        let execution = Execution {
            store,
            jobs: self.jobs.map_or(jobs, usize::from),
            device,
            listener: &|event| bar.hear(event),
        };
        let report = execution.study(plan);
        bar.finish();
        for remark in &report.remarks {
            note(&format!("{}: {}", plan.id, escape_within(remark, LONGEST)));
        }
        let folder = self.out(plan, several);
        let place = place(&folder, report.complete);
        let files = study_files(&report)?;
        let written = ReportFolder::new(&place, &kind(plan)).write(&files);
        let told = if self.json {
            study_to_json(&report)?
        } else {
            study_table(&report, colours(None))
        };
        if let Err(error) = print(told.as_bytes()) {
            complain(&error.to_string());
        }
        written?;
        if place != folder {
            let folder = escape(&folder.to_string_lossy());
            complain(&format!(
                "{folder} holds a complete report and is left as it was"
            ));
        }
        say(&format!(
            "page: {}/index.html",
            escape(&place.to_string_lossy())
        ));
        Ok(match (bar.interrupted(), report.complete) {
            (true, _) => Ended::Interrupted,
            (false, false) if !several || plan.missing().is_empty() => Ended::Missing,
            _ => Ended::Done,
        })
    }
}

/// The kind of report that a study has.
fn kind(plan: &StudyPlan) -> String {
    format!("study {}", plan.id)
}

/// Where a report goes that is meant for `folder`: beside it, where it would replace a complete one and is not complete.
fn place(folder: &Path, complete: bool) -> PathBuf {
    let old = std::fs::read(folder.join("report.json")).unwrap_or_default();
    let old: serde_json::Value = serde_json::from_slice(&old).unwrap_or_default();
    if complete || old["complete"] != true {
        return folder.to_path_buf();
    }
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".incomplete");
    folder.with_file_name(name)
}

/// How a study ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// All runs are there, but for those without data among several studies.
    Done,
    /// A run failed, or has no data.
    Missing,
    /// It was interrupted.
    Interrupted,
}
