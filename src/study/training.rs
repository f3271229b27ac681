//! One training of a study: begun, or gone on with from its last checkpoint.

use super::store::Store;
use crate::data::Dataset;
use crate::train::{Ended, Event, Machines, Recipe, RowsFile, RunLock, TrainError, Trainer};
use crate::weights::write_file;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time between two looks at a run that another program makes.
const WAIT: Duration = Duration::from_millis(200);

/// Trains `recipe` in the folder of `key` and keeps the result there. `step` is called after each step and ends the
/// training, after a checkpoint, by returning `false`. Returns whether it was trained to its end.
///
/// # Errors
///
/// The trainer's, that of a file that cannot be written, or another program that trains there.
pub(super) fn train(
    store: &Store,
    key: &str,
    recipe: &Recipe,
    data: &Dataset,
    machines: &Machines<'_>,
    step: &dyn Fn(u64) -> bool,
) -> anyhow::Result<bool> {
    let folder = store.begin(key, &recipe.to_toml())?;
    let Some(_lock) = lock(store, key, &folder, step)? else {
        return Ok(store.find(key).is_some());
    };
    let mut trainer = Trainer::new(recipe, data)?;
    if let Some(checkpoint) = last_checkpoint(&folder) {
        // A damaged checkpoint costs what it held: the training begins again.
        let _ = trainer.resume(&checkpoint, &folder.join(RowsFile::NAME));
    }
    let mut rows = RowsFile::begin(&folder, trainer.rows())?;
    let trained = trainer.run(machines, &mut |event| {
        let mut go_on = true;
        match event {
            Event::Step { iteration, .. } => go_on = step(iteration),
            Event::Row(row) => rows.add(row)?,
            Event::Checkpoint { iteration, file } => {
                let name = format!("step-{iteration:08}.safetensors");
                write_file(&folder.join("checkpoints").join(name), &file)?;
            }
        }
        Ok(match go_on {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })?;
    if trained.record.ended == Ended::Interrupted {
        return Ok(false);
    }
    let record = serde_json::to_string(&trained.record)?;
    store.keep(key, &record, trained.weights.as_deref())?;
    Ok(true)
}

/// The right to train in `folder`. Where another program trains there, it is waited for; none when that has finished the run,
/// or when `step` asks for an end.
fn lock(
    store: &Store,
    key: &str,
    folder: &Path,
    step: &dyn Fn(u64) -> bool,
) -> Result<Option<RunLock>, TrainError> {
    loop {
        match RunLock::take(folder) {
            Err(TrainError::Locked { .. }) => std::thread::sleep(WAIT),
            taken => return Ok(Some(taken?).filter(|_| store.find(key).is_none())),
        }
        if store.find(key).is_some() || !step(0) {
            return Ok(None);
        }
    }
}

/// The checkpoint of the most steps; names have the steps in eight digits.
fn last_checkpoint(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder.join("checkpoints")).ok()?;
    let paths = files.filter_map(|entry| Some(entry.ok()?.path()));
    let whole = |path: &PathBuf| path.extension().is_some_and(|end| end == "safetensors");
    paths.filter(whole).max()
}
