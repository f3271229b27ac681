//! Where a result goes: files first, then the terminal.

use super::terminal::{complain, print, say};
use crate::report::{NamedFiles, ReportFolder};
use crate::weights::{Source, WHOLE_FILE, escape, folder_of, sweep, write_file};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The files that a command writes.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Outputs<'a> {
    /// Options and the files they name.
    pub files: &'a [(&'static str, Option<&'a Path>)],
    /// The folder of the report, and its kind.
    pub report: Option<(&'a Path, &'a str)>,
}

impl Outputs<'_> {
    /// Refuses, before any work, outputs that are `inputs` or one another, or have no folder, and a report folder that holds
    /// other things. Removes what killed runs left beside them.
    pub fn check<'b>(&self, inputs: impl Iterator<Item = &'b Path>) -> anyhow::Result<()> {
        let inputs: Vec<(&Path, PathBuf)> = inputs
            .filter_map(|input| Some((input, input.canonicalize().ok()?)))
            .collect();
        let mut seen: Vec<(PathBuf, &str)> = Vec::new();
        for (option, path) in self.files {
            let Some(path) = path else { continue };
            let shown = escape(&path.to_string_lossy());
            let folder = folder_of(path);
            anyhow::ensure!(folder.is_dir(), "{shown}: its folder does not exist");
            sweep(&folder);
            let place = path.canonicalize().or_else(|_| {
                let name = path.file_name().unwrap_or_default();
                folder.canonicalize().map(|folder| folder.join(name))
            })?;
            anyhow::ensure!(
                !inputs.iter().any(|(_, input)| *input == place),
                "{shown}: is an input; give {option} another name"
            );
            if let Some((_, other)) = seen.iter().find(|(other, _)| *other == place) {
                anyhow::bail!("{shown}: {other} and {option} name one file; give each its own");
            }
            seen.push((place, option));
        }
        let Some((folder, kind)) = self.report else {
            return Ok(());
        };
        let report = ReportFolder::new(folder, kind);
        report.check()?;
        let inside = folder.canonicalize().ok();
        let within = |place: &Path| inside.as_ref().is_some_and(|f| place.starts_with(f));
        let shown = escape(&folder.to_string_lossy());
        if let Some((input, _)) = inputs.iter().find(|(_, place)| within(place)) {
            let input = escape(&input.to_string_lossy());
            anyhow::bail!(
                "{input}: is an input in the report's folder {shown}; give --report another folder"
            );
        }
        if let Some((_, option)) = seen.iter().find(|(place, _)| within(place)) {
            anyhow::bail!("{shown}: holds the file of {option}; give --report another folder");
        }
        Ok(())
    }
}

/// Every file that is read through `sources`.
pub(super) fn files_of(sources: &[Source]) -> impl Iterator<Item = &Path> {
    sources.iter().flat_map(Source::files)
}

/// How much of what was asked for a result holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// The part that was finished before an interruption.
    Interrupted,
    /// Nothing but reasons.
    Failed,
}

impl Extent {
    /// Returns the extent of a run by whether it was interrupted and how many rows hold a result or failed.
    pub fn of(interrupted: bool, held: usize, failed: usize) -> Extent {
        match (interrupted, held, failed) {
            (true, ..) => Extent::Interrupted,
            (false, 0, 1..) => Extent::Failed,
            _ => Extent::Whole,
        }
    }

    /// Where a result of this extent goes that is meant for `path`: beside what lies there, unless it is whole.
    fn place(self, path: &Path) -> PathBuf {
        let word = match self {
            Extent::Whole => return path.to_path_buf(),
            Extent::Interrupted => "interrupted",
            Extent::Failed => "failed",
        };
        let is_replaced = std::fs::metadata(path).is_ok_and(|m| m.is_file() || m.is_dir());
        if !is_replaced {
            return path.to_path_buf();
        }
        let mut name = OsString::from(path.file_stem().unwrap_or(path.as_os_str()));
        name.push(format!(".{word}"));
        if let Some(ending) = path.extension() {
            name.push(".");
            name.push(ending);
        }
        path.with_file_name(name)
    }
}

/// Writes the files of a result, each although another one failed, and then shows what belongs on the terminal.
pub(super) struct Delivery {
    extent: Extent,
    printed: Vec<u8>,
    said: Vec<String>,
    failures: Vec<anyhow::Error>,
}

