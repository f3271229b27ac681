//! The folder of a run: what lies in it, how it is claimed, and how its training is taken up.

use super::error::TrainError;
use super::rows_file::RowsFile;
use super::run_lock::RunLock;
use super::trainer::Trainer;
use crate::weights::{escape, is_temporary, sweep, write_file};
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Name of the folder of checkpoints.
const CHECKPOINTS: &str = "checkpoints";

/// A run's folder.
///
/// It gets `recipe.toml` first, then `rows.jsonl` and the files in `checkpoints`. What a training leaves follows at its
/// end; `record.json` is written last, so that one which says "finished" stands for all.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

/// A checkpoint that no training goes on from, and why.
#[derive(Debug)]
pub struct Refused {
    /// The checkpoint's file.
    pub checkpoint: PathBuf,
    /// Why it is refused.
    pub error: Box<TrainError>,
}

impl RunFolder {
    /// Name of the recipe in the folder.
    pub const RECIPE: &str = "recipe.toml";
    /// Name of the record in the folder.
    pub const RECORD: &str = "record.json";

    /// Returns the folder at `path`.
    pub fn new(path: &Path) -> RunFolder {
        RunFolder {
            path: path.to_path_buf(),
        }
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the folder for a new run; `None` where it is in use. A folder whose run died before its recipe was
    /// written is as good as new.
    ///
    /// # Errors
    ///
    /// [`TrainError::Locked`] when a training begins there just now, [`TrainError::Lock`] when it cannot be written.
    pub fn claim(&self) -> Result<Option<RunLock>, TrainError> {
        let failed = |cause: Error| TrainError::Lock {
            path: escape(&self.path.to_string_lossy()),
            cause,
        };
        if !self.is_new().map_err(failed)? {
            return Ok(None);
        }
        fs::create_dir_all(&self.path).map_err(failed)?;
        let lock = RunLock::take(&self.path)?;
        // Another training may have come and gone before the lock was taken.
        if !self.is_new().map_err(failed)? {
            return Ok(None);
        }
        fs::create_dir_all(self.path.join(CHECKPOINTS)).map_err(failed)?;
        self.sweep();
        Ok(Some(lock))
    }

    /// Whether the folder is missing, empty, or holds only what a training makes before its recipe.
    fn is_new(&self) -> Result<bool, Error> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let is_lock = path.ends_with(RunLock::NAME);
            let is_empty = |path: &Path| {
                let mut inside = fs::read_dir(path).into_iter().flatten().flatten();
                inside.all(|entry| is_temporary(&entry.path()))
            };
            let is_unused = path.ends_with(CHECKPOINTS) && path.is_dir() && is_empty(&path);
            if !is_lock && !is_unused && !is_temporary(&path) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes the temporary files of trainings that were killed.
    pub fn sweep(&self) {
        sweep(&self.path);
        sweep(&self.path.join(CHECKPOINTS));
    }

    /// Writes the checkpoint after `iteration` steps.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn write_checkpoint(&self, iteration: u64, file: &[u8]) -> Result<(), Error> {
        let name = format!("step-{iteration:08}.safetensors");
        write_file(&self.path.join(CHECKPOINTS).join(name), file)
    }

