//! A plan as it is read back.

use super::ExportError;
use crate::compress::Family;
use crate::plan::{FileSum, Mode, Model, SCHEMA_VERSION, Storage};
use crate::weights::WeightsError;
use serde::Deserialize;
use std::path::Path;

/// Bytes of the longest plan read.
const LONGEST: u64 = 1 << 30;
/// Relative difference of shares that are the same budget.
const ROUNDING: f64 = 1e-9;

/// The parts of a plan that its fits need.
#[derive(Debug, Deserialize)]
pub struct PlanFile {
    schema_version: u32,
    complete: bool,
    pub(super) settings: Settings,
    pub(super) model: Model,
    pub(super) knowledge: Knowledge,
    pub(super) budgets: Vec<Budget>,
    pub(super) layers: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Settings {
    pub storage: Storage,
}

#[derive(Debug, Deserialize)]
pub(super) struct Knowledge {
    pub mode: Mode,
    pub moments: Option<FileSum>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Budget {
    pub share: f64,
    pub layers: Vec<Sized>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Sized {
    pub row: usize,
    pub family: Family,
    pub size: Option<usize>,
    #[serde(default)]
    pub blocks: Option<[usize; 2]>,
}

/// A row of the plan; those of tensors outside of the budget have no more than a name.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub name: String,
    pub tensor: Option<String>,
    pub block: Option<usize>,
    pub blocks: Option<usize>,
    pub rows: Option<usize>,
    pub columns: Option<usize>,
    pub transposed: Option<bool>,
    pub table: Option<bool>,
    pub grid: Option<[usize; 3]>,
    pub moments: Option<String>,
}

impl PlanFile {
    /// Reads a plan.
    ///
    /// # Errors
    ///
    /// One sentence on what is no plan, one of another version, or that of an interrupted run.
    pub fn read(path: &Path) -> Result<PlanFile, ExportError> {
        let io = |source| WeightsError::Io {
            path: path.to_path_buf(),
            source,
        };
        let length = std::fs::metadata(path).map_err(io)?.len();
        if length > LONGEST {
            let problem = format!("{length} bytes are no plan; at most {LONGEST} are read");
            return Err(ExportError::file(path, problem));
        }
        let text = std::fs::read(path).map_err(io)?;
        #[derive(Deserialize)]
        struct Version {
            schema_version: u32,
        }
        let no_plan = |error: serde_json::Error| {
            let error = crate::weights::escape(&error.to_string());
            ExportError::file(path, format!("is no plan for a model: {error}"))
        };
        let Version { schema_version } = serde_json::from_slice(&text).map_err(no_plan)?;
        if schema_version != SCHEMA_VERSION {
            let problem =
                format!("is a plan of version {schema_version}; version {SCHEMA_VERSION} is read");
            return Err(ExportError::file(path, problem));
        }
        let plan: PlanFile = serde_json::from_slice(&text).map_err(no_plan)?;
        debug_assert_eq!(plan.schema_version, schema_version);
        if !plan.complete || plan.budgets.is_empty() {
            let problem = "holds no finished plan; make it again";
            return Err(ExportError::file(path, problem));
        }
        Ok(plan)
    }

    /// Returns the budget of this share, or the only one.
    pub(super) fn budget(&self, path: &Path, share: Option<f64>) -> Result<&Budget, ExportError> {
        let has = || {
            let shares = self
                .budgets
                .iter()
                .map(|b| format!("{} %", 100.0 * b.share));
            shares.collect::<Vec<_>>().join(", ")
        };
        let Some(share) = share else {
            return match &self.budgets[..] {
                [only] => Ok(only),
                _ => Err(ExportError::file(
                    path,
                    format!("has several budgets, {}: name one of them", has()),
                )),
            };
        };
        let is_meant = |budget: &&Budget| (budget.share - share).abs() <= ROUNDING * share;
        self.budgets.iter().find(is_meant).ok_or_else(|| {
            let problem = format!("has no budget of {} %, but of {}", 100.0 * share, has());
            ExportError::file(path, problem)
        })
    }
}
