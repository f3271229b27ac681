//! Public sets from their mirrors: resumed where a download broke off, checked before they take their
//! place.

mod download;
mod remote;
#[cfg(test)]
mod tests;
mod unpack;

use super::error::DataError;
use super::file::{self, Content, hex};
use super::origin::Format;
use download::Link;
use remote::{Remote, RemoteSet, SETS, Sum};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How files are fetched.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Address of a folder to fetch from instead of the known mirrors.
    pub mirror: Option<String>,
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for the next bytes.
    pub silence: Duration,
    /// How often in a row a broken connection is taken up again.
    pub retries: usize,
}

impl Default for FetchSettings {
    fn default() -> FetchSettings {
        FetchSettings {
            mirror: None,
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            retries: 3,
        }
    }
}

/// How far a download is.
#[derive(Debug, Clone, Copy)]
pub struct FetchProgress<'a> {
    /// The file.
    pub file: &'a str,
    /// Bytes that are here.
    pub done: u64,
    /// Bytes of the whole file, where the server says.
    pub total: Option<u64>,
}

/// Called as bytes arrive; `false` ends the download, which a later one takes up.
pub type OnProgress<'a> = &'a mut dyn FnMut(FetchProgress<'_>) -> bool;

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

impl DataError {
    fn write(path: &Path) -> impl FnOnce(std::io::Error) -> DataError {
        move |cause| DataError::Write {
            path: path.to_path_buf(),
            cause,
        }
    }
}

/// Where a file lies until it is whole.
fn part_of(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// `None` when a file has the sum it should have, else the sum or the fault it has instead.
fn check(remote: &Remote<'_>, path: &Path) -> Result<Option<String>, DataError> {
    let (mut hash, mut left) = (Sha256::new(), remote.bytes + 1);
    match remote.sum {
        Sum::Content(_) => {
            let mut content = Content::open(path)?;
            while left > 0 {
                match content.read(path, Format::Idx, left.min(1 << 20)) {
                    Ok(piece) if piece.is_empty() => break,
                    Ok(piece) => {
                        left -= piece.len() as u64;
                        hash.update(&piece);
                    }
                    Err(DataError::Malformed { .. }) => {
                        return Ok(Some("damaged gzip data".into()));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Sum::File(_) => {
            let found = sum_of(path)?;
            return Ok((found != remote.sum.digits()).then_some(found));
        }
    }
    let found = hex(&hash.finalize());
    Ok((found != remote.sum.digits()).then_some(found))
}

/// The SHA-256 of a file.
fn sum_of(path: &Path) -> Result<String, DataError> {
    let mut hash = Sha256::new();
    let (mut file, _) = file::open(path)?;
    std::io::copy(&mut file, &mut Hashing(&mut hash)).map_err(DataError::io(path))?;
    Ok(hex(&hash.finalize()))
}

/// Refuses a link where a part is to be written: what it points to is not ours.
fn refuse_link(part: &Path) -> Result<(), DataError> {
    match std::fs::symlink_metadata(part).is_ok_and(|metadata| metadata.is_symlink()) {
        true => Err(DataError::InTheWay {
            path: part.to_path_buf(),
        }),
        false => Ok(()),
    }
}

/// Hashes what is written to it.
struct Hashing<'a>(&'a mut Sha256);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
