//! A plan as plain serialisable data: a field's name here is its key in the JSON, `None` is `null`, and a change
//! that removes or renames one raises [`SCHEMA_VERSION`].

use super::PlanSettings;
use super::file_sum::FileSum;
use super::knowledge::Knowledge;
use super::point::{Error, Point};
use crate::compress::Family;
use crate::spectrum::Role;
use crate::survey::{Extra, Finding, Row, Run};
use crate::weights::{Source, WeightsError, escape_within, sha256};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the JSON written by `plan`.
pub const SCHEMA_VERSION: u32 = 1;

/// A plan for a model, one row a matrix.
pub type ModelPlan = Run<PlanSettings, PlanRow, PlanTotals>;

/// One matrix, or the reason why a tensor is not in the budget.
pub type PlanRow = Row<PlanFindings>;

/// The parts of a plan beside its rows.
#[derive(Debug, Clone, Default)]
pub struct PlanTotals {
    /// The files of the model.
    pub model: Model,
    /// The knowledge that the plan is made from, and the objective.
    pub knowledge: Knowledge,
    /// The total that budgets are shares of.
    pub compressible: Compressible,
    /// Errors at other budgets, by greedy allocations.
    pub curve: Vec<CurvePoint>,
    /// The budgets, in the order in which they were asked for; none where the run was interrupted.
    pub budgets: Vec<Budget>,
}

impl Extra for PlanTotals {
    fn after<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "files" => map.serialize_entry("model", &self.model),
            "complete" => {
                map.serialize_entry("knowledge", &self.knowledge)?;
                map.serialize_entry("compressible", &self.compressible)?;
                map.serialize_entry("curve", &self.curve)?;
                map.serialize_entry("budgets", &self.budgets)
            }
            _ => Ok(()),
        }
    }
}

/// The files that a plan is for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Model {
    /// The path as given.
    pub path: String,
    /// Every file that is read.
    pub files: Vec<FileSum>,
}

impl Model {
    /// Returns that of the file or folder at `path`, opened as `source`, with checksums.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn of(path: &Path, source: &Source) -> Result<Model, WeightsError> {
        let sum = |file: &Path| Ok(FileSum::of(file, sha256(file)?));
        Ok(Model {
            path: escape_within(&path.to_string_lossy(), 4096),
            files: source
                .files()
                .map(sum)
                .collect::<Result<_, WeightsError>>()?,
        })
    }
}

/// The total that a budget is a share of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Compressible {
    /// Matrices in the budget.
    pub layers: usize,
    /// Their entries.
    pub parameters: u64,
    /// The cost of these matrices as they are.
    pub cost: u64,
    /// The least that they can cost in low rank.
    pub least: u64,
}

/// The errors at a budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The budget, as a share.
    pub share: f64,
    /// The sum that is made least.
    pub error: f64,
    /// The same of the uniform plan.
    pub uniform_error: f64,
}

/// The finding of a row.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PlanFindings {
    /// The layer, if it is in the budget.
    #[serde(flatten)]
    pub layer: Option<PlannedLayer>,
}

impl Finding for PlanFindings {
    const ROWS: &'static str = "layers";
}

/// A matrix in the budget.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedLayer {
    /// The tensor's name as stored, neither escaped nor shortened.
    pub tensor: String,
    /// The index in a stack of matrices, else 0.
    pub block: usize,
    /// Matrices of the tensor.
    pub blocks: usize,
    /// Outputs; of a table of vectors its rows.
    pub rows: usize,
    /// Inputs; of a table the length of its rows.
    pub columns: usize,
    /// Whether the stored rows are its columns.
    pub transposed: bool,
    /// Whether it is a table whose rows are looked up.
    pub table: bool,
    /// Channels, height and width where inputs are patches or images.
    pub grid: Option<[usize; 3]>,
    /// By the name.
    pub role: Role,
    /// Layers of one type are alike but for their depth.
    pub weight_type: String,
    /// The first of the layers that have its size, where it is tied to others.
    pub tied: Option<String>,
    /// Whether it stays as it is by request.
    pub kept: bool,
    /// The name in the files of moments.
    pub moments: Option<String>,
    /// How much the loss rises with its error.
    pub alpha: Option<f64>,
    /// The cost of the matrix as it is.
    pub cost: u64,
    /// Cost and error of each size, the cheapest first, without the dense one.
    #[serde(skip)]
    pub points: Vec<Point>,
    /// The key of its tie.
    #[serde(skip)]
    pub(super) tie: Option<String>,
    /// Whether the uniform plan leaves it as it is.
    #[serde(skip)]
    pub(super) is_end: bool,
}

/// A layer in the size that an allocation gives it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sized {
    /// The layer: the `name` of its row.
    pub name: String,
    /// Place of its row, from 0.
    pub row: usize,
    /// How it is stored.
    pub family: Family,
    /// The size: a rank, a number of columns, terms or frequencies; `None` of the matrix itself.
    pub size: Option<usize>,
    /// Rows and columns of the left factors of Kronecker products; `None` of other families.
    pub blocks: Option<[usize; 2]>,
    /// The cost.
    pub cost: u64,
    /// The same over what the layer costs as it is.
    pub share: f64,
    /// The error.
    pub error: Error,
    /// The part of the objective that is this layer's.
    pub loss: f64,
}

/// The plan for one budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Budget {
    /// The budget, as a share.
    pub share: f64,
    /// The most that the layers may cost.
    pub limit: u64,
    /// The cost of the layers in their sizes.
    pub cost: u64,
    /// The sum that is made least.
    pub error: f64,
    /// A lower bound on the error of any plan within the budget, of those inside types where the mode is so; `None` of a uniform plan.
    pub bound: Option<f64>,
    /// `error / bound − 1`; `None` where the bound is 0 or not known.
    pub gap: Option<f64>,
    /// Whether no plan loses less, to rounding; of a uniform plan it is not asked.
    pub optimal: Option<bool>,
    /// The error that one more unit of cost would save, by the relaxation.
    pub price: Option<f64>,
    /// The error with a budget of 1 % of the layers' cost more.
    pub next: Option<Next>,
    /// The sizes, in the order of the rows.
    pub layers: Vec<Sized>,
    /// The uniform plan of at most the same budget.
    pub uniform: Uniform,
}

/// A somewhat larger budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Next {
    /// The most that the layers may cost.
    pub limit: u64,
    /// The sum that is made least.
    pub error: f64,
    /// Layers that would be larger, the one that gains most first; at most ten.
    pub grows: Vec<String>,
}

/// All layers at one share of their cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uniform {
    /// The largest share at which they fit.
    pub ratio: f64,
    /// Layers that stay as they are: heads, convolutions on images, and those that are kept by request.
    pub dense: Vec<String>,
    /// The cost of the layers in their sizes.
    pub cost: u64,
    /// The sum that is made least; predicted, not measured on a model.
    pub error: f64,
    /// The sizes, in the order of the rows.
    pub layers: Vec<Sized>,
}
