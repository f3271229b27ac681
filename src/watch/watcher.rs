//! Which checkpoints of a folder are whole and new.

use super::snapshot::Snapshot;
use super::stamp::Stamp;
use super::step::step;
use crate::weights::{OpenOptions, Source, discover, escape};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Polls that find a checkpoint unreadable and unchanged before it counts as damaged.
const UNREADABLE_POLLS: usize = 6;

/// Polls a folder for checkpoints that are whole and new.
#[derive(Debug)]
pub struct Watcher {
    folder: PathBuf,
    options: OpenOptions,
    /// The state of each checkpoint at the last poll.
    seen: HashMap<PathBuf, Seen>,
    /// The states that are done, by the path inside the folder.
    done: HashMap<String, Vec<Stamp>>,
}

#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// The files of the checkpoint, from its header.
    files: Vec<PathBuf>,
    /// Polls since its stamp changed.
    polls: usize,
}

/// A checkpoint that waits to be analysed.
#[derive(Debug)]
pub struct Pending {
    /// The path inside the folder, control characters escaped.
    pub checkpoint: String,
    /// The step that its name says.
    pub step: Option<u64>,
    /// The state that it is in.
    pub stamp: Stamp,
    /// The weights.
    pub source: Source,
}

impl Pending {
    /// Returns whether its files are still as they were when it was found.
    pub fn is_unchanged(&self) -> bool {
        Stamp::of(self.source.files()) == Some(self.stamp)
    }
}

impl Watcher {
    /// Watches `folder`, of which `done` is known.
    pub fn new(folder: &Path, options: OpenOptions, done: &[Snapshot]) -> Watcher {
        let mut watcher = Watcher {
            folder: folder.to_path_buf(),
            options,
            seen: HashMap::new(),
            done: HashMap::new(),
        };
        for snapshot in done {
            watcher.finish(&snapshot.checkpoint, snapshot.stamp);
        }
        watcher
    }

    /// Takes a state of a checkpoint as done.
    pub fn finish(&mut self, checkpoint: &str, stamp: Stamp) {
        let stamps = self.done.entry(checkpoint.to_owned()).or_default();
        stamps.push(stamp);
    }

    /// Returns the checkpoints that are not done and no longer written to: their size and time are those of the last poll,
    /// and their headers can be read. Unreadable ones are polled some times more, then returned as they are. With `at_once`
    /// all that are not done are returned. They come in the order of their steps, then those without a step in the order of
    /// their times.
    pub fn poll(&mut self, at_once: bool) -> Vec<Pending> {
        // A folder that is not there yet, or has no weights yet, has no checkpoints.
        let files = discover(&self.folder).unwrap_or_default();
        self.seen.retain(|file, _| files.contains(file));
        let mut pending: Vec<Pending> = Vec::new();
        for file in files {
            pending.extend(self.pending(file, at_once));
        }
        pending.sort_by(|a, b| {
            let steps = (a.step.is_none(), a.step).cmp(&(b.step.is_none(), b.step));
            steps.then(a.stamp.modified.total_cmp(&b.stamp.modified))
        });
        pending
    }

    fn pending(&mut self, file: PathBuf, at_once: bool) -> Option<Pending> {
        let inside = file.strip_prefix(&self.folder).unwrap_or(&file);
        let checkpoint = escape(&inside.to_string_lossy());
        let step = step(inside);
        let before = self.seen.get(&file);
        // Most checkpoints are done: known by the files of the last poll, they are not opened again.
        let known = before.map_or(std::slice::from_ref(&file), |seen| &seen.files);
        let stamp = Stamp::of(known.iter().map(PathBuf::as_path));
        if stamp.is_some_and(|stamp| self.is_done(&checkpoint, stamp)) {
            return None;
        }
        let source = Source::open(&file, &self.options)
            .unwrap_or_else(|error| Source::unreadable(&file, error.without_path()));
        let stamp = Stamp::of(source.files())?;
        let polls = match before {
            Some(before) if before.stamp == stamp => before.polls + 1,
            _ => 0,
        };
        let seen = Seen {
            stamp,
            files: source.files().map(Path::to_path_buf).collect(),
            polls,
        };
        self.seen.insert(file, seen);
        let needed = if source.whole_file_problem().is_none() {
            1
        } else {
            UNREADABLE_POLLS
        };
        let is_due = at_once || polls >= needed;
        (is_due && !self.is_done(&checkpoint, stamp)).then_some(Pending {
            checkpoint,
            step,
            stamp,
            source,
        })
    }

    fn is_done(&self, checkpoint: &str, stamp: Stamp) -> bool {
        let stamps = self.done.get(checkpoint);
        stamps.is_some_and(|stamps| stamps.contains(&stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::{UNREADABLE_POLLS, Watcher};
    use crate::weights::OpenOptions;
    use std::fs;
    use std::path::Path;

    /// Returns the steps that a poll finds, which are then done.
    fn poll(watcher: &mut Watcher) -> Vec<Option<u64>> {
        let pending = watcher.poll(false);
        for found in &pending {
            assert!(found.is_unchanged());
            watcher.finish(&found.checkpoint, found.stamp);
        }
        pending.iter().map(|found| found.step).collect()
    }

    fn matrix(entries: usize) -> Vec<u8> {
        let header =
            format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({entries}, 2), }}");
        let header = format!("{header:<117}\n");
        let mut bytes = b"\x93NUMPY\x01\x00v\x00".to_vec();
        bytes.extend(header.bytes());
        bytes.extend((0..2 * entries).flat_map(|x| (x as f64).to_le_bytes()));
        bytes
    }

    /// Would catch a file that is read while it grows, that is read twice, that is not read again when it is another one, and
    /// one that never becomes whole and is waited for without end.
    #[test]
    fn a_checkpoint_is_due_when_it_is_whole_and_still() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model_5.npy");
        let mut watcher = Watcher::new(&folder.path().join("."), OpenOptions::default(), &[]);
        assert!(poll(&mut watcher).is_empty());
        let whole = matrix(4);
        fs::write(&path, &whole[..whole.len() - 8]).unwrap();
        for _ in 0..UNREADABLE_POLLS {
            assert!(poll(&mut watcher).is_empty(), "half a file");
        }
        fs::write(&path, &whole).unwrap();
        assert!(poll(&mut watcher).is_empty(), "it was just written");
        assert_eq!(poll(&mut watcher), [Some(5)]);
        assert!(poll(&mut watcher).is_empty(), "twice");
        fs::write(&path, matrix(6)).unwrap();
        assert!(poll(&mut watcher).is_empty());
        assert_eq!(poll(&mut watcher), [Some(5)]);
        fs::write(&path, &whole[..40]).unwrap();
        let due: Vec<usize> = (0..UNREADABLE_POLLS + 2)
            .map(|_| poll(&mut watcher).len())
            .collect();
        assert_eq!(due.iter().sum::<usize>(), 1, "{due:?}");
        assert_eq!(due[UNREADABLE_POLLS], 1, "{due:?}");
        assert!(
            Watcher::new(Path::new("/nowhere"), OpenOptions::default(), &[])
                .poll(true)
                .is_empty()
        );
    }
}