impl Delivery {
    pub fn new(extent: Extent) -> Delivery {
        Delivery {
            extent,
            printed: Vec::new(),
            said: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Writes the result to `path`, or keeps it for standard output.
    pub fn result(&mut self, bytes: anyhow::Result<Vec<u8>>, path: Option<&Path>) {
        match (bytes, path) {
            (bytes, Some(path)) => self.file(bytes, path),
            (Ok(bytes), None) => self.printed = bytes,
            (Err(error), None) => self.failures.push(error),
        }
    }

    /// Writes a file.
    pub fn file(&mut self, bytes: anyhow::Result<Vec<u8>>, path: &Path) {
        let place = self.place(path);
        let written = bytes.and_then(|bytes| match write_file(&place, &bytes) {
            // A pipe whose reader left.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        });
        self.failures.extend(written.err());
    }

    /// Writes a report and says where its page is. Whether it was written.
    pub fn report(
        &mut self,
        files: anyhow::Result<Vec<(String, Vec<u8>)>>,
        (folder, kind): (&Path, &str),
    ) -> bool {
        let place = if ReportFolder::new(folder, kind).holds_report() {
            self.place(folder)
        } else {
            folder.to_path_buf()
        };
        let write = |files: &NamedFiles| ReportFolder::new(&place, kind).write(files);
        let written = files.and_then(|files| Ok(write(&files)?));
        let page = escape(&place.join("index.html").to_string_lossy());
        match written {
            Ok(()) => self.say(format!("report: {page}")),
            Err(error) => {
                self.failures.push(error);
                return false;
            }
        }
        true
    }

    /// Keeps a line for stderr.
    pub fn say(&mut self, line: String) {
        self.said.push(line);
    }

    /// Prints the result, then says what there is to say.
    ///
    /// # Errors
    ///
    /// The first thing that could not be written; the others are said.
    pub fn end(mut self) -> anyhow::Result<()> {
        if let Err(error) = print(&self.printed) {
            self.failures.push(error.into());
        }
        self.said.iter().for_each(|line| say(line));
        let mut failures = self.failures.into_iter();
        let first = failures.next();
        failures.for_each(|error| complain(&format!("{error:#}")));
        first.map_or(Ok(()), Err)
    }

    /// Where a file or folder goes that is meant for `path`.
    fn place(&mut self, path: &Path) -> PathBuf {
        let place = self.extent.place(path);
        if place != path {
            let (kept, beside) = (path.to_string_lossy(), place.to_string_lossy());
            let (kept, beside) = (escape(&kept), escape(&beside));
            self.say(format!(
                "spectra: {kept} is left as it was; what there is lies in {beside}"
            ));
        }
        place
    }
}

/// Failures that are named one by one.
const NAMED: usize = 10;

/// Says on stderr which rows failed, each a file, a name and the reason, and how many more there are; how
/// many in all.
pub(super) fn name_failures<'a>(
    failed: impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)>,
) -> usize {
    let mut count = 0;
    for (file, name, reason) in failed {
        count += 1;
        if count <= NAMED {
            let reason = reason.unwrap_or("failed");
            match name {
                WHOLE_FILE => complain(&format!("{file}: {reason}")),
                _ => complain(&format!("{file}: {name}: {reason}")),
            }
        }
    }
    if count > NAMED {
        complain(&format!("and {} more", count - NAMED));
    }
    count
}

/// 0 where nothing failed or that is no matter, else 2.
pub(super) fn ended(failed: usize, keep_going: bool) -> ExitCode {
    if failed == 0 || keep_going {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

#[cfg(test)]
mod tests {
    use super::Extent;
    use std::path::Path;

    /// Catches an interrupted result that replaces a whole one, and a first result that does not get its name.
    #[test]
    fn part_of_a_result_goes_beside_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("layers.json");
        assert_eq!(Extent::Interrupted.place(&path), path);
        std::fs::write(&path, "old").unwrap();
        assert_eq!(Extent::Whole.place(&path), path);
        let beside = Extent::Interrupted.place(&path);
        assert_eq!(beside, folder.path().join("layers.interrupted.json"));
        let report = folder.path().join("out");
        std::fs::create_dir(&report).unwrap();
        assert_eq!(
            Extent::of(false, 0, 2).place(&report),
            folder.path().join("out.failed")
        );
        assert_eq!(Extent::of(false, 1, 2).place(&report), report);
        let device = Path::new("/dev/null");
        assert_eq!(Extent::Failed.place(device), device);
    }
}
