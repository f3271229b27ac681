//! One training of a study: begun, or gone on with from its last checkpoint.

use super::store::Store;
use crate::data::Dataset;
use crate::device::Device;
use crate::train::{Ended, Event, Recipe, RowsFile, RunFolder, RunLock, TrainError, Trainer};
use std::ops::ControlFlow;
use std::path::Path;
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
    device: &Device<'_>,
    step: &dyn Fn(u64) -> bool,
) -> anyhow::Result<bool> {
    let folder = store.begin(key, &recipe.to_toml())?;
    let Some(_lock) = lock(store, key, &folder, step)? else {
        return Ok(store.find(key).is_some());
    };
    let mut trainer = Trainer::new(recipe, data)?;
    let run = RunFolder::new(&folder);
    run.sweep();
    // Where none is sound, or the rows are lost, the training begins again.
    let _ = run.resume(&mut trainer);
    let mut rows = RowsFile::begin(&folder, trainer.rows())?;
    let trained = trainer.run(device, &mut |event| {
        let mut go_on = true;
        match event {
            Event::Step { iteration, .. } => go_on = step(iteration),
            Event::Row(row) => rows.add(row)?,
            Event::Checkpoint { iteration, file } => run.write_checkpoint(iteration, &file)?,
        }
        Ok(if go_on {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
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
