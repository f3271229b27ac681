//! The matrices of files that a run works on, each with its entries or the reason why it has none.

use super::{
    Kind, MatrixView, NonFinite, Selection, Source, TensorInfo, ViewRules, escape, matrix_view,
};
use serde::Serialize;

/// The outcome for a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The row has the result.
    Analyzed,
    /// Left out by rule; the row says which.
    Skipped,
    /// Could not be analysed (NaN, infinity, unreadable data); the row says why.
    Failed,
}

/// Why a tensor has no finding, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Skipped or failed.
    pub status: Status,
    /// The reason, in a sentence.
    pub reason: String,
}

impl Gap {
    /// Returns the gap of a tensor that is left out by rule.
    pub fn skipped(reason: impl Into<String>) -> Gap {
        Gap {
            status: Status::Skipped,
            reason: reason.into(),
        }
    }

    /// Returns the gap of a tensor on which the work failed.
    pub fn failed(reason: impl ToString) -> Gap {
        Gap {
            status: Status::Failed,
            reason: reason.to_string(),
        }
    }
}

/// The identity of an input file.
#[derive(Debug, Clone, Serialize)]
pub struct FileIdentity {
    /// Path as given.
    pub path: String,
    /// `npy`, `npz`, `safetensors`, `torch`, …; `memory` for tensors that a program holds.
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
    rules: ViewRules,
    is_guessed: bool,
}

impl<'a> Chosen<'a> {
    /// Tensor `index` of `source`.
    pub fn new(source: &'a Source, index: usize, selection: &Selection) -> Chosen<'a> {
        let alias = source.tensors()[index].alias_of.as_deref();
        Chosen::beside(source, index, selection, alias)
    }

    /// The tensor with its own entries, although an earlier one has the same.
    pub fn own(&self, selection: &Selection) -> Chosen<'a> {
        Chosen::beside(self.source, self.index, selection, None)
    }

    /// Tensor `index` of `source`, whose entries are those of `alias`, if there is one.
    fn beside(
        source: &'a Source,
        index: usize,
        selection: &Selection,
        alias: Option<&str>,
    ) -> Chosen<'a> {
        let info = &source.tensors()[index];
        let (rules, by) = selection.rules(info, source.tensors());
        let left_out = info.kind.reason().filter(|_| !selection.states);
        let view = match (alias, left_out) {
            (Some(other), _) => Err(format!("the same numbers as {}", escape(other))),
            (None, Some(reason)) => Err(reason.into()),
            (None, None) => matrix_view(&info.shape, &rules).map(|view| MatrixView {
                rule: match by {
                    Some(by) => format!("{}, {by}", view.rule),
                    None => view.rule,
                },
                ..view
            }),
        };
        Chosen {
            source,
            index,
            view,
            rules,
            is_guessed: by.is_some(),
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

    /// Returns its place among the tensors of its file.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The declaration in the header of the file.
    pub fn info(&self) -> &'a TensorInfo {
        &self.source.tensors()[self.index]
    }

    /// The name, control characters escaped.
    pub fn name(&self) -> String {
        escape(&self.info().name)
    }

    /// The file's path, control characters escaped.
    pub fn file(&self) -> String {
        escape(&self.source.path().to_string_lossy())
    }

    /// How it is taken as a matrix.
    pub fn view(&self) -> Option<&MatrixView> {
        self.view.as_ref().ok()
    }

    /// The rules by which it is taken as a matrix.
    pub fn rules(&self) -> &ViewRules {
        &self.rules
    }

    /// Returns whether name or sizes, and not the user, say that it is stored in another way than the usual one.
    pub fn is_guessed(&self) -> bool {
        self.is_guessed && self.view.is_ok()
    }

    /// Why the tensor has no entries, when it has none, and what becomes of it: what is no weight is left out, a
    /// weight that cannot be read has failed.
    pub fn gap(&self) -> Option<Gap> {
        let info = self.info();
        let is_weight = info.kind == Kind::Weight && info.alias_of.is_none();
        match (&self.view, &info.unreadable) {
            (_, Some(reason)) if is_weight => Some(Gap::failed(reason)),
            (Err(reason), _) => Some(Gap::skipped(reason)),
            (Ok(_), Some(reason)) => Some(Gap::failed(reason)),
            (Ok(_), None) => None,
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
    /// Why there are none, and what becomes of the tensor.
    pub fn read(&self) -> Result<(Vec<f64>, &MatrixView), Gap> {
        let view = match (&self.view, self.gap()) {
            (_, Some(gap)) => return Err(gap),
            (Ok(view), None) => view,
            (Err(reason), None) => return Err(Gap::skipped(reason)),
        };
        let tensor = self.source.read(self.index).map_err(Gap::failed)?;
        match NonFinite::find(&tensor.data) {
            Some(bad) => Err(Gap::failed(non_finite(bad, &tensor.shape))),
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
