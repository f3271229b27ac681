//! Which checkpoints of a folder are whole and new.

use super::snapshot::Snapshot;
use super::stamp::Stamp;
use super::step::step;
use crate::weights::{OpenOptions, Source, discover, escape};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Looks at a checkpoint that cannot be read before it is taken as it is.
const PATIENCE: usize = 6;

/// A folder that is looked at again and again.
#[derive(Debug)]
pub struct Watcher {
    folder: PathBuf,
    options: OpenOptions,
    /// What was seen of each file at the last look.
    seen: HashMap<PathBuf, Seen>,
    /// What is done, by the path inside the folder.
    done: HashMap<String, Vec<Stamp>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    stamp: Stamp,
    /// Looks since its stamp changed.
    looks: usize,
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

    /// Returns the checkpoints that are new since the last look and no longer written to: their size and time are those
    /// of the last look, and their headers can be read. What cannot be read is waited for, and after some looks returned
    /// as it is. With `at_once` nothing is waited for. They come in the order of their steps, then those
    /// without one, in the order of their times.
    pub fn look(&mut self, at_once: bool) -> Vec<Pending> {
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
        let own = Stamp::of([&*file].into_iter())?;
        // Before its files are opened: most are done.
        let is_done = |stamp: &Stamp| {
            self.done
                .get(&checkpoint)
                .is_some_and(|s| s.contains(stamp))
        };
        if is_done(&own) {
            return None;
        }
        let source = Source::open(&file, &self.options)
            .unwrap_or_else(|error| Source::unreadable(&file, error.without_path()));
        let stamp = Stamp::of(source.files()).unwrap_or(own);
        if is_done(&stamp) {
            return None;
        }
        let looks = match self.seen.get(&file) {
            Some(before) if before.stamp == stamp => before.looks + 1,
            _ => 0,
        };
        self.seen.insert(file, Seen { stamp, looks });
        let is_whole = source.whole_file_problem().is_none();
        let is_due = if is_whole {
            looks > 0
        } else {
            looks >= PATIENCE
        };
        (is_due || at_once).then_some(Pending {
            checkpoint,
            step,
            stamp,
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{PATIENCE, Watcher};
    use crate::weights::OpenOptions;
    use std::fs;
    use std::path::Path;

    /// Returns the steps that a look finds, which are then done.
    fn look(watcher: &mut Watcher) -> Vec<Option<u64>> {
        let pending = watcher.look(false);
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
        assert!(look(&mut watcher).is_empty());
        let whole = matrix(4);
        fs::write(&path, &whole[..whole.len() - 8]).unwrap();
        for _ in 0..PATIENCE {
            assert!(look(&mut watcher).is_empty(), "half a file");
        }
        fs::write(&path, &whole).unwrap();
        assert!(look(&mut watcher).is_empty(), "it was just written");
        assert_eq!(look(&mut watcher), [Some(5)]);
        assert!(look(&mut watcher).is_empty(), "twice");
        fs::write(&path, matrix(6)).unwrap();
        assert!(look(&mut watcher).is_empty());
        assert_eq!(look(&mut watcher), [Some(5)]);
        fs::write(&path, &whole[..40]).unwrap();
        let looks: Vec<usize> = (0..PATIENCE + 2)
            .map(|_| look(&mut watcher).len())
            .collect();
        assert_eq!(looks.iter().sum::<usize>(), 1, "{looks:?}");
        assert_eq!(looks[PATIENCE], 1, "{looks:?}");
        assert!(
            Watcher::new(Path::new("/nowhere"), OpenOptions::default(), &[])
                .look(true)
                .is_empty()
        );
    }
}
