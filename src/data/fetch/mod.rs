//! Public sets from their mirrors: resumed where a download broke off, checked before they take their
//! place.

mod download;
mod part;
mod remote;
mod settings;
mod sum;
#[cfg(test)]
mod tests;
mod unpack;

pub use settings::{FetchProgress, FetchSettings, OnProgress};

use super::error::DataError;
use download::Link;
use part::{part_of, refuse_link};
use remote::{Remote, RemoteSet, SETS};
use std::path::{Path, PathBuf};
use sum::check;

/// Fetches `mnist`, `fashion-mnist` or `cifar10` into a folder of its name in `root`, and returns that
/// folder. Files that are there and sound are not fetched again.
///
/// Every file is written beside its place as `NAME.part`, compared with its SHA-256 (of the unpacked
/// content for gzipped files, which mirrors pack differently) and then renamed. A part that a broken
/// download left is taken up where it ends.
///
/// # Errors
/// A set that cannot be fetched; a mirror that does not answer, breaks off or gives something else; a
/// folder that cannot be written.
pub fn fetch(
    name: &str,
    root: &Path,
    settings: &FetchSettings,
    progress: OnProgress<'_>,
) -> Result<PathBuf, DataError> {
    let Some(set) = SETS.iter().find(|set| set.name == name) else {
        return Err(DataError::NotFetchable {
            name: name.to_owned(),
        });
    };
    fetch_set(set, root, settings, progress)
}

fn fetch_set(
    set: &RemoteSet<'_>,
    root: &Path,
    settings: &FetchSettings,
    progress: OnProgress<'_>,
) -> Result<PathBuf, DataError> {
    let folder = root.join(set.name);
    std::fs::create_dir_all(&folder).map_err(DataError::write(&folder))?;
    let mirrors: Vec<&str> = match &settings.mirror {
        Some(mirror) => vec![mirror],
        None => set.mirrors.to_vec(),
    };
    let link = Link::new(settings);
    for remote in set.files {
        let place = folder.join(remote.name);
        if is_there(remote, &folder, &place)? {
            continue;
        }
        fetch_file(&link, remote, &mirrors, &place, progress)?;
        if let Some(archive) = &remote.archive {
            unpack::unpack(archive, &place, &folder)?;
            std::fs::remove_file(&place).map_err(DataError::write(&place))?;
        }
    }
    Ok(folder)
}

/// Whether a file is there and sound, gzipped or unpacked; one that is there and is not, is in the way.
fn is_there(remote: &Remote<'_>, folder: &Path, place: &Path) -> Result<bool, DataError> {
    if let Some(archive) = &remote.archive {
        return unpack::is_done(archive, folder);
    }
    let unpacked = place.with_extension("");
    for path in [place, &unpacked] {
        if path.exists() {
            return match check(remote, path)? {
                None => Ok(true),
                Some(_) => Err(DataError::InTheWay {
                    path: path.to_path_buf(),
                }),
            };
        }
    }
    Ok(false)
}

/// From the first mirror that has it; the first failure when none has.
fn fetch_file(
    link: &Link,
    remote: &Remote<'_>,
    mirrors: &[&str],
    place: &Path,
    progress: OnProgress<'_>,
) -> Result<(), DataError> {
    let mut first = None;
    for mirror in mirrors {
        let url = format!("{}/{}", mirror.trim_end_matches('/'), remote.name);
        match fetch_checked(link, remote, &url, place, progress) {
            Ok(()) => return Ok(()),
            Err(error @ (DataError::Download { .. } | DataError::Checksum { .. })) => {
                first.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(first.unwrap_or_else(|| DataError::NotFetchable {
        name: remote.name.to_owned(),
    }))
}

fn fetch_checked(
    link: &Link,
    remote: &Remote<'_>,
    url: &str,
    place: &Path,
    progress: OnProgress<'_>,
) -> Result<(), DataError> {
    let part = part_of(place);
    refuse_link(&part)?;
    loop {
        let resumed = link.download(url, &part, remote, progress)?;
        let Some(found) = check(remote, &part)? else {
            return std::fs::rename(&part, place).map_err(DataError::write(place));
        };
        std::fs::remove_file(&part).map_err(DataError::write(&part))?;
        // What an earlier download left may be of another file: once more, from the beginning.
        if !resumed {
            return Err(DataError::Checksum {
                url: url.to_owned(),
                expected: remote.sum.digits().to_owned(),
                found,
            });
        }
    }
}
