//! Files and parts of files that are copied as they are.

use super::ExportError;
use crate::weights::WeightsError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write, copy};
use std::path::{Path, PathBuf};

/// Endings of files beside weights that a model cannot be loaded without.
const ENDINGS: [&str; 6] = ["json", "txt", "model", "jinja", "tiktoken", "py"];
/// Bytes of the longest of them.
const LONGEST: u64 = 256 << 20;

/// Copies a file; it has the permissions of an ordinary new one.
pub(super) fn copy_file(from: &Path, to: &Path) -> Result<(), ExportError> {
    let mut source = File::open(from).map_err(read(from))?;
    let mut target = File::create(to).map_err(ExportError::write(to))?;
    copy(&mut source, &mut target).map_err(ExportError::write(to))?;
    target.sync_all().map_err(ExportError::write(to))
}

/// Writes a file, which is on the disk then.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let mut file = File::create(path).map_err(ExportError::write(path))?;
    write_at(&mut file, path, 0, bytes)?;
    file.sync_all().map_err(ExportError::write(path))
}

/// Copies bytes of one file to a place of another.
pub(super) fn copy_bytes(
    source: &mut File,
    (from, offset, bytes): (&Path, u64, u64),
    (target, to, place): (&mut File, &Path, u64),
) -> Result<(), ExportError> {
    target
        .seek(SeekFrom::Start(place))
        .map_err(ExportError::write(to))?;
    source.seek(SeekFrom::Start(offset)).map_err(read(from))?;
    let copied = copy(&mut source.take(bytes), target).map_err(ExportError::write(to))?;
    if copied != bytes {
        return Err(ExportError::file(from, "was cut short while it was read"));
    }
    Ok(())
}

/// Writes bytes at a place of a file.
pub(super) fn write_at(
    target: &mut File,
    to: &Path,
    offset: u64,
    bytes: &[u8],
) -> Result<(), ExportError> {
    target
        .seek(SeekFrom::Start(offset))
        .map_err(ExportError::write(to))?;
    target.write_all(bytes).map_err(ExportError::write(to))
}

/// Copies the small files beside the weights of a model's folder, and those in folders one level down, which say how it is
/// loaded; not those that exist already.
pub(super) fn copy_companions(
    from: &Path,
    to: &Path,
    weights: &[&Path],
) -> Result<(), ExportError> {
    for (file, relative) in companions(from, Path::new(""), true)? {
        let is_weights = weights.contains(&file.as_path()) || is_index(&relative);
        let target = to.join(&relative);
        if is_weights || target.exists() {
            continue;
        }
        make_folder(&target)?;
        copy_file(&file, &target)?;
    }
    Ok(())
}

/// Makes the folder of a file.
pub(super) fn make_folder(file: &Path) -> Result<(), ExportError> {
    match file.parent() {
        Some(folder) => std::fs::create_dir_all(folder).map_err(ExportError::write(folder)),
        None => Ok(()),
    }
}

fn companions(
    folder: &Path,
    relative: &Path,
    goes_down: bool,
) -> Result<Vec<(PathBuf, PathBuf)>, ExportError> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(read(folder))?;
    for entry in entries {
        let entry = entry.map_err(read(folder))?;
        let (path, name) = (entry.path(), entry.file_name());
        let is_hidden = name.to_string_lossy().starts_with('.');
        // Links are followed: caches keep every file as one.
        let Ok(metadata) = std::fs::metadata(&path) else {
            continue;
        };
        let ending = path.extension().and_then(|ending| ending.to_str());
        let is_wanted = ending.is_some_and(|ending| ENDINGS.contains(&ending));
        if metadata.is_dir() && goes_down && !is_hidden {
            found.extend(companions(&path, &relative.join(&name), false)?);
        } else if metadata.is_file() && is_wanted && !is_hidden && metadata.len() <= LONGEST {
            found.push((path, relative.join(&name)));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file is an index of weights, of this format or another.
fn is_index(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".index.json")
}

fn read(path: &Path) -> impl FnOnce(std::io::Error) -> ExportError {
    move |source| {
        ExportError::Weights(WeightsError::Io {
            path: path.to_path_buf(),
            source,
        })
    }
}
