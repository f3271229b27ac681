//! Builders of data sets, and how a refusal is judged.

use crate::memory::asked;
use flate2::Compression;
use flate2::write::GzEncoder;
use spectra::data::{DataError, Dataset, Samples, open};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub use crate::common::files::npy_of as npy;

/// A folder of its own for each test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders it is in.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn open(&self) -> Result<Dataset, DataError> {
        open(self.path().to_str().unwrap(), None)
    }

    /// The sentence the folder is refused with.
    #[track_caller]
    pub fn refusal(&self) -> String {
        refusal_of(self.path())
    }
}

/// Bytes of a file, or of all that are in a folder.
fn size(path: &Path) -> usize {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| size(&entry.unwrap().path())).sum(),
        Err(_) => std::fs::metadata(path).map_or(0, |data| data.len() as usize),
    }
}

/// The sentence a path is refused with: one line, without control characters, naming the path, and before memory was
/// asked for that its files do not justify.
#[track_caller]
pub fn refusal_of(path: &Path) -> String {
    let (result, asked) = asked(|| open(path.to_str().unwrap(), None));
    let error = result.expect_err("it should be refused");
    let allowed = 256 * size(path) + (4 << 20);
    assert!(asked.bytes <= allowed, "{} of {allowed}", asked.bytes);
    assert!(
        !matches!(error, DataError::Memory { .. }),
        "memory was asked for: {error}"
    );
    let text = error.to_string();
    assert!(
        text.starts_with(&*path.to_string_lossy()),
        "no path: {text}"
    );
    assert!(
        text.len() < 1000 && !text.chars().any(char::is_control),
        "{text:?}"
    );
    text
}

#[track_caller]
pub fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "'{word}' is not said in: {text}");
    }
}

pub fn sample(samples: &Samples, index: usize) -> Vec<f64> {
    let mut out = vec![0.0; samples.features()];
    samples.sample_into(index, &mut out);
    out
}

/// An IDX file of this type and these dimensions.
pub fn idx_of(kind: u8, dimensions: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|d| d.to_be_bytes()));
    bytes.extend(data);
    bytes
}

