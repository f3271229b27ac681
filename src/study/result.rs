//! What a study comes to: plain data, the JSON contract.

use super::cell::Cell;
use super::file::Study;
use crate::data::Origin;
use serde::Serialize;

/// The version of the report's keys; adding one does not change it.
pub const SCHEMA_VERSION: u32 = 1;

/// A study, run.
#[derive(Debug, Clone, Serialize)]
pub struct StudyReport {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Name and version of the program that wrote this.
    pub program: String,
    /// The study's id: the name of its file.
    pub id: String,
    /// The study's file, every setting said.
    pub study: Study,
    /// Whether it was a quick run: with the first seeds alone.
    pub quick: bool,
    /// How many times shorter the trainings were than the study says, 1 for their full length.
    pub shortened: u64,
    /// Whether all runs were made to their end; not so after Ctrl-C, without data, or where one failed.
    pub complete: bool,
    /// The verdict as a whole.
    pub verdict: Verdict,
    /// The data sets that were asked for.
    pub data: Vec<DataReport>,
    /// The runs, by group, cell and seed.
    pub runs: Vec<RunReport>,
    /// The hyper-parameters that were chosen.
    pub choices: Vec<ChoiceReport>,
    /// What was measured, over the seeds of a cell.
    pub values: Vec<CellValue>,
    /// The claims.
    pub claims: Vec<ClaimReport>,
    /// Numbers that could not be taken, and why.
    pub remarks: Vec<String>,
    /// What was measured on each run: the table `runs.parquet`, which the report itself does not repeat.
    #[serde(skip)]
    pub observations: Vec<Observation>,
}

/// A measure of a run: a number or a curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The run's place in [`StudyReport::runs`].
    pub run: usize,
    /// The measure.
    pub measure: String,
    /// What it was measured as.
    pub curve: Curve,
}

/// Numbers over places; a single number has one place, 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// What the places are: `iteration`, `order`, `value`; `None` of a single number.
    pub over: Option<&'static str>,
    /// The places, ascending.
    pub at: Vec<f64>,
    /// The numbers; NaN where there is none.
    pub values: Vec<f64>,
}

/// A data set.
#[derive(Debug, Clone, Serialize)]
pub struct DataReport {
    /// The name in the recipe.
    pub set: String,
    /// Where it came from; `None` where it is not at hand.
    pub origin: Option<Origin>,
    /// Why it is not at hand.
    pub problem: Option<String>,
}

/// A run.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The group.
    pub group: String,
    /// The cell, the chosen variables too.
    pub variables: Cell,
    /// The seed; 0 of what has none.
    pub seed: u64,
    /// The content hash under which it is kept; `None` of tables.
    pub key: Option<String>,
    /// How it ended: `finished`, `diverged`, `failed`, `not run`.
    pub ended: RunEnd,
    /// Why it failed, or where it diverged.
    pub reason: Option<String>,
    /// Steps made.
    pub iterations: Option<u64>,
    /// What ran it.
    pub device: Option<String>,
    /// What it took, tests included; differs from run to run.
    pub seconds: Option<f64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// All of it was done.
    Finished,
    /// The loss was no finite number.
    Diverged,
    /// It could not be done.
    Failed,
    /// It was not done: there is no data, or the study was interrupted.
    NotRun,
}

/// The choice of one cell.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceReport {
    /// The group.
    pub group: String,
    /// The cell, without the chosen variables.
    pub variables: Cell,
    /// The candidates.
    pub candidates: Vec<Candidate>,
    /// The place of the best in `candidates`; `None` where none has learned.
    pub chosen: Option<usize>,
}

/// A candidate of a choice.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    /// The variables.
    pub variables: Cell,
    /// The content hash under which its training without the held-out samples is kept.
    pub key: Option<String>,
    /// Accuracy on the held-out samples; `None` where the run diverged or failed.
    pub accuracy: Option<f64>,
}

/// A measure of a cell, over its seeds: one number, or a curve. Each list has a number a place of the curve; those of a
/// single number have one.
#[derive(Debug, Clone, Serialize)]
pub struct CellValue {
    /// The group.
    pub group: String,
    /// The cell.
    pub variables: Cell,
    /// The measure.
    pub measure: String,
    /// What the places are: `iteration`, `order`, `value`; `None` of a single number.
    pub over: Option<String>,
    /// The places.
    pub at: Vec<f64>,
    /// Mean over seeds; `None` where no seed has a number.
    pub mean: Vec<Option<f64>>,
    /// Least over seeds.
    pub least: Vec<Option<f64>>,
    /// Most over seeds.
    pub most: Vec<Option<f64>>,
    /// Standard deviation over seeds; `None` of fewer than two.
    pub deviation: Vec<Option<f64>>,
    /// Seeds that have a number at the last place.
    pub seeds: usize,
}

/// A claim and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimReport {
    /// The claim in a sentence.
    pub claim: String,
    /// Whether it is a null and not a published number.
    pub null: bool,
    /// The measure.
    pub measure: String,
    /// Whether its numbers are in per cent.
    pub percent: bool,
    /// What is demanded: the published number, or `at least 1`, `above b1 = 1`.
    pub demanded: String,
    /// The published number where there is one.
    pub published: Option<f64>,
    /// How far ours may be off.
    pub tolerance: Option<f64>,
    /// The cells.
    pub cells: Vec<ClaimCell>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub sentence: String,
}

/// One cell of a claim.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimCell {
    /// The group.
    pub group: String,
    /// The cell.
    pub variables: Cell,
    /// Ours: the mean over seeds.
    pub ours: Option<f64>,
    /// What it is held against: the published number, the limit, or the other cell's mean.
    pub against: Option<f64>,
    /// Standard deviation over seeds.
    pub deviation: Option<f64>,
    /// Seeds.
    pub seeds: usize,
    /// Whether the claim holds here.
    pub holds: Outcome,
}

/// Whether a claim holds in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It does.
    Yes,
    /// Nearly: a number within twice its tolerance.
    Nearly,
    /// It does not.
    No,
    /// There is no number, or the difference is within what seeds make.
    Unknown,
}

/// What becomes of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds in all cells that can be judged.
    Reproduced,
    /// In at least half of them, or nearly.
    InPart,
    /// In fewer.
    NotReproduced,
    /// None can be judged.
    CannotBeJudged,
}

impl Verdict {
    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Reproduced => "reproduced",
            Verdict::InPart => "reproduced in part",
            Verdict::NotReproduced => "not reproduced",
            Verdict::CannotBeJudged => "cannot be judged",
        }
    }
}
