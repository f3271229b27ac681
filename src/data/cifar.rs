//! CIFAR-10's binary batches: records of a label and 3 · 32 · 32 bytes, red, green, then blue
//! (Krizhevsky 2009, "Learning multiple layers of features from tiny images").

use super::dataset::{Dataset, Pixels, Samples};
use super::error::DataError;
use super::file::{self, name_of, record};
use super::origin::{FileRecord, Format, Origin, Split};
use super::{class_names, known};
use std::path::{Path, PathBuf};

const FORMAT: Format = Format::Cifar;
const SHAPE: [usize; 3] = [3, 32, 32];
const PIXELS: usize = 3 * 32 * 32;
const RECORD: u64 = PIXELS as u64 + 1;
const CLASSES: usize = 10;
const TRAIN: [&str; 5] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
];
const TEST: [&str; 1] = ["test_batch.bin"];
const NAMES: &str = "batches.meta.txt";
const SUBFOLDER: &str = "cifar-10-batches-bin";

/// The folder of the batches: this one or its subfolder; `None` when there is no batch.
pub(super) fn locate(folder: &Path) -> Option<PathBuf> {
    let holds = |folder: &PathBuf| {
        let mut names = TRAIN.iter().chain(&TEST);
        names.any(|name| folder.join(name).is_file())
    };
    [folder.to_path_buf(), folder.join(SUBFOLDER)]
        .into_iter()
        .find(holds)
}

/// Whether a folder holds the batches that Python pickled instead.
pub(super) fn is_pickled(folder: &Path) -> bool {
    folder.join("data_batch_1").is_file() && folder.join("test_batch").is_file()
}

/// Images in each part and bytes of the files, from their lengths.
pub(super) fn survey(folder: &Path) -> Result<([usize; 2], u64), DataError> {
    let count = |names: &[&str]| {
        let counts = names.iter().map(|name| count(&folder.join(name)));
        counts.sum::<Result<usize, DataError>>()
    };
    let counts = [count(&TRAIN)?, count(&TEST)?];
    Ok((counts, (counts[0] + counts[1]) as u64 * RECORD))
}

/// Reads the set.
///
/// Memory: the images and the labels, and one batch beside them.
pub(super) fn open(folder: &Path) -> Result<Dataset, DataError> {
    let mut records = Vec::new();
    let train = part(folder, &TRAIN, &mut records)?;
    let test = part(folder, &TEST, &mut records)?;
    let known = known::by_name("cifar10");
    Ok(Dataset {
        name: known.map_or_else(|| name_of(folder), |set| set.name.to_owned()),
        train,
        test,
        classes: CLASSES,
        class_names: class_names::read(&folder.join(NAMES), FORMAT, CLASSES)?
            .or_else(|| known.map(known::Known::class_names))
            .unwrap_or_default(),
        origin: Origin::Files {
            format: FORMAT,
            files: records,
            split: Split::Given,
        },
    })
}

fn part(
    folder: &Path,
    names: &[&str],
    records: &mut Vec<FileRecord>,
) -> Result<Samples, DataError> {
    let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    let counts = paths.iter().map(|path| count(path));
    let total: usize = counts.sum::<Result<usize, DataError>>()?;
    let mut pixels = Vec::new();
    let bytes = total as u64 * PIXELS as u64;
    let reserved =
        usize::try_from(bytes).is_ok_and(|bytes| pixels.try_reserve_exact(bytes).is_ok());
    if !reserved {
        return Err(DataError::Memory {
            path: folder.to_path_buf(),
            bytes,
        });
    }
    let mut labels = Vec::new();
    for path in &paths {
        let batch = file::whole(path, FORMAT)?;
        for (index, image) in batch.chunks_exact(RECORD as usize).enumerate() {
            if usize::from(image[0]) >= CLASSES {
                let problem = format!(
                    "label {} of image {index} is of no class (0 to {}); the file is damaged",
                    image[0],
                    CLASSES - 1
                );
                let error = DataError::malformed(path, FORMAT, problem);
                return Err(error.at(index as u64 * RECORD));
            }
            labels.push(u16::from(image[0]));
            pixels.extend_from_slice(&image[1..]);
        }
        records.push(record(name_of(path), &[&batch]));
    }
    Ok(Samples {
        shape: SHAPE,
        pixels: Pixels::Bytes(pixels),
        labels,
    })
}

/// Images in a batch, from its length.
fn count(path: &Path) -> Result<usize, DataError> {
    if !path.exists() {
        let folder = path.parent().unwrap_or(path);
        let problem = format!(
            "lacks {}; a set is {}, … {} and {}",
            name_of(path),
            TRAIN[0],
            TRAIN[4],
            TEST[0]
        );
        return Err(DataError::malformed(folder, FORMAT, problem));
    }
    let (_, length) = file::open(path)?;
    if length == 0 || length % RECORD != 0 {
        let problem = format!(
            "has {length} bytes, which is no number of records of {RECORD}; the file is cut short, \
             or no batch"
        );
        return Err(DataError::malformed(path, FORMAT, problem));
    }
    usize::try_from(length / RECORD).map_err(|_| DataError::Memory {
        path: path.to_path_buf(),
        bytes: length,
    })
}
