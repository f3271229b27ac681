//! The list of what was written, with checksums.

use super::ExportError;
use super::copied::write_whole;
use super::forms::Changes;
use crate::compress::Family;
use crate::plan::{FileSum, Model};
use crate::survey::PROGRAM;
use crate::weights::sha256;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Version of the manifest.
pub const SCHEMA_VERSION: u32 = 1;
/// Name of the manifest in the folder.
const NAME: &str = "manifest.json";

/// The record of an export. A field's name is its key in `manifest.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Exported {
    /// Version of this document.
    pub schema_version: u32,
    /// Program and version that wrote this.
    pub program: String,
    /// `dense`, `factors` or `peft`.
    #[serde(rename = "as")]
    pub target: String,
    /// The plan.
    pub plan: FileSum,
    /// Which of its budgets.
    pub budget: f64,
    /// The model that was read.
    pub model: Model,
    /// The moments that fits were made from.
    pub moments: Option<FileSum>,
    /// Layers that were changed.
    pub layers: Vec<WrittenLayer>,
    /// Every other file of the folder, its path relative to it.
    pub files: Vec<FileSum>,
}

/// A layer that was changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WrittenLayer {
    /// The name of its row in the plan.
    pub name: String,
    /// How it is stored.
    pub family: Family,
    /// The size.
    pub size: usize,
}

impl Exported {
    /// Returns the head of a manifest, without files.
    pub(super) fn new(target: &str, (plan, budget): (FileSum, f64), model: Model) -> Exported {
        Exported {
            schema_version: SCHEMA_VERSION,
            program: PROGRAM.to_owned(),
            target: target.to_owned(),
            plan,
            budget,
            model,
            moments: None,
            layers: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Lists the layers that change, in the order of their names.
    pub(super) fn list_layers(&mut self, changes: &Changes) {
        let forms = changes.values().flat_map(|changed| &changed.forms);
        self.layers = forms
            .map(|form| WrittenLayer {
                name: form.name.clone(),
                family: form.size.family,
                size: form.size.size,
            })
            .collect();
        self.layers.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Adds the files that lie in `folder`, and writes the manifest beside them.
    pub(super) fn seal(&mut self, folder: &Path) -> Result<(), ExportError> {
        for path in files(folder)? {
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let sum = FileSum::of(&path, sha256(&path)?);
            self.files.push(FileSum {
                path: relative.to_string_lossy().into_owned(),
                ..sum
            });
        }
        let target = folder.join(NAME);
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        write_whole(&target, text.as_bytes())
    }
}

/// Returns every file in a folder and in those inside it, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(ExportError::write(folder))?;
    for entry in entries {
        let path = entry.map_err(ExportError::write(folder))?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
