//! The folder of a report: whose it is, and how a new report takes the place of an old one.

use super::manifest::{Manifest, NamedFiles};
use crate::weights::{
    TemporaryFolder, escape_within, folder_of, is_temporary, plain_reason, sweep, sync_folder,
    write_file,
};
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Longest path shown, in characters.
const LONGEST_PATH: usize = 1000;

/// A folder that holds reports of one kind and nothing else that this program wrote.
///
/// A report is written into a temporary folder beside it, which is then exchanged for it: killed at any moment, it
/// leaves the old report or the new one. Files that no report wrote are carried over and never removed.
#[derive(Debug, Clone, Copy)]
pub struct ReportFolder<'a> {
    path: &'a Path,
    kind: &'a str,
}

impl<'a> ReportFolder<'a> {
    /// Returns the folder at `path`, which need not be there yet, for reports of `kind`: "analysis", or "study bdip-6".
    pub fn new(path: &'a Path, kind: &'a str) -> ReportFolder<'a> {
        ReportFolder { path, kind }
    }

    /// Refuses a folder that holds something else than a report of this kind, and removes what killed runs left
    /// beside it.
    ///
    /// # Errors
    ///
    /// One sentence that says what the folder holds, and the system's.
    pub fn check(&self) -> Result<(), Error> {
        sweep(&folder_of(self.path));
        sweep(self.path);
        self.others().map(|_| ())
    }

    /// Whether a report lies in the folder.
    pub fn holds_report(&self) -> bool {
        self.path.join(Manifest::NAME).exists() || self.path.join("report.json").exists()
    }

    /// Puts a report of these files into the folder in place of the one that is there.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check), and when a file cannot be written; then the old report stays as it was.
    pub fn write(&self, files: &NamedFiles) -> Result<(), Error> {
        let others = self.others()?;
        let folder = fs::canonicalize(self.path).unwrap_or_else(|_| self.path.to_path_buf());
        let parent = folder_of(&folder);
        fs::create_dir_all(&parent).map_err(|error| cannot("made", self.path, &error))?;
        // A shell that stands in the folder would be left in the old one.
        let stands_inside = std::env::current_dir().is_ok_and(|at| at.starts_with(&folder));
        if stands_inside {
            return write_in_place(&folder, self.kind, files);
        }
        let beside = match TemporaryFolder::in_folder(&parent) {
            Ok(beside) => beside,
            // The folder may be ours to write to where its parent is not.
            Err(_) if folder.is_dir() => return write_in_place(&folder, self.kind, files),
            Err(error) => return Err(cannot("made", self.path, &error)),
        };
        self.fill(beside.path(), files, &others, &folder)?;
        let Some(old) = exchange(beside, &folder)? else {
            return write_in_place(&folder, self.kind, files);
        };
        self.remove(&old, &others);
        sync_folder(&parent).map_err(|error| cannot("kept", self.path, &error))
    }

    /// The names in the folder that no report wrote, all of them files.
    fn others(&self) -> Result<Vec<PathBuf>, Error> {
        let refuse = |problem: String| {
            let shown = shown(self.path);
            let text = format!("{shown}: {problem}; choose another folder for the report");
            Err(Error::new(ErrorKind::AlreadyExists, text))
        };
        let entries = match fs::read_dir(self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return refuse("is a file".into());
            }
            entries => entries.map_err(|error| cannot("read", self.path, &error))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry
                .map_err(|error| cannot("read", self.path, &error))?
                .path();
            if !is_temporary(&path) {
                names.push(path);
            }
        }
        if names.is_empty() {
            return Ok(names);
        }
        let Some(manifest) = Manifest::read(self.path, self.kind) else {
            return refuse("holds other files than a report".into());
        };
        if manifest.kind != self.kind {
            let kind = escape_within(&manifest.kind, LONGEST_PATH);
            return refuse(format!("holds a report of another kind ({kind})"));
        }
        names.retain(|path| !manifest.names(path));
        let is_file = |path: &&PathBuf| fs::symlink_metadata(path).is_ok_and(|m| m.is_file());
        match names.iter().find(|path| !is_file(path)) {
            Some(odd) => refuse(format!("holds {}, which no report wrote", shown(odd))),
            None => Ok(names),
        }
    }

    /// Writes the files into the folder `beside`, with those of others that are in `folder`, and waits until they
    /// are on the disk.
    fn fill(
        &self,
        beside: &Path,
        files: &NamedFiles,
        others: &[PathBuf],
        folder: &Path,
    ) -> Result<(), Error> {
        for (name, bytes) in files {
            let written = File::create(beside.join(name)).and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            });
            let what = format!("written ({} bytes)", bytes.len());
            written.map_err(|error| cannot(&what, &folder.join(name), &error))?;
        }
        for other in others {
            let Some(name) = other.file_name() else {
                continue;
            };
            let copy = beside.join(name);
            // A file of others that has a name of ours is replaced, as any output is.
            if !copy.exists() && fs::hard_link(other, &copy).is_err() {
                fs::copy(other, &copy).map_err(|error| cannot("copied", other, &error))?;
            }
        }
        Manifest::new(self.kind, files).write(beside)?;
        sync_folder(beside).map_err(|error| cannot("written", folder, &error))
    }

    /// Removes the exchanged report, and puts what others wrote there in the meantime into the new folder.
    fn remove(&self, old: &Path, others: &[PathBuf]) {
        let manifest = Manifest::read(old, self.kind);
        for entry in fs::read_dir(old).into_iter().flatten().flatten() {
            let (path, target) = (entry.path(), self.path.join(entry.file_name()));
            let ours = manifest.as_ref().is_some_and(|m| m.names(&path));
            let carried = others.iter().any(|o| o.file_name() == path.file_name());
            if !ours && !carried && !target.exists() {
                let _ = fs::rename(&path, &target);
            } else {
                let _ = fs::remove_file(&path);
            }
        }
        let _ = fs::remove_dir(old);
    }
}