/// An IDX file of unsigned bytes.
pub fn idx(dimensions: &[u32], data: &[u8]) -> Vec<u8> {
    idx_of(8, dimensions, data)
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub const IMAGES: &str = "train-images-idx3-ubyte";
pub const LABELS: &str = "train-labels-idx1-ubyte";
pub const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";
pub const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";

/// The four files of a set: three images of 2 × 2 to train on, two to test with.
pub fn idx_files() -> [(&'static str, Vec<u8>); 4] {
    let pixels: Vec<u8> = (10..30).collect();
    [
        (IMAGES, idx(&[3, 2, 2], &pixels[..12])),
        (LABELS, idx(&[3], &[1, 0, 2])),
        (TEST_IMAGES, idx(&[2, 2, 2], &pixels[12..])),
        (TEST_LABELS, idx(&[2], &[2, 1])),
    ]
}

/// That set with one file changed.
pub fn idx_set(name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Folder {
    let folder = Folder::new();
    let mut change = Some(change);
    for (file, bytes) in idx_files() {
        let changed = if file == name {
            change.take().unwrap()(bytes)
        } else {
            bytes
        };
        folder.file(file, &changed);
    }
    folder
}

/// The five batches and the test batch of a set of so many images each; image i of batch b has label
/// (b + i) mod 10 and pixels b, i, b, i, …
pub fn cifar_set(count: usize) -> Folder {
    let folder = Folder::new();
    for batch in 1..=6 {
        folder.file(batch_name(batch), &cifar_batch(batch, count));
    }
    folder
}

pub fn batch_name(batch: usize) -> &'static str {
    [
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
        "test_batch.bin",
    ][batch - 1]
}

pub fn cifar_batch(batch: usize, count: usize) -> Vec<u8> {
    let record = |i: usize| {
        let label = std::iter::once(((batch + i) % 10) as u8);
        label.chain((0..1536).flat_map(move |_| [batch as u8, i as u8]))
    };
    (0..count).flat_map(record).collect()
}

/// A file of CIFAR-100: image i has coarse label i mod 20, fine label (first + i) mod 100 and pixels first, i, first, i, …
pub fn cifar100_file(first: usize, count: usize) -> Vec<u8> {
    let record = |i: usize| {
        let labels = [(i % 20) as u8, ((first + i) % 100) as u8];
        let pixels = (0..1536).flat_map(move |_| [first as u8, i as u8]);
        labels.into_iter().chain(pixels)
    };
    (0..count).flat_map(record).collect()
}

/// A grey JPEG file of four quarters, as large as `[width, height]`, with an orientation in its EXIF data.
pub fn turned_jpeg(
    quarters: [u8; 4],
    [width, height]: [u32; 2],
    orientation: u16,
    big_endian: bool,
) -> Vec<u8> {
    let level =
        |x: u32, y: u32| quarters[usize::from(y >= height / 2) * 2 + usize::from(x >= width / 2)];
    let pixels: Vec<u8> = (0..width * height)
        .map(|i| level(i % width, i / width))
        .collect();
    let mut plain = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut plain, 100);
    encoder
        .encode(&pixels, width, height, image::ColorType::L8)
        .unwrap();
    let short = |x: u16| {
        if big_endian {
            x.to_be_bytes()
        } else {
            x.to_le_bytes()
        }
    };
    let long = |x: u32| {
        if big_endian {
            x.to_be_bytes()
        } else {
            x.to_le_bytes()
        }
    };
    // A TIFF header, then one entry: tag 0x0112 of type SHORT.
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(if big_endian { b"MM" } else { b"II" });
    exif.extend(short(42));
    exif.extend(long(8));
    exif.extend([short(1), short(0x0112), short(3)].concat());
    exif.extend(long(1));
    exif.extend([short(orientation), [0, 0]].concat());
    exif.extend(long(0));
    let mut file = plain[..2].to_vec();
    file.extend([0xff, 0xe1]);
    file.extend((exif.len() as u16 + 2).to_be_bytes());
    file.extend(exif);
    file.extend(&plain[2..]);
    file
}

/// Pixel of STL-10's image i: no two rows or columns alike.
pub fn stl_pixel(i: usize, channel: usize, row: usize, column: usize) -> u8 {
    (100 * i + 71 * channel + 2 * row + 5 * column) as u8
}

/// Images of STL-10, channel by channel, each column by column.
pub fn stl_images(count: usize) -> Vec<u8> {
    let planes = (0..count).flat_map(|i| (0..3).map(move |channel| (i, channel)));
    let columns = planes.flat_map(|plane| (0..96).map(move |column| (plane, column)));
    let pixels = columns.flat_map(|((i, channel), column)| {
        (0..96).map(move |row| stl_pixel(i, channel, row, column))
    });
    pixels.collect()
}

/// STL-10's files of three images to train on and one to test with.
pub fn stl_set() -> Folder {
    let folder = Folder::new();
    folder.file("train_X.bin", &stl_images(3));
    folder.file("train_y.bin", &[1, 10, 4]);
    folder.file("test_X.bin", &stl_images(1));
    folder.file("test_y.bin", &[2]);
    folder
}

/// A PNG file of these channels (1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha).
pub fn png(channels: usize, width: u32, height: u32, bytes: &[u8]) -> Vec<u8> {
    let colour = match channels {
        1 => png::ColorType::Grayscale,
        2 => png::ColorType::GrayscaleAlpha,
        3 => png::ColorType::Rgb,
        _ => png::ColorType::Rgba,
    };
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(bytes).unwrap();
    writer.finish().unwrap();
    file
}

/// A grey PNG file of 2 × 2 equal pixels.
pub fn grey(level: u8) -> Vec<u8> {
    png(1, 2, 2, &[level; 4])
}
pub fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

pub fn i64s(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// An npz file of these arrays.
pub fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(format!("{name}.npy"), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
