//! The fits of a plan, made again.

use super::forms::{Changed, Form};
use super::plan_file::PlanFile;
use super::{ExportError, ExportRequest};
use crate::compress::Fit;
use crate::plan::{Mode, MomentsFile, Statistics};
use crate::survey::Scale;
use crate::weights::{NonFinite, Source};
use faer::{Mat, MatRef};
use std::path::Path;

/// The data that fits are made from.
pub(super) struct Fits<'a> {
    pub source: &'a Source,
    moments: Option<MomentsFile>,
}

/// A matrix of a tensor with its fit. Fits are of the layer as it acts, outputs × inputs, of a table of its transpose.
pub(super) struct Fitted {
    pub fit: Fit,
    /// The scale that the matrix was divided by.
    pub scale: Scale,
}

impl<'a> Fits<'a> {
    /// Opens the moments that the plan was made with.
    pub fn new(
        request: &ExportRequest,
        plan: &PlanFile,
        source: &'a Source,
    ) -> Result<Fits<'a>, ExportError> {
        let moments = match (&plan.knowledge.moments, plan.knowledge.mode) {
            (None, Mode::Weights) => None,
            (None, _) => {
                let problem = "does not say which moments it was made with";
                return Err(ExportError::file(&request.plan, problem));
            }
            (Some(file), _) => {
                let given = request.moments.as_deref();
                let path = given.unwrap_or(Path::new(&file.path));
                if given.is_none() && !path.exists() {
                    let problem = format!(
                        "was made with the moments {}, which are not there any more; say where they lie now",
                        file.path
                    );
                    return Err(ExportError::file(&request.plan, problem));
                }
                let moments = MomentsFile::open(path)?;
                if moments.file.sha256 != file.sha256 {
                    let problem = "are other moments than those that the plan was made with (their SHA-256 differs)";
                    return Err(ExportError::file(path, problem));
                }
                Some(moments)
            }
        };
        Ok(Fits { source, moments })
    }

    /// Reads the elements of a tensor.
    pub fn read(&self, name: &str, changed: &Changed) -> Result<Vec<f64>, ExportError> {
        let data = self.source.read(changed.index)?.data;
        match NonFinite::find(&data) {
            None => Ok(data),
            Some(_) => Err(ExportError::tensor(
                self.source.path(),
                name,
                "has entries that are NaN or infinite",
            )),
        }
    }

    /// Fits a matrix of the tensor `changed`, whose elements are `data`.
    pub fn fit(
        &self,
        changed: &Changed,
        form: &Form,
        data: &mut [f64],
    ) -> Result<Fitted, ExportError> {
        let scale = Scale::take_out(data);
        let w = changed.view.block(data, form.block);
        let w = if form.is_table { w.transpose() } else { w };
        let statistics = match (&self.moments, &form.moments) {
            (Some(file), Some(name)) => {
                let found = Statistics::read(file, name)?;
                found
                    .filter(|found| found.inputs() == w.ncols())
                    .ok_or_else(|| {
                        let problem = "the moments have no such layer, or one of another shape";
                        ExportError::tensor(file.path(), name, problem)
                    })?
            }
            (None, None) => Statistics::unknown(w.ncols()),
            _ => {
                let problem = "the plan names moments for some layers alone";
                return Err(ExportError::tensor(self.source.path(), &form.name, problem));
            }
        };
        if !statistics.suits(w.nrows()) {
            let problem = "its moments are those of another number of outputs";
            return Err(ExportError::tensor(self.source.path(), &form.name, problem));
        }
        let fit = statistics.fit(w, &form.sizes, form.size);
        let fit = fit.ok_or_else(|| {
            let problem = "cannot be fitted in the form that the plan says";
            ExportError::tensor(self.source.path(), &form.name, problem)
        })?;
        Ok(Fitted { fit, scale })
    }
}

impl Fitted {
    /// Returns the matrix in the units of the file, in the orientation of the view.
    pub fn dense(&self, is_table: bool) -> Mat<f64> {
        let dense = self.fit.dense();
        let restored = |x: &f64| self.scale.restore(*x);
        let (m, n) = dense.shape();
        if is_table {
            Mat::from_fn(n, m, |i, j| restored(&dense[(j, i)]))
        } else {
            Mat::from_fn(m, n, |i, j| restored(&dense[(i, j)]))
        }
    }
}

/// Returns the entries row by row.
pub(super) fn row_major(matrix: MatRef<'_, f64>) -> Vec<f64> {
    let rows = matrix.row_iter();
    rows.flat_map(|row| row.iter().copied().collect::<Vec<f64>>())
        .collect()
}