/// Gives `beside` the name `folder`. Returns where the old folder lies then; `None` where folders cannot be
/// exchanged here, and nothing was changed.
fn exchange(beside: TemporaryFolder, folder: &Path) -> Result<Option<PathBuf>, Error> {
    let path = beside.path().to_path_buf();
    let done = if !folder.exists() {
        fs::rename(&path, folder)
    } else {
        swap(&path, folder)
    };
    match done {
        Ok(()) => {
            beside.keep();
            Ok(Some(path))
        }
        // A file system that cannot, a mount point, folders of another owner.
        Err(_) if folder.exists() => Ok(None),
        Err(error) => Err(cannot("made", folder, &error)),
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn swap(one: &Path, other: &Path) -> Result<(), Error> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn swap(_one: &Path, _other: &Path) -> Result<(), Error> {
    Err(ErrorKind::Unsupported.into())
}

/// Writes files into `folder`, which holds other things too, in order: the last one stands for all. Then removes those
/// that an earlier report of this kind wrote there and this one did not.
///
/// # Errors
///
/// As [`write_file`], and when the folder cannot be made.
pub fn write_in_place(folder: &Path, kind: &str, files: &NamedFiles) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| cannot("made", folder, &error))?;
    let old = Manifest::read(folder, kind).filter(|old| old.kind == kind);
    let new = Manifest::new(kind, files);
    let old = old.unwrap_or_else(|| Manifest::new(kind, &[]));
    // Killed in between, what was written is still known as ours.
    old.with(&new).write(folder)?;
    let (last, others) = files
        .split_last()
        .map_or((None, files), |(last, others)| (Some(last), others));
    for (name, bytes) in others {
        write_file(&folder.join(name), bytes)?;
    }
    for name in old.files.iter().filter(|name| !new.files.contains(name)) {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(cannot("removed", &folder.join(name), &error));
            }
            _ => {}
        }
    }
    new.write(folder)?;
    last.map_or(Ok(()), |(name, bytes)| {
        write_file(&folder.join(name), bytes)
    })
}

/// Whether every file of the report in `folder` is there. Of a report that was written before there were lists, only
/// the page is looked for.
pub fn is_whole(folder: &Path) -> bool {
    let named = Manifest::read(folder, "").map_or(Vec::new(), |manifest| manifest.files);
    let page = String::from("index.html");
    named
        .iter()
        .chain([&page])
        .all(|name| folder.join(name).is_file())
}

fn shown(path: &Path) -> String {
    escape_within(&path.to_string_lossy(), LONGEST_PATH)
}

fn cannot(what: &str, path: &Path, error: &Error) -> Error {
    let (path, reason) = (shown(path), plain_reason(error));
    Error::new(error.kind(), format!("{path}: cannot be {what}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(names: &[&str]) -> Vec<(String, Vec<u8>)> {
        names.iter().map(|n| ((*n).into(), b"x".to_vec())).collect()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Catches pictures of an earlier report among those of a new one, a file of others removed though it is called
    /// as a picture, and a temporary folder left beside.
    #[test]
    fn a_new_report_takes_the_place_of_the_old_one() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("out");
        let folder = ReportFolder::new(&path, "analysis");
        folder
            .write(&report(&["layer-001.svg", "layer-002.svg", "index.html"]))
            .unwrap();
        fs::write(path.join("overview.png"), "mine").unwrap();
        folder.check().unwrap();
        folder
            .write(&report(&["layer-001.svg", "index.html"]))
            .unwrap();
        let expected = [
            Manifest::NAME,
            "index.html",
            "layer-001.svg",
            "overview.png",
        ];
        assert_eq!(names(&path), expected);
        assert_eq!(fs::read(path.join("overview.png")).unwrap(), b"mine");
        assert_eq!(names(root.path()), ["out"]);
    }

    /// Catches a report that is written among the files of a run, of another command, or of the user, and an empty
    /// folder that is refused.
    #[test]
    fn folders_of_others_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("out");
        fs::create_dir(&path).unwrap();
        let folder = ReportFolder::new(&path, "analysis");
        folder.check().unwrap();
        fs::write(path.join("recipe.toml"), "x").unwrap();
        let error = folder.check().unwrap_err().to_string();
        assert!(error.contains("holds other files"), "{error}");
        fs::remove_file(path.join("recipe.toml")).unwrap();
        ReportFolder::new(&path, "comparison")
            .write(&report(&["index.html"]))
            .unwrap();
        for error in [folder.check(), folder.write(&report(&["index.html"]))] {
            let error = error.unwrap_err().to_string();
            assert!(error.contains("another kind (comparison)"), "{error}");
        }
        let comparison = ReportFolder::new(&path, "comparison");
        fs::create_dir(path.join("notes")).unwrap();
        let error = comparison.check().unwrap_err().to_string();
        assert!(error.contains("notes, which no report wrote"), "{error}");
    }

    /// Catches a report in place that removes what it did not write, and one that leaves its own old files.
    #[test]
    fn a_report_among_other_files_keeps_to_its_own() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("layer-cake.svg"), "mine").unwrap();
        let write = |names: &[&str]| write_in_place(root.path(), "training", &report(names));
        write(&["training-loss.svg", "training-rank.svg", "record.json"]).unwrap();
        write(&["training-loss.svg", "record.json"]).unwrap();
        let expected = [
            Manifest::NAME,
            "layer-cake.svg",
            "record.json",
            "training-loss.svg",
        ];
        assert_eq!(names(root.path()), expected);
    }
}
