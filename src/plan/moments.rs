//! Files of second moments, as a capture of a model's layers writes them.
//!
//! For a layer NAME the file has `NAME/inputs`, Σ x xᵀ, or for a table of vectors `NAME/input_counts`, and `NAME/gradients`,
//! Σ g gᵀ, none of them divided; its metadata say how many vectors and samples were added.

use super::PlanError;
use super::file_sum::FileSum;
use crate::compress::Moment;
use crate::weights::{OpenOptions, Source, safetensors_metadata, sha256};
use faer::{Mat, MatRef};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Key of the metadata.
const KEY: &str = "spectra.moments";
/// Version of the metadata that is read.
const VERSION: u64 = 1;
/// Relative difference of sums that should be equal.
const ROUNDING: f64 = 1e-6;
/// Count that is added to each row of a table, so that none is free.
const UNSEEN: f64 = 0.05;
/// Share of the mean of its diagonal that is added to a moment.
const RIDGE: f64 = 1e-6;

/// An open file of moments, its numbers not yet read.
#[derive(Debug)]
pub struct MomentsFile {
    path: PathBuf,
    source: Source,
    layers: Vec<Layer>,
    /// The file.
    pub file: FileSum,
}

/// The layers of a file, by what the metadata say.
#[derive(Debug)]
pub(super) struct Layer {
    pub name: String,
    /// Other names of the same weight.
    pub tied: Vec<String>,
    /// Sizes of the weight: outputs (of a table its rows), inputs (of a table the length of its rows).
    pub rows: usize,
    pub columns: usize,
    /// Input vectors that were added.
    pub vectors: u64,
    pub samples: u64,
    pub is_table: bool,
    /// Whether the weight is stored inputs first, where the file says it.
    pub transposed: Option<bool>,
    /// Places of its tensors in the file.
    inputs: usize,
    gradients: Option<usize>,
}

#[derive(Deserialize)]
struct Header {
    schema_version: u64,
    layers: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    kind: String,
    rows: u64,
    columns: u64,
    vectors: u64,
    samples: u64,
    #[serde(default)]
    transposed: Option<bool>,
    #[serde(default)]
    tied: Vec<String>,
}

