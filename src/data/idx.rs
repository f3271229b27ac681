//! Sets of IDX files, as MNIST's: a pair of images and labels to train on, a pair to test with.

use super::dataset::{Dataset, Pixels, Samples};
use super::error::DataError;
use super::file::{Content, entries, name_of};
use super::idx_file::{header, is_idx, read, shape, size};
use super::known;
use super::origin::{FileRecord, Format, Origin, Split};
use std::path::{Path, PathBuf};

const FORMAT: Format = Format::Idx;

/// The four files of a set.
#[derive(Debug)]
pub(super) struct Files {
    train: Pair,
    test: Pair,
}

#[derive(Debug)]
struct Pair {
    images: PathBuf,
    labels: PathBuf,
}

/// The four files in a folder; `None` when there is no IDX file in it.
pub(super) fn locate(folder: &Path) -> Result<Option<Files>, DataError> {
    let mut found: [[Vec<PathBuf>; 2]; 2] = Default::default();
    let mut any = false;
    for path in entries(folder)?.into_iter().filter(|path| path.is_file()) {
        let name = name_of(&path).to_lowercase();
        // A download that is under way.
        if name.ends_with(".part") {
            continue;
        }
        let holds = |word| name.contains(word);
        let part = match (holds("t10k"), holds("train"), holds("test")) {
            (false, true, _) => 0,
            (true, _, _) | (_, _, true) => 1,
            _ => continue,
        };
        let which = match (holds("image"), holds("label")) {
            (true, false) => 0,
            (false, true) => 1,
            _ => continue,
        };
        if holds("idx") || begins_as_idx(&path) {
            any = true;
            found[part][which].push(path);
        }
    }
    if !any {
        return Ok(None);
    }
    let [train, test] = found;
    let pair = |[images, labels]: [Vec<PathBuf>; 2], part: &str| {
        Ok(Pair {
            images: only(folder, images, &format!("{part}-images-idx3-ubyte"))?,
            labels: only(folder, labels, &format!("{part}-labels-idx1-ubyte"))?,
        })
    };
    Ok(Some(Files {
        train: pair(train, "train")?,
        test: pair(test, "t10k")?,
    }))
}

/// Whether a file's content, unpacked, begins as IDX; what cannot be read does not.
fn begins_as_idx(path: &Path) -> bool {
    let head = Content::open(path).and_then(|mut content| content.read(path, FORMAT, 4));
    head.is_ok_and(|head| is_idx(&head))
}

/// The one file for a place; of a file and its gzipped twin, the file.
fn only(folder: &Path, mut paths: Vec<PathBuf>, usual: &str) -> Result<PathBuf, DataError> {
    if paths.len() == 2 {
        let [plain, packed] = [&paths[0], &paths[1]].map(|path| name_of(path));
        if packed == format!("{plain}.gz") {
            paths.truncate(1);
        }
    }
    match paths.len() {
        1 => Ok(paths.remove(0)),
        0 => {
            let problem = format!("lacks {usual} (or {usual}.gz); a set is four IDX files");
            Err(DataError::malformed(folder, FORMAT, problem))
        }
        _ => Err(DataError::Disagree {
            first: paths[0].clone(),
            second: paths[1].clone(),
            problem: "both could be the same part of one set; keep one set in a folder".into(),
        }),
    }
}

/// The contents of a set by the headers of its files.
pub(super) struct Survey {
    pub(super) train: usize,
    pub(super) test: usize,
    pub(super) shape: [usize; 3],
    pub(super) bytes: u64,
}

/// Reads the headers alone.
pub(super) fn survey(files: &Files) -> Result<Survey, DataError> {
    let mut bytes = 0;
    let mut header = |path: &Path, labels: bool| {
        let mut content = Content::open(path)?;
        bytes += content.stored;
        header(path, &mut content, labels)
    };
    let train = header(&files.train.images, false)?;
    let test = header(&files.test.images, false)?;
    header(&files.train.labels, true)?;
    header(&files.test.labels, true)?;
    Ok(Survey {
        train: train.dimensions[0] as usize,
        test: test.dimensions[0] as usize,
        shape: shape(&train),
        bytes,
    })
}

/// Reads the set.
///
/// Memory: the images and the labels, nothing beside them.
pub(super) fn open(folder: &Path, files: &Files) -> Result<Dataset, DataError> {
    let (train, mut records) = pair(&files.train)?;
    let (test, more) = pair(&files.test)?;
    records.extend(more);
    if train.shape != test.shape {
        return Err(DataError::Disagree {
            first: files.train.images.clone(),
            second: files.test.images.clone(),
            problem: format!(
                "images of {} and of {}; both parts of a set have one size",
                size(train.shape),
                size(test.shape)
            ),
        });
    }
    let classes = train
        .labels
        .iter()
        .max()
        .map_or(0, |&most| most as usize + 1);
    if let Some(sample) = test.labels.iter().position(|&l| l as usize >= classes) {
        let problem = format!(
            "label {} of image {sample} is of no class: the labels to train on end at {}",
            test.labels[sample],
            classes - 1
        );
        return Err(DataError::malformed(&files.test.labels, FORMAT, problem).at(8 + sample as u64));
    }
    let identity = known::by_sum(&records[1].sha256);
    Ok(Dataset {
        name: identity.map_or_else(|| name_of(folder), |set| set.name.to_owned()),
        classes,
        class_names: identity.map_or(Vec::new(), known::Known::class_names),
        train,
        test,
        origin: Origin::Files {
            format: FORMAT,
            files: records,
            split: Split::Given,
        },
    })
}

fn pair(files: &Pair) -> Result<(Samples, Vec<FileRecord>), DataError> {
    let (labelled, labels, label_record) = read(&files.labels, true)?;
    let (imaged, pixels, image_record) = read(&files.images, false)?;
    let (images, count) = (imaged.dimensions[0], labelled.dimensions[0]);
    if images != count {
        return Err(DataError::Disagree {
            first: files.images.clone(),
            second: files.labels.clone(),
            problem: format!("{images} images and {count} labels; they are of different sets"),
        });
    }
    let samples = Samples {
        shape: shape(&imaged),
        pixels: Pixels::Bytes(pixels),
        labels: labels.into_iter().map(u16::from).collect(),
    };
    Ok((samples, vec![image_record, label_record]))
}
