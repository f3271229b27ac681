//! Pictures of one size as a data set.

use super::dataset::{Dataset, Pixels, Samples};
use super::error::DataError;
use super::file::{self, name_of};
use super::origin::{FileRecord, Format, Origin, Split};
use super::picture;
use super::split::{ONE_OF, held_out};
use super::tree::{Listed, Tree};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::Path;

const FORMAT: Format = Format::Images;
/// Pictures decoded before failures among them are looked at.
const BATCH: usize = 2048;

/// The shape of every picture, as the first has it.
struct Pattern<'a> {
    path: &'a Path,
    shape: [usize; 3],
}

/// Pictures in each part and the shape of the first.
pub(super) fn survey(folder: &Path, tree: &Tree) -> Result<([usize; 2], [usize; 3]), DataError> {
    let count = tree.train.paths.len();
    let counts = match &tree.test {
        Some(test) => [count, test.paths.len()],
        None => {
            let held = held_out(folder, FORMAT, &tree.train.labels)?.len();
            [count - held, held]
        }
    };
    Ok((counts, pattern(tree)?.shape))
}

/// Decodes the pictures, on all cores; those to train on come in an order of their own, always the same.
///
/// Memory: the pixels, the paths, and on each core one picture beside them.
pub(super) fn open(folder: &Path, tree: &Tree) -> Result<Dataset, DataError> {
    let pattern = pattern(tree)?;
    let (train, record) = part(folder, &tree.train, &pattern)?;
    let mut files = vec![record];
    let (mut train, test, split) = match &tree.test {
        Some(test) => {
            let (test, record) = part(folder, test, &pattern)?;
            files.push(record);
            (train, test, Split::Given)
        }
        None => {
            let held = held_out(folder, FORMAT, &train.labels)?;
            let (rest, held) = train.hold_out(&held);
            (rest, held, Split::ByClass(ONE_OF))
        }
    };
    // listed class by class; whoever takes the first samples, or all in order, wants some of every class
    train.mix();
    Ok(Dataset {
        name: name_of(folder),
        train,
        test,
        classes: tree.classes.len(),
        class_names: tree.classes.clone(),
        origin: Origin::Files {
            format: FORMAT,
            files,
            split,
        },
    })
}

fn pattern(tree: &Tree) -> Result<Pattern<'_>, DataError> {
    // A tree has a class, and a class has a picture.
    let path = &tree.train.paths[0];
    let stored = picture::read(path)?;
    picture::size(path, &stored)?;
    let shape = picture::decode(path, &stored)?.shape;
    Ok(Pattern { path, shape })
}

fn part(
    folder: &Path,
    listed: &Listed,
    pattern: &Pattern<'_>,
) -> Result<(Samples, FileRecord), DataError> {
    let features = pattern.shape.iter().product::<usize>();
    let size = listed.paths.len().checked_mul(features);
    let mut pixels: Vec<u8> = Vec::new();
    let Some(size) = size.filter(|&size| pixels.try_reserve_exact(size).is_ok()) else {
        return Err(DataError::Memory {
            path: folder.to_path_buf(),
            bytes: listed.paths.len() as u64 * features as u64,
        });
    };
    pixels.resize(size, 0);
    let mut sums = Sha256::new();
    let mut bytes = 0;
    let batches = listed.paths.chunks(BATCH);
    for (paths, pixels) in batches.zip(pixels.chunks_mut(BATCH * features)) {
        let work = paths.par_iter().zip(pixels.par_chunks_mut(features));
        let done: Vec<Result<(u64, String), DataError>> =
            work.map(|(path, out)| one(path, pattern, out)).collect();
        for (path, done) in paths.iter().zip(done) {
            let (length, sum) = done?;
            bytes += length;
            sums.update(format!("{sum}  {}\n", inner_name(folder, path)));
        }
    }
    let part = match listed.paths[0].strip_prefix(folder) {
        Ok(inner) if inner.components().count() > 2 => inner.iter().next(),
        _ => None,
    };
    let name = part.map_or_else(
        || name_of(folder),
        |part| part.to_string_lossy().into_owned(),
    );
    let samples = Samples {
        shape: pattern.shape,
        pixels: Pixels::Bytes(pixels),
        labels: listed.labels.clone(),
    };
    let record = FileRecord {
        name,
        bytes,
        sha256: file::hex(&sums.finalize()),
    };
    Ok((samples, record))
}

/// Decodes one picture to its place, channel by channel; its bytes and their sum.
fn one(path: &Path, pattern: &Pattern<'_>, out: &mut [u8]) -> Result<(u64, String), DataError> {
    let stored = picture::read(path)?;
    let disagree = |problem: String| DataError::Disagree {
        first: pattern.path.to_path_buf(),
        second: path.to_path_buf(),
        problem,
    };
    let [channels, height, width] = pattern.shape;
    let size = picture::size(path, &stored)?;
    if size != [height, width] {
        return Err(disagree(format!(
            "{height}x{width} and {}x{} pixels; bring all pictures to one size",
            size[0], size[1]
        )));
    }
    let picture = picture::decode(path, &stored)?;
    if picture.shape[0] != channels {
        let [first, second] = [channels, picture.shape[0]].map(|channels| match channels {
            1 => "grey",
            _ => "in colour",
        });
        return Err(disagree(format!(
            "{first} and {second}; save all pictures alike"
        )));
    }
    for (pixel, values) in picture.bytes.chunks_exact(channels).enumerate() {
        for (channel, &value) in values.iter().enumerate() {
            out[channel * height * width + pixel] = value;
        }
    }
    Ok((stored.len() as u64, file::hex(&Sha256::digest(&stored))))
}

/// A picture's name within the set, with `/` on every system.
fn inner_name(folder: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(folder).unwrap_or(path);
    let parts = inner.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
