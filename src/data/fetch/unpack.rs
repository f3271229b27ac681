//! The members of a gzipped tar archive that are wanted, and no other.

use super::part::refuse_link;
use super::remote::{Archive, Size};
use super::sum::sum_of;
use crate::data::error::DataError;
use crate::data::file;
use crate::data::origin::Format;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of an archive beside its members: headers, padding, and what is passed over.
const BESIDE: u64 = 16 << 20;

/// Name of the file that lists the members' SHA-256, as `sha256sum` prints them.
const SUMS: &str = "SHA256SUMS";

/// Whether every member lies in `folder` at its size and, where they are listed, with its sum. A folder of which that
/// is not so is in the way.
pub(super) fn is_done(archive: &Archive<'_>, folder: &Path) -> Result<bool, DataError> {
    let place = folder.join(archive.folder);
    if std::fs::symlink_metadata(&place).is_err() {
        return Ok(false);
    }
    let sums = std::fs::read_to_string(place.join(SUMS)).unwrap_or_default();
    let listed = |name: &str| {
        let mut lines = sums.lines().filter_map(|line| line.split_once("  "));
        lines.find(|(_, of)| *of == name).map(|(sum, _)| sum)
    };
    for (name, size) in archive.members {
        let path = place.join(name);
        let metadata = std::fs::metadata(&path);
        let is_sized = metadata.is_ok_and(|m| m.is_file() && size.admits(m.len()));
        let is_sound = match listed(name) {
            Some(sum) if is_sized => sum_of(&path)? == sum,
            _ => is_sized,
        };
        if !is_sound {
            return Err(DataError::InTheWay { path });
        }
    }
    Ok(true)
}

/// Unpacks the members at `path` into `folder`, all of them or none.
pub(super) fn unpack(archive: &Archive<'_>, path: &Path, folder: &Path) -> Result<(), DataError> {
    let place = folder.join(archive.folder);
    let part = folder.join(format!("{}.part", archive.folder));
    refuse_link(&part)?;
    if part.exists() {
        std::fs::remove_dir_all(&part).map_err(DataError::write(&part))?;
    }
    std::fs::create_dir_all(&part).map_err(DataError::write(&part))?;
    let done = members(archive, path, &part).and_then(|()| list_sums(archive, &part));
    if let Err(error) = done {
        // The fault in the archive is what matters.
        let _ = std::fs::remove_dir_all(&part);
        return Err(error);
    }
    if place.exists() {
        return Err(DataError::InTheWay { path: place });
    }
    std::fs::rename(&part, &place).map_err(DataError::write(&place))
}

/// Lists the sums of the members, so that a later start tells whether they are still sound.
fn list_sums(archive: &Archive<'_>, part: &Path) -> Result<(), DataError> {
    let mut lines = String::new();
    for (name, _) in archive.members {
        lines += &format!("{}  {name}\n", sum_of(&part.join(name))?);
    }
    let path = part.join(SUMS);
    std::fs::write(&path, lines).map_err(DataError::write(&path))
}

fn members(archive: &Archive<'_>, path: &Path, part: &Path) -> Result<(), DataError> {
    let refuse = |problem: String| DataError::malformed(path, Format::Cifar, problem);
    let damaged = |error: io::Error| {
        let said = crate::weights::escape_within(&error.to_string(), 200);
        refuse(format!("the archive is damaged ({said}); take it anew"))
    };
    let (stored, _) = file::open(path)?;
    let most: u64 = archive.members.iter().map(|(_, size)| size.most()).sum();
    let plain = MultiGzDecoder::new(BufReader::new(stored)).take(most + BESIDE);
    let mut tar = tar::Archive::new(plain);
    let mut missing: Vec<&(&str, Size)> = archive.members.iter().collect();
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path_bytes().into_owned();
        let wanted = missing.iter().position(|(member, _)| {
            let inner: PathBuf = [archive.folder, member].iter().collect();
            name == inner.as_os_str().as_encoded_bytes()
        });
        let Some(wanted) = wanted else { continue };
        let (member, size) = missing.swap_remove(wanted);
        if !entry.header().entry_type().is_file() || !size.admits(entry.size()) {
            return Err(refuse(format!(
                "its member {member} is no file of the size it should have ({} bytes)",
                entry.size()
            )));
        }
        let to = part.join(member);
        let mut file = File::create_new(&to).map_err(DataError::write(&to))?;
        let mut left = entry.size();
        let mut piece = vec![0; 1 << 16];
        while left > 0 {
            let count = entry.read(&mut piece).map_err(damaged)?;
            if count == 0 {
                return Err(refuse(format!(
                    "ends within its member {member}; take it anew"
                )));
            }
            left -= count as u64;
            file.write_all(&piece[..count])
                .map_err(DataError::write(&to))?;
        }
        file.sync_all().map_err(DataError::write(&to))?;
    }
    match missing.first() {
        None => Ok(()),
        Some((member, _)) => Err(refuse(format!("lacks {member}"))),
    }
}

impl Size {
    fn admits(self, bytes: u64) -> bool {
        match self {
            Size::Exactly(size) => bytes == size,
            Size::AtMost(most) => bytes <= most,
        }
    }

    fn most(self) -> u64 {
        match self {
            Size::Exactly(size) | Size::AtMost(size) => size,
        }
    }
}
