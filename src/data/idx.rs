//! IDX files, as MNIST's: a pair of images and labels to train on, a pair to test with.
//!
//! An IDX file is two zero bytes, a byte for the type (8 for unsigned bytes), a byte for the number
//! of dimensions, each dimension as a big-endian u32, then the elements, last index fastest
//! (LeCun, Cortes, Burges, "The MNIST database of handwritten digits").

use super::dataset::{Dataset, Pixels, Samples};
use super::error::DataError;
use super::file::{Content, entries, name_of, record};
use super::known;
use super::origin::{FileRecord, Format, Origin, Split};
use std::path::{Path, PathBuf};

const FORMAT: Format = Format::Idx;
/// Unsigned bytes.
const BYTES: u8 = 8;

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

/// What a file says before its elements.
#[derive(Debug, Clone, PartialEq)]
struct Header {
    dimensions: Vec<u64>,
    bytes: Vec<u8>,
}

/// Whether these are the first bytes of an IDX file.
pub(super) fn is_idx(head: &[u8]) -> bool {
    matches!(head, [0, 0, 8 | 9 | 11..=14, 1..=8, ..])
}

/// The four files in a folder; `None` when there is no IDX file in it.
pub(super) fn locate(folder: &Path) -> Result<Option<Files>, DataError> {
    let mut found: [[Vec<PathBuf>; 2]; 2] = Default::default();
    let mut any = false;
    for path in entries(folder)?.into_iter().filter(|path| path.is_file()) {
        let name = name_of(&path).to_lowercase();
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

/// What a set holds, from the headers of its files.
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

/// A whole file: exactly the elements that its header declares.
fn read(path: &Path, labels: bool) -> Result<(Header, Vec<u8>, FileRecord), DataError> {
    let mut content = Content::open(path)?;
    let header = header(path, &mut content, labels)?;
    // `header` has seen that the product is below the largest content.
    let total: u64 = header.dimensions.iter().product();
    let mut data = content.read(path, FORMAT, total + 1)?;
    let (start, read) = (header.bytes.len() as u64, data.len() as u64);
    if read < total {
        let problem = format!(
            "declares {} and so {total} bytes, but ends after {read}; the file is cut short",
            declared(&header, labels)
        );
        return Err(DataError::malformed(path, FORMAT, problem).at(start + read));
    }
    if read > total {
        let problem = format!(
            "bytes follow the {} that the header declares; the file or its header is damaged",
            declared(&header, labels)
        );
        return Err(DataError::malformed(path, FORMAT, problem).at(start + total));
    }
    data.shrink_to_fit();
    let record = record(name_of(path), &[&header.bytes, &data]);
    Ok((header, data, record))
}

/// Reads and judges what stands before the elements.
fn header(path: &Path, content: &mut Content, labels: bool) -> Result<Header, DataError> {
    let refuse = |problem: String| DataError::malformed(path, FORMAT, problem);
    let mut bytes = content.read(path, FORMAT, 4)?;
    if bytes.len() < 4 {
        let problem = format!("has {} bytes, too few for an IDX file", bytes.len());
        return Err(refuse(problem));
    }
    if !is_idx(&bytes) {
        let first: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        return Err(refuse(format!(
            "begins with {}, not as an IDX file (00 00 08 03 for images, 00 00 08 01 for labels); \
             take the file anew",
            first.join(" ")
        )));
    }
    let [kind, rank] = [bytes[2], bytes[3]];
    match (labels, rank) {
        (true, 1) | (false, 3 | 4) => {}
        (true, _) => {
            return Err(refuse(format!(
                "holds {rank} dimensions, as images do, where labels are expected; the files are \
                 swapped"
            )));
        }
        (false, 1) => {
            return Err(refuse(
                "holds labels where images are expected; the files are swapped".into(),
            ));
        }
        (false, _) => {
            return Err(refuse(format!(
                "holds {rank} dimensions; images have 3 (count, height, width) or 4 (count, \
                 channels, height, width)"
            )));
        }
    }
    if kind != BYTES {
        return Err(refuse(format!(
            "holds elements of IDX type {kind:#04x}; unsigned bytes (0x08) are read"
        ))
        .at(2));
    }
    let sizes = content.read(path, FORMAT, 4 * u64::from(rank))?;
    bytes.extend(&sizes);
    let dimensions: Vec<u64> = sizes
        .chunks_exact(4)
        .map(|d| u64::from(u32::from_be_bytes([d[0], d[1], d[2], d[3]])))
        .collect();
    if dimensions.len() < usize::from(rank) {
        return Err(
            refuse("ends within its header; the file is cut short".into()).at(bytes.len() as u64),
        );
    }
    let header = Header { dimensions, bytes };
    if header.dimensions.contains(&0) {
        let problem = format!(
            "declares {}; there is nothing in it",
            declared(&header, labels)
        );
        return Err(refuse(problem).at(4));
    }
    if !labels && header.dimensions[1..].iter().any(|&d| d > 1 << 16) {
        let problem = format!("declares {}; images are smaller", declared(&header, labels));
        return Err(refuse(problem).at(8));
    }
    let total = header
        .dimensions
        .iter()
        .try_fold(1u64, |product, &d| product.checked_mul(d));
    if total.is_none_or(|total| total > content.most()) {
        return Err(refuse(format!(
            "declares {}, more than its {} bytes can hold; the file is cut short or its header \
             damaged",
            declared(&header, labels),
            content.stored
        ))
        .at(4));
    }
    Ok(header)
}

fn shape(header: &Header) -> [usize; 3] {
    // Each is at most 2¹⁶.
    let sizes: Vec<usize> = header.dimensions[1..].iter().map(|&d| d as usize).collect();
    match sizes[..] {
        [height, width] => [1, height, width],
        [channels, height, width] => [channels, height, width],
        _ => unreachable!("images have 3 or 4 dimensions"),
    }
}

fn declared(header: &Header, labels: bool) -> String {
    let sizes: Vec<String> = header.dimensions.iter().map(u64::to_string).collect();
    match labels {
        true => format!("{} labels", sizes[0]),
        false => format!("{} images of {}", sizes[0], sizes[1..].join("x")),
    }
}

/// Channels, height and width for the eye.
pub(super) fn size([channels, height, width]: [usize; 3]) -> String {
    match channels {
        1 => format!("{height}x{width}"),
        _ => format!("{channels}x{height}x{width}"),
    }
}
