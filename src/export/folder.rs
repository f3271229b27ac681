//! The folder of a model in the sizes of a plan, there whole or not at all.

use super::adapters::{BASE, write_adapters};
use super::config::write_config;
use super::copied::copy_companions;
use super::dense::{Replacement, write_dense};
use super::factors::write_factors;
use super::fitted::Fits;
use super::forms::{Changes, changes};
use super::manifest::Exported;
use super::plan_file::PlanFile;
use super::shards::Shards;
use super::{ExportError, ExportRequest, Target};
use crate::plan::{FileSum, Model};
use crate::survey::Progress;
use crate::weights::{Source, TemporaryFolder, folder_of, sha256, sweep, sync_folder};
use std::path::Path;

/// Writes the model `source` as `request` says.
///
/// `progress` is called before each tensor that changes; when it returns `false` nothing is written.
///
/// # Errors
///
/// One sentence: a folder that exists, a plan for another model, other moments than the plan's, forms that the target cannot
/// hold, and the system's.
pub fn export(
    request: &ExportRequest,
    source: &Source,
    progress: &dyn Fn(Progress<'_>) -> bool,
) -> Result<Exported, ExportError> {
    let folder = &request.folder;
    if folder.symlink_metadata().is_ok() {
        let problem = "exists already; name a new folder";
        return Err(ExportError::file(folder, problem));
    }
    let parent = folder_of(folder);
    if !parent.is_dir() {
        return Err(ExportError::file(folder, "its folder does not exist"));
    }
    let shards = Shards::of(source)?;
    let plan = PlanFile::read(&request.plan)?;
    let budget = plan.budget(&request.plan, request.budget)?;
    let changes = changes(&request.plan, &plan, budget, source)?;
    let model = Model::of(&request.model, source)?;
    check_model(request, &plan.model, &model)?;
    let fits = Fits::new(request, &plan, source)?;
    let sum = FileSum::of(&request.plan, sha256(&request.plan)?);
    let mut exported = Exported::new(request.target.name(), (sum, budget.share), model);
    exported.moments = plan.knowledge.moments.clone();
    exported.list_layers(&changes);
    sweep(&parent);
    let temporary = TemporaryFolder::in_folder(&parent).map_err(ExportError::write(folder))?;
    let place = temporary.path();
    let storage = plan.settings.storage;
    let mut steps = Steps::new(&changes, request.target, progress);
    let mut next = |name: &str| steps.next(name);
    match request.target {
        Target::Dense => {
            write_dense(
                place,
                &shards,
                &changes,
                &fits,
                Replacement::Fits,
                &mut next,
            )?;
            companions(request, &shards, place)?;
        }
        Target::Factors => {
            write_factors(place, &shards, &changes, (&fits, storage), &mut next)?;
            write_config(place, &shards.home, &shards.files, (&changes, storage))?;
            companions(request, &shards, place)?;
        }
        Target::Adapters => {
            write_adapters(place, &shards, &changes, &fits, &mut next)?;
            let base = place.join(BASE);
            std::fs::create_dir(&base).map_err(ExportError::write(&base))?;
            write_dense(
                &base,
                &shards,
                &changes,
                &fits,
                Replacement::Zeros,
                &mut next,
            )?;
            companions(request, &shards, &base)?;
        }
    }
    exported.seal(place)?;
    sync_folder(place).map_err(ExportError::write(folder))?;
    std::fs::rename(place, folder).map_err(ExportError::write(folder))?;
    temporary.keep();
    sync_folder(&parent).map_err(ExportError::write(folder))?;
    Ok(exported)
}

/// Refuses another model than that of the plan.
fn check_model(request: &ExportRequest, planned: &Model, found: &Model) -> Result<(), ExportError> {
    let sums = |model: &Model| {
        let mut sums: Vec<String> = model.files.iter().map(|file| file.sha256.clone()).collect();
        sums.sort();
        sums
    };
    if sums(planned) == sums(found) {
        return Ok(());
    }
    let problem =
        "is not the model that the plan was made for (the SHA-256 of its files differ); plan again";
    Err(ExportError::file(&request.model, problem))
}

/// Copies what a folder of a model holds beside weights.
fn companions(request: &ExportRequest, shards: &Shards, place: &Path) -> Result<(), ExportError> {
    if !request.model.is_dir() {
        return Ok(());
    }
    let weights: Vec<&Path> = shards
        .files
        .iter()
        .map(|(file, _)| file.as_path())
        .collect();
    copy_companions(&shards.home, place, &weights)
}

/// The tensors that change, as they come.
struct Steps<'a> {
    done: u64,
    total: u64,
    progress: &'a dyn Fn(Progress<'_>) -> bool,
}

impl Steps<'_> {
    fn new<'a>(
        changes: &Changes,
        target: Target,
        progress: &'a dyn Fn(Progress<'_>) -> bool,
    ) -> Steps<'a> {
        let times = if target == Target::Adapters { 2 } else { 1 };
        Steps {
            done: 0,
            total: times * changes.len() as u64,
            progress,
        }
    }

    fn next(&mut self, tensor: &str) -> Result<(), ExportError> {
        let goes_on = (self.progress)(Progress {
            done: self.done,
            total: self.total,
            tensor,
            detail: "",
        });
        self.done += 1;
        if goes_on {
            Ok(())
        } else {
            Err(ExportError::Interrupted)
        }
    }
}
