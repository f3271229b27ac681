//! STL-10's binary files: images of 3 · 96 · 96 bytes, red, green, then blue, each column by column, and in a file
//! of their own a label of 1 to 10 for each (Coates, Lee, Ng 2011, "An analysis of single layer networks in
//! unsupervised feature learning"). The unlabelled images and the folds are not read.

use super::dataset::{Dataset, Pixels, Samples};
use super::error::DataError;
use super::file::{self, name_of, record};
use super::origin::{FileRecord, Format, Origin, Split};
use super::{class_names, known};
use std::path::{Path, PathBuf};

const FORMAT: Format = Format::Stl;
const SIDE: usize = 96;
/// Channels, height, width.
pub(super) const SHAPE: [usize; 3] = [3, SIDE, SIDE];
const PIXELS: usize = 3 * SIDE * SIDE;
const CLASSES: usize = 10;
const NAMES: &str = "class_names.txt";
const SUBFOLDER: &str = "stl10_binary";

/// The images and the labels of one part.
struct Part {
    images: &'static str,
    labels: &'static str,
}

const TRAIN: Part = Part {
    images: "train_X.bin",
    labels: "train_y.bin",
};
const TEST: Part = Part {
    images: "test_X.bin",
    labels: "test_y.bin",
};

/// The folder of the files: this one or its subfolder; `None` when neither holds images.
pub(super) fn locate(folder: &Path) -> Option<PathBuf> {
    let holds = |folder: &PathBuf| {
        [TRAIN, TEST]
            .iter()
            .any(|part| folder.join(part.images).is_file())
    };
    [folder.to_path_buf(), folder.join(SUBFOLDER)]
        .into_iter()
        .find(holds)
}

/// Images in each part and bytes of the files, from their lengths.
pub(super) fn survey(folder: &Path) -> Result<([usize; 2], u64), DataError> {
    let counts = [count(folder, &TRAIN)?, count(folder, &TEST)?];
    Ok((counts, (counts[0] + counts[1]) as u64 * (PIXELS as u64 + 1)))
}

/// Reads the set.
///
/// Memory: the images and the labels, each once.
pub(super) fn open(folder: &Path) -> Result<Dataset, DataError> {
    // lengths are compared before anything is read
    survey(folder)?;
    let mut records = Vec::new();
    let train = part(folder, &TRAIN, &mut records)?;
    let test = part(folder, &TEST, &mut records)?;
    let known = known::by_name("stl10");
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

/// Images of a part, from the lengths of its files.
fn count(folder: &Path, part: &Part) -> Result<usize, DataError> {
    let length = |name: &str| {
        let path = folder.join(name);
        if path.exists() {
            file::open(&path).map(|(_, length)| length)
        } else {
            Err(DataError::malformed(
                folder,
                FORMAT,
                format!(
                    "lacks {name}; a set is train_X.bin, train_y.bin, test_X.bin and test_y.bin"
                ),
            ))
        }
    };
    let (bytes, labels) = (length(part.images)?, length(part.labels)?);
    let path = folder.join(part.images);
    if bytes == 0 || bytes % PIXELS as u64 != 0 {
        let problem = format!(
            "has {bytes} bytes, which is no number of images of {PIXELS}; the file is cut short, or no images"
        );
        return Err(DataError::malformed(&path, FORMAT, problem));
    }
    let images = bytes / PIXELS as u64;
    if images != labels {
        return Err(DataError::Disagree {
            first: path,
            second: folder.join(part.labels),
            problem: format!("{images} images and {labels} labels; take both files anew"),
        });
    }
    usize::try_from(images).map_err(|_| DataError::Memory { path, bytes })
}

fn part(folder: &Path, part: &Part, records: &mut Vec<FileRecord>) -> Result<Samples, DataError> {
    let [images, labels] = [part.images, part.labels].map(|name| folder.join(name));
    let stored = file::whole(&labels, FORMAT)?;
    let classes = 1..=CLASSES as u8;
    if let Some(index) = stored.iter().position(|label| !classes.contains(label)) {
        let label = stored[index];
        let problem = format!("label {label} is of no class (1 to {CLASSES}); the file is damaged");
        return Err(DataError::malformed(&labels, FORMAT, problem).at(index as u64));
    }
    let mut pixels = file::whole(&images, FORMAT)?;
    if pixels.len() != stored.len() * PIXELS {
        let problem = "was changed while it was read; try again";
        return Err(DataError::malformed(&images, FORMAT, problem));
    }
    records.push(record(name_of(&images), &[&pixels]));
    records.push(record(name_of(&labels), &[&stored]));
    pixels.chunks_exact_mut(SIDE * SIDE).for_each(transpose);
    Ok(Samples {
        shape: SHAPE,
        pixels: Pixels::Bytes(pixels),
        labels: stored.iter().map(|label| u16::from(label - 1)).collect(),
    })
}

/// Turns columns one after the other into rows.
fn transpose(plane: &mut [u8]) {
    for row in 0..SIDE {
        for column in 0..row {
            plane.swap(row * SIDE + column, column * SIDE + row);
        }
    }
}
