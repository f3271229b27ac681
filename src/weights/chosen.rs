//! The matrices of files that a run works on, each with its entries or the reason why it has none.

use super::{MatrixView, NonFinite, Selection, Source, TensorInfo, escape, matrix_view};
use serde::Serialize;

/// What became of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// What was asked for is in the row.
    Analyzed,
    /// Left out by rule; the row says which.
    Skipped,
    /// Could not be analysed (NaN, infinity, unreadable data); the row says why.
    Failed,
}

/// What tells one input file from another.
#[derive(Debug, Clone, Serialize)]
pub struct FileIdentity {
    /// Path as given.
    pub path: String,
    /// `npy`, `npz`, `safetensors`, `torch`.
    pub format: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Hash (64-bit FNV-1a, hexadecimal) of the file's header bytes.
    pub header_hash: String,
}

impl FileIdentity {
    /// That of `source`.
    pub fn of(source: &Source) -> FileIdentity {
        FileIdentity {
            path: escape(&source.path().to_string_lossy()),
            format: source.format().to_string(),
            bytes: source.bytes(),
            header_hash: format!("{:016x}", source.header_hash()),
        }
    }
}

/// A tensor that is wanted, with its view as a matrix or the reason why it has none.
#[derive(Debug)]
pub struct Chosen<'a> {
    source: &'a Source,
    index: usize,
    view: Result<MatrixView, String>,
}

impl<'a> Chosen<'a> {
    /// Tensor `index` of `source`.
    pub fn new(source: &'a Source, index: usize, selection: &Selection) -> Chosen<'a> {
        let info = &source.tensors()[index];
        let view = match &info.alias_of {
            Some(other) => Err(format!("the same numbers as {}", escape(other))),
            None => matrix_view(&info.shape, &selection.rules()),
        };
        Chosen {
            source,
            index,
            view,
        }
    }

    /// The tensors of `sources` that `selection` names, in order.
    pub fn all(sources: &'a [Source], selection: &Selection) -> Vec<Chosen<'a>> {
        let of = |source: &'a Source| {
            (0..source.tensors().len()).map(move |index| Chosen::new(source, index, selection))
        };
        let all = sources.iter().flat_map(of);
        all.filter(|tensor| selection.names(&tensor.info().name))
            .collect()
    }

    /// What the file's header says of it.
    pub fn info(&self) -> &'a TensorInfo {
        &self.source.tensors()[self.index]
    }

    /// Its name, control characters escaped.
    pub fn name(&self) -> String {
        escape(&self.info().name)
    }

    /// Its file's path, control characters escaped.
    pub fn file(&self) -> String {
        escape(&self.source.path().to_string_lossy())
    }

    /// How it is taken as a matrix.
    pub fn view(&self) -> Option<&MatrixView> {
        self.view.as_ref().ok()
    }

    /// Why the tensor is left out, when it is.
    pub fn reason(&self) -> Option<String> {
        match &self.view {
            Err(reason) => Some(reason.clone()),
            Ok(_) => self.info().unreadable.clone(),
        }
    }

    /// Entries of the matrix, 0 without one.
    pub fn entries(&self) -> u64 {
        self.view()
            .map_or(0, |view| (view.blocks * view.rows * view.columns) as u64)
    }

    /// Reads the entries, finite all of them, and how they are taken as a matrix.
    ///
    /// # Errors
    ///
    /// What became of the tensor instead, and the reason.
    pub fn read(&self) -> Result<(Vec<f64>, &MatrixView), (Status, String)> {
        let view = match (&self.view, self.reason()) {
            (Ok(view), None) => view,
            (_, reason) => return Err((Status::Skipped, reason.unwrap_or_default())),
        };
        let tensor = self.source.read(self.index);
        let tensor = tensor.map_err(|error| (Status::Failed, error.to_string()))?;
        match NonFinite::find(&tensor.data) {
            Some(bad) => Err((Status::Failed, non_finite(bad, &tensor.shape))),
            None => Ok((tensor.data, view)),
        }
    }
}

fn non_finite(bad: NonFinite, shape: &[usize]) -> String {
    let mut index = Vec::new();
    let mut rest = bad.first;
    for dimension in shape.iter().rev() {
        index.push(rest % dimension);
        rest /= dimension;
    }
    index.reverse();
    let entries = match bad.count {
        1 => "1 entry is".to_string(),
        count => format!("{count} entries are"),
    };
    format!("{entries} NaN or infinite, the first at {index:?}")
}
