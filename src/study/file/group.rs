//! What a study runs or reads.

use super::super::cell::{Cell, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Cells of a grid, each run with every seed. One of `train`, `weights`, `gaussian`, `products` and `table` says what a
/// cell is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Group {
    /// The name, which figures and claims use.
    pub name: String,
    /// A recipe to train, relative to the study's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<PathBuf>,
    /// A weights file to measure, relative to the study's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// A matrix of independent normal numbers to measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gaussian: Option<toml::Table>,
    /// Products of a layer, timed here: in blocks, dense and with as many entries at random places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<toml::Table>,
    /// A table that another program wrote: CSV, a row a cell, its columns variables and numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<PathBuf>,
    /// How a missing table is made, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// Seeds with which each cell is run.
    #[serde(default = "first_seed")]
    pub seeds: Vec<u64>,
    /// The axes of the grid. An axis has values of the variable that it is named after, or tables that give several
    /// variables values at once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grid: BTreeMap<String, Values>,
    /// Settings of the recipe that are otherwise here, by path: `layer.ip1.weight.blocks`; `"$b1"` stands for the
    /// variable b1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, toml::Value>,
    /// Variables whose values are chosen on held-out training samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choose: Option<Choose>,
}

/// The values of an axis.
pub type Values = Vec<toml::Value>;

/// A choice of hyper-parameters without the test samples: for each cell every candidate is trained with the last
/// training samples held out, and the one that does best on them is trained on all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Choose {
    /// The axes of the candidates, as those of the grid.
    pub among: BTreeMap<String, Values>,
    /// Training samples held out, the last ones.
    pub held_out: usize,
}

/// A matrix of independent normal numbers of variance 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Gaussian {
    /// The shape: outputs and inputs, or outputs, channels, height and width of a kernel.
    pub shape: Vec<usize>,
}

/// A layer whose products are timed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Products {
    /// Outputs.
    pub rows: usize,
    /// Inputs.
    pub columns: usize,
    /// Diagonal blocks, which divide both.
    pub blocks: usize,
    /// Samples.
    pub batch: usize,
}

/// What a group's cells are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source<'a> {
    /// Trainings of this recipe.
    Train(&'a PathBuf),
    /// This weights file.
    Weights(&'a PathBuf),
    /// Random matrices.
    Gaussian(&'a toml::Table),
    /// Products to time.
    Products(&'a toml::Table),
    /// The rows of this table.
    Table(&'a PathBuf),
}

impl Group {
    /// What its cells are; `None` unless the file says exactly one.
    pub fn source(&self) -> Option<Source<'_>> {
        let all = [
            self.train.as_ref().map(Source::Train),
            self.weights.as_ref().map(Source::Weights),
            self.gaussian.as_ref().map(Source::Gaussian),
            self.products.as_ref().map(Source::Products),
            self.table.as_ref().map(Source::Table),
        ];
        let mut all = all.into_iter().flatten();
        all.next().filter(|_| all.next().is_none())
    }

    /// The cells of its grid, in the order of the file's values, the last axis first to change.
    ///
    /// # Errors
    ///
    /// A sentence about an axis.
    pub fn cells(&self) -> Result<Vec<Cell>, String> {
        cells(&self.grid)
    }

    /// The candidates of its choice; one without variables where nothing is chosen.
    ///
    /// # Errors
    ///
    /// A sentence about an axis.
    pub fn candidates(&self) -> Result<Vec<Cell>, String> {
        self.choose
            .as_ref()
            .map_or(Ok(vec![Cell::default()]), |choose| cells(&choose.among))
    }
}

/// The product of the axes.
fn cells(axes: &BTreeMap<String, Values>) -> Result<Vec<Cell>, String> {
    let mut cells = vec![Cell::default()];
    for (name, values) in axes {
        if values.is_empty() {
            return Err(format!("the axis {name} has no values"));
        }
        let mut longer = Vec::with_capacity(cells.len() * values.len());
        for cell in &cells {
            for value in values {
                let mut cell = cell.clone();
                let given = match value {
                    toml::Value::Table(table) => table.clone(),
                    value => [(name.clone(), value.clone())].into_iter().collect(),
                };
                for (variable, value) in given {
                    if cell.insert(variable.clone(), Value::new(&value)?).is_some() {
                        return Err(format!("two axes give the variable {variable} values"));
                    }
                }
                longer.push(cell);
            }
        }
        cells = longer;
        if cells.len() > MOST_CELLS {
            return Err(format!(
                "the grid has more than {MOST_CELLS} cells; take fewer values, or split the group"
            ));
        }
    }
    Ok(cells)
}

/// Most cells of a grid.
const MOST_CELLS: usize = 1000;

fn first_seed() -> Vec<u64> {
    vec![1]
}