impl MomentsFile {
    /// Opens a file and checks shapes and counts, then every number and the checksum.
    ///
    /// # Errors
    ///
    /// One sentence on what is no such file, and on moments that no inputs have.
    pub fn open(path: &Path) -> Result<MomentsFile, PlanError> {
        let source = Source::open(path, &OpenOptions { strict: true })?;
        let text = safetensors_metadata(path, KEY).ok_or_else(|| {
            let problem = "has no moments of layers; capture them from the model first";
            PlanError::file(path, problem)
        })?;
        let header: Header = serde_json::from_str(&text).map_err(|error| {
            let problem = format!("its metadata {KEY} are not as they should be: {error}");
            PlanError::file(path, problem)
        })?;
        if header.schema_version != VERSION {
            let problem = format!(
                "holds moments of version {}; version {VERSION} is read",
                header.schema_version
            );
            return Err(PlanError::file(path, problem));
        }
        let places: HashMap<&str, usize> = (source.tensors().iter().enumerate())
            .map(|(index, info)| (info.name.as_str(), index))
            .collect();
        let mut names = HashSet::new();
        let mut layers = Vec::new();
        for entry in &header.layers {
            let wrong = |problem: String| PlanError::layer(path, &entry.name, problem);
            if !names.insert(&entry.name) {
                return Err(wrong("is listed twice".into()));
            }
            layers.push(entry.layer(&source, &places).map_err(wrong)?);
        }
        if layers.is_empty() {
            return Err(PlanError::file(path, "holds the moments of no layer"));
        }
        let file = MomentsFile {
            path: path.to_path_buf(),
            source,
            layers,
            file: FileSum::of(path, sha256(path)?),
        };
        for layer in 0..file.layers.len() {
            file.inputs(layer)?;
            file.gradients(layer)?;
        }
        Ok(file)
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the layers.
    pub(super) fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Returns whether a layer has moments of gradients.
    pub(super) fn has_gradients(&self, layer: usize) -> bool {
        self.layers[layer].gradients.is_some()
    }

    /// Returns the mean of `x xᵀ` with the mean square of an input taken out, and that mean square; a little is added to the
    /// diagonal, so that no direction is free.
    pub(super) fn inputs(&self, layer: usize) -> Result<(Moment, f64), PlanError> {
        let entry = &self.layers[layer];
        let data = self.source.read(entry.inputs)?.data;
        let checked = if entry.is_table {
            of_counts(data)
        } else {
            symmetric(data, entry.columns, entry.vectors as f64).map(Moment::Full)
        };
        let wrong = |problem| PlanError::layer(&self.path, &entry.name, problem);
        let mut moment = checked.map_err(|problem| wrong(format!("its inputs {problem}")))?;
        let mean = moment.mean();
        if mean > 0.0 {
            moment.change(mean.recip(), if entry.is_table { 0.0 } else { RIDGE });
        }
        Ok((moment, mean))
    }

    /// Returns the mean over samples of the sum of `g gᵀ`, its mean square taken out, and that mean square.
    pub(super) fn gradients(&self, layer: usize) -> Result<Option<(Mat<f64>, f64)>, PlanError> {
        let entry = &self.layers[layer];
        let Some(index) = entry.gradients else {
            return Ok(None);
        };
        let data = self.source.read(index)?.data;
        let wrong = |problem| PlanError::layer(&self.path, &entry.name, problem);
        let gradients = symmetric(data, entry.rows, entry.samples as f64)
            .map_err(|problem| wrong(format!("its gradients {problem}")))?;
        let m = entry.rows;
        let mean = (0..m).map(|i| gradients[(i, i)]).sum::<f64>() / m as f64;
        let factor = if mean > 0.0 { mean.recip() } else { 1.0 };
        let scaled = Mat::from_fn(m, m, |i, j| factor * gradients[(i, j)]);
        Ok(Some((scaled, mean)))
    }
}

impl Entry {
    /// Checks the entry against the tensors of the file.
    fn layer(&self, source: &Source, places: &HashMap<&str, usize>) -> Result<Layer, String> {
        let size = |size: u64, what: &str| {
            let size = usize::try_from(size).ok().filter(|size| *size > 0);
            size.ok_or_else(|| format!("its metadata say that it has no {what}"))
        };
        let (rows, columns) = (size(self.rows, "outputs")?, size(self.columns, "inputs")?);
        let is_table = match self.kind.as_str() {
            "embedding" => true,
            "linear" | "conv1d" | "conv2d" => false,
            other => return Err(format!("its kind {other:?} is not known")),
        };
        if self.vectors == 0 || self.samples == 0 {
            return Err("nothing has passed it while moments were captured".into());
        }
        let find = |what: &str, shape: &[usize]| {
            let Some(&index) = places.get(format!("{}/{what}", self.name).as_str()) else {
                return Ok(None);
            };
            let found = &source.tensors()[index].shape;
            if found == shape {
                Ok(Some(index))
            } else {
                Err(format!("its {what} have shape {found:?}, not {shape:?}"))
            }
        };
        let inputs = if is_table {
            find("input_counts", &[rows])?
        } else {
            find("inputs", &[columns, columns])?
        };
        Ok(Layer {
            name: self.name.clone(),
            tied: self.tied.clone(),
            rows,
            columns,
            vectors: self.vectors,
            samples: self.samples,
            is_table,
            transposed: self.transposed,
            inputs: inputs.ok_or("its moments are not in the file")?,
            gradients: find("gradients", &[rows, rows])?,
        })
    }
}

/// Returns the frequencies of the rows of a table.
fn of_counts(mut counts: Vec<f64>) -> Result<Moment, String> {
    if let Some(count) = counts
        .iter()
        .find(|count| !(**count >= 0.0 && count.is_finite()))
    {
        return Err(format!("have a count of {count}"));
    }
    let total: f64 = counts.iter().sum::<f64>() + UNSEEN * counts.len() as f64;
    if !total.is_finite() {
        return Err("have counts beyond the range of numbers".into());
    }
    counts
        .iter_mut()
        .for_each(|count| *count = (*count + UNSEEN) / total);
    Ok(Moment::Diagonal(counts))
}

/// Returns a sum of outer products of n numbers over `count`, exactly symmetric.
fn symmetric(data: Vec<f64>, n: usize, count: f64) -> Result<Mat<f64>, String> {
    if data.iter().any(|x| !x.is_finite()) {
        return Err("are NaN or infinite".into());
    }
    let sum = MatRef::from_row_major_slice(&data, n, n);
    if (0..n).any(|i| sum[(i, i)] < 0.0) {
        return Err("are no sums of squares: one on the diagonal is negative".into());
    }
    let roots: Vec<f64> = (0..n).map(|i| sum[(i, i)].sqrt()).collect();
    for j in 0..n {
        for i in 0..j {
            let (one, other, most) = (sum[(i, j)], sum[(j, i)], roots[i] * roots[j]);
            if (one - other).abs() > ROUNDING * most || one.abs() > (1.0 + ROUNDING) * most {
                return Err(format!(
                    "are no sums of products: {one} and {other} at ({i}, {j}), where the diagonal allows {most}"
                ));
            }
        }
    }
    // halves, so that sums of large numbers stay finite
    Ok(Mat::from_fn(n, n, |i, j| {
        (0.5 * sum[(i, j)] + 0.5 * sum[(j, i)]) / count
    }))
}
