//! The layers that a plan makes smaller, checked against the model.

use super::ExportError;
use super::plan_file::{Budget, PlanFile, Row};
use crate::compress::{Family, Size, Sizes};
use crate::weights::{Dtype, MatrixView, RawTensor, Source};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// A matrix of a tensor in the form that the plan gives it.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// The name of the row in the plan.
    pub name: String,
    /// The index of the matrix in its tensor.
    pub block: usize,
    pub is_table: bool,
    /// The layer in the file of moments.
    pub moments: Option<String>,
    pub sizes: Sizes,
    pub size: Size,
}

/// A tensor of which matrices change.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    /// The index of the tensor in the source.
    pub index: usize,
    pub dtype: Dtype,
    /// How it is taken as matrices.
    pub view: MatrixView,
    pub forms: Vec<Form>,
}

/// The tensors that change, by name.
pub(super) type Changes = HashMap<String, Changed>;

/// Returns the tensors of `source` that a budget of the plan changes.
pub(super) fn changes(
    path: &Path,
    plan: &PlanFile,
    budget: &Budget,
    source: &Source,
) -> Result<Changes, ExportError> {
    let places: HashMap<&str, usize> = (source.tensors().iter().enumerate())
        .map(|(index, info)| (info.name.as_str(), index))
        .collect();
    let mut changes = Changes::new();
    let mut met = HashSet::new();
    for sized in &budget.layers {
        let wrong = |problem: &str| ExportError::file(path, format!("is no sound plan: {problem}"));
        let row = plan.layers.get(sized.row);
        let row = row.ok_or_else(|| wrong("a size is that of no row"))?;
        if !met.insert(sized.row) {
            return Err(wrong("a row has two sizes"));
        }
        let size = match (sized.family, sized.size) {
            (Family::Dense, None) => continue,
            (Family::Dense, Some(_)) | (_, None | Some(0)) => {
                return Err(wrong("a family has a size that it cannot have"));
            }
            (_, Some(size)) => size,
        };
        let (name, view) = matrix(row).ok_or_else(|| wrong("a size is that of no matrix"))?;
        let index = *places
            .get(name)
            .ok_or_else(|| ExportError::tensor(path, name, "is not in the model"))?;
        let info = &source.tensors()[index];
        let count = view
            .rows
            .checked_mul(view.columns)
            .and_then(|n| n.checked_mul(view.blocks));
        let block = row.block.unwrap_or(0);
        let is_table = row.table.unwrap_or(false);
        let (m, n) = (view.rows, view.columns);
        let sizes = Sizes {
            m: if is_table { n } else { m },
            n: if is_table { m } else { n },
            grid: row.grid,
        };
        let size = Size {
            family: sized.family,
            size,
            blocks: sized.blocks,
        };
        let fits = count == Some(info.len()) && block < view.blocks && size.suits(&sizes);
        if !fits || !info.dtype.is_float() || info.is_composed() {
            let problem = "is another matrix in the model than in the plan";
            return Err(ExportError::tensor(path, name, problem));
        }
        let changed = changes.entry(name.to_owned()).or_insert_with(|| Changed {
            index,
            dtype: info.dtype.clone(),
            view: view.clone(),
            forms: Vec::new(),
        });
        let is_other = changed.forms.iter().any(|form| form.block == block);
        if changed.view != view || is_other {
            return Err(wrong("a tensor is taken as matrices in two ways"));
        }
        changed.forms.push(Form {
            name: row.name.clone(),
            block,
            is_table,
            moments: row.moments.clone(),
            sizes,
            size,
        });
    }
    Ok(changes)
}

/// Returns the tensor of a row, and how it is taken as matrices.
fn matrix(row: &Row) -> Option<(&str, MatrixView)> {
    let view = MatrixView {
        blocks: row.blocks?,
        rows: row.rows?,
        columns: row.columns?,
        rule: String::new(),
        transposed: row.transposed?,
    };
    Some((row.tensor.as_deref()?, view))
}

impl Changed {
    /// Returns the name of the layer that a tensor is the weight of.
    pub fn layer(name: &str) -> &str {
        name.strip_suffix(".weight")
            .filter(|layer| !layer.is_empty())
            .unwrap_or(name)
    }

    /// Returns a tensor of the type of this one.
    pub fn tensor(&self, name: String, shape: Vec<usize>) -> RawTensor {
        RawTensor::new(name, &self.dtype, shape)
    }
}