    /// Returns the files of checkpoints, that of the most steps first.
    pub fn checkpoints(&self) -> Vec<PathBuf> {
        let step = |path: &Path| -> Option<u64> {
            let name = path.file_name()?.to_str()?;
            let digits = name.strip_prefix("step-")?.strip_suffix(".safetensors")?;
            digits.parse().ok()
        };
        let files = fs::read_dir(self.path.join(CHECKPOINTS));
        let paths = files
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| file.path());
        let mut found: Vec<(u64, PathBuf)> = paths
            .filter_map(|path| Some((step(&path)?, path)))
            .collect();
        found.sort();
        found.into_iter().rev().map(|(_, path)| path).collect()
    }

    /// Has `trainer` go on from the last checkpoint that is sound, and returns those after it, which are damaged.
    /// Without a checkpoint it begins.
    ///
    /// # Errors
    ///
    /// A checkpoint of another run, rows that are missing, or damage to every checkpoint.
    pub fn resume(&self, trainer: &mut Trainer<'_>) -> Result<Vec<Refused>, Refused> {
        let mut damaged = Vec::new();
        for checkpoint in self.checkpoints() {
            match trainer.resume(&checkpoint, &self.path.join(RowsFile::NAME)) {
                Ok(()) => return Ok(damaged),
                Err(error) => {
                    let is_damage = matches!(error, TrainError::Damaged { .. });
                    let error = Box::new(error);
                    let refused = Refused { checkpoint, error };
                    if !is_damage {
                        return Err(refused);
                    }
                    damaged.push(refused);
                }
            }
        }
        match damaged.into_iter().next() {
            Some(refused) => Err(refused),
            None => Ok(Vec::new()),
        }
    }

    /// Whether the record says that all of `iterations` steps are done, and the weights are there.
    pub fn is_finished(&self, iterations: u64) -> bool {
        let record = fs::read(self.path.join(RunFolder::RECORD)).unwrap_or_default();
        let record: serde_json::Value = serde_json::from_slice(&record).unwrap_or_default();
        record["ended"]["how"] == "finished"
            && record["iterations"] == iterations
            && self.path.join("weights.safetensors").is_file()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a folder that died before its recipe and is refused for ever, one that is in use and taken, and a
    /// folder of others that is written to.
    #[test]
    fn a_folder_without_a_recipe_is_new() {
        let root = tempfile::tempdir().unwrap();
        let run = RunFolder::new(&root.path().join("runs/one"));
        let lock = run.claim().unwrap().unwrap();
        assert!(matches!(run.claim(), Err(TrainError::Locked { .. })));
        drop(lock);
        fs::write(run.path().join(".spectra-abc.tmp"), "half a recipe").unwrap();
        drop(run.claim().unwrap().unwrap());
        fs::write(run.path().join(RunFolder::RECIPE), "x").unwrap();
        assert!(run.claim().unwrap().is_none());
        let theirs = RunFolder::new(&root.path().join("runs"));
        assert!(theirs.claim().unwrap().is_none());
        assert!(!theirs.path().join("lock").exists());
    }

    /// Catches checkpoints in the order of their names instead of their steps, and other files among them.
    #[test]
    fn the_latest_checkpoint_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let run = RunFolder::new(root.path());
        fs::create_dir(root.path().join(CHECKPOINTS)).unwrap();
        for iteration in [5, 123_456_789, 10] {
            run.write_checkpoint(iteration, b"x").unwrap();
        }
        for other in [".spectra-abc.tmp", "step-9.safetensors.part"] {
            fs::write(root.path().join(CHECKPOINTS).join(other), "x").unwrap();
        }
        let names = run.checkpoints();
        let steps = ["123456789", "00000010", "00000005"];
        assert_eq!(names.len(), 3);
        for (path, step) in names.iter().zip(steps) {
            assert!(
                path.ends_with(format!("step-{step}.safetensors")),
                "{path:?}"
            );
        }
    }

    /// Catches a run that is called finished by an interrupted record, or without its weights.
    #[test]
    fn the_record_says_finished() {
        let root = tempfile::tempdir().unwrap();
        let run = RunFolder::new(root.path());
        let record = |how: &str| {
            let text = format!(r#"{{"ended":{{"how":"{how}"}},"iterations":7}}"#);
            fs::write(root.path().join(RunFolder::RECORD), text).unwrap();
        };
        record("finished");
        assert!(!run.is_finished(7));
        fs::write(root.path().join("weights.safetensors"), "x").unwrap();
        assert!(run.is_finished(7) && !run.is_finished(8));
        record("interrupted");
        assert!(!run.is_finished(7));
    }
}
