//! Finished runs, kept by their keys.

use super::key::NUMERICS;
use crate::train::RowsFile;
use crate::weights::{escape, plain_reason, sweep, write_file};
use serde_json::Value as Json;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// A folder of runs. Each lies in a folder of its own that is called by its key: `record.json` last, so that a run is
/// there as a whole or not at all, beside it `recipe.toml`, `weights.safetensors` and, until it is finished, `checkpoints`.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// A finished run.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// The record, as `spectra train` writes it.
    pub record: Json,
    /// The last weights; they are missing where a training diverged.
    pub weights: Option<PathBuf>,
}

impl Store {
    /// The folder `root`, which need not be there yet.
    pub fn new(root: &Path) -> Store {
        Store {
            root: root.to_path_buf(),
        }
    }

    /// The folder of the run with this key.
    pub(super) fn folder(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// The finished run with this key. A damaged one is none: it is done again.
    pub(super) fn find(&self, key: &str) -> Option<Kept> {
        let folder = self.folder(key);
        let text = std::fs::read_to_string(folder.join("record.json")).ok()?;
        let record: Json = serde_json::from_str(&text).ok()?;
        let ended = record.pointer("/ended/how")?.as_str()?;
        let weights = Some(folder.join("weights.safetensors")).filter(|path| path.is_file());
        let whole = match ended {
            "finished" => weights.is_some() || record.get("numbers").is_some(),
            "diverged" => true,
            _ => false,
        };
        whole.then_some(Kept { record, weights })
    }

    /// Makes the folder of a run and writes what it is a run of.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(super) fn begin(&self, key: &str, recipe: &str) -> Result<PathBuf, Error> {
        let folder = self.folder(key);
        std::fs::create_dir_all(folder.join("checkpoints")).map_err(|error| {
            let (shown, reason) = (escape(&folder.to_string_lossy()), plain_reason(&error));
            Error::new(error.kind(), format!("{shown}: cannot be made: {reason}"))
        })?;
        sweep(&folder);
        let text = format!("# numerics {NUMERICS}\n{recipe}");
        write_file(&folder.join("recipe.toml"), text.as_bytes())?;
        Ok(folder)
    }

    /// Keeps a finished run, its record last, and removes its checkpoints.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(super) fn keep(
        &self,
        key: &str,
        record: &str,
        weights: Option<&[u8]>,
    ) -> Result<(), Error> {
        let folder = self.folder(key);
        if let Some(weights) = weights {
            write_file(&folder.join("weights.safetensors"), weights)?;
        }
        write_file(&folder.join("record.json"), record.as_bytes())?;
        let gone = |removed: Result<(), Error>| match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        gone(std::fs::remove_file(folder.join(RowsFile::NAME)))?;
        gone(std::fs::remove_dir_all(folder.join("checkpoints")))
    }
}
