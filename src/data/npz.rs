//! Arrays of NumPy with their labels: `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test`.

use super::dataset::{Dataset, Pixels, Samples};
use super::error::DataError;
use super::file::{Content, name_of};
use super::origin::{FileRecord, Format, Origin, Split};
use super::split::{ONE_OF, held_out};
use crate::weights::{Dtype, NonFinite, OpenOptions, Source, TensorInfo};
use sha2::{Digest, Sha256};
use std::path::Path;

const FORMAT: Format = Format::Npz;
/// Largest label that is read: labels are stored in 16 bits.
const LARGEST_LABEL: f64 = 65_534.0;

/// The arrays of one part, by their places in the file.
struct Part {
    x: usize,
    y: usize,
}

/// An open file and its arrays.
pub(super) struct Arrays {
    source: Source,
    train: Part,
    test: Option<Part>,
}

/// Opens the file and reads its headers.
pub(super) fn locate(path: &Path) -> Result<Arrays, DataError> {
    let arrays = |error| DataError::Arrays { error };
    let source = Source::open(path, &OpenOptions::default()).map_err(arrays)?;
    let position = |name: &str| source.tensors().iter().position(|info| info.name == name);
    let part = |x: &str, y: &str| Some(position(x)?).zip(position(y));
    let found = match (part("x_train", "y_train"), part("x_test", "y_test")) {
        (Some(train), Some(test)) => Some((train, Some(test))),
        _ => part("x", "y").map(|all| (all, None)),
    };
    let Some((train, test)) = found else {
        let names = source.tensors().iter().take(8).map(|info| {
            let name = crate::weights::escape_within(&info.name, 40);
            format!("'{name}'")
        });
        let problem = format!(
            "holds {}; a data set has the arrays x and y, or x_train, y_train, x_test and y_test",
            names.collect::<Vec<_>>().join(", ")
        );
        return Err(DataError::malformed(path, FORMAT, problem));
    };
    let part = |(x, y)| Part { x, y };
    Ok(Arrays {
        train: part(train),
        test: test.map(part),
        source,
    })
}

/// Samples in each part, their shape and the bytes of the file: from the headers, and from the labels where samples are
/// to be held out.
pub(super) fn survey(arrays: &Arrays) -> Result<([usize; 2], [usize; 3], u64), DataError> {
    let (count, shape) = arrays.outline(&arrays.train)?;
    let counts = match &arrays.test {
        Some(test) => [count, arrays.outline(test)?.0],
        None => {
            let labels = arrays.labels(&arrays.train)?;
            let held = held_out(arrays.source.path(), FORMAT, &labels)?.len();
            [count - held, held]
        }
    };
    Ok((counts, shape.sizes(), arrays.source.bytes()))
}

/// Reads the set.
///
/// Memory: the samples, and while an array is read eight bytes for each of its numbers.
pub(super) fn open(arrays: &Arrays) -> Result<Dataset, DataError> {
    let path = arrays.source.path();
    let train = arrays.samples(&arrays.train)?;
    let (train, test, split) = match &arrays.test {
        Some(test) => (train, arrays.samples(test)?, Split::Given),
        None => {
            let held = held_out(path, FORMAT, &train.labels)?;
            let (rest, held) = train.hold_out(&held);
            (rest, held, Split::ByClass(ONE_OF))
        }
    };
    if train.shape != test.shape {
        let problem = format!(
            "x_train has samples of {:?}, x_test of {:?}; both parts of a set have one shape",
            train.shape, test.shape
        );
        return Err(DataError::malformed(path, FORMAT, problem));
    }
    let most = train.labels.iter().max().copied().unwrap_or(0);
    let held_most = test.labels.iter().max().copied().unwrap_or(0);
    if held_most > most && split == Split::Given {
        let problem =
            format!("y_test has label {held_most}, which is of no class: y_train ends at {most}");
        return Err(DataError::malformed(path, FORMAT, problem));
    }
    let stem = path.file_stem().unwrap_or_default();
    Ok(Dataset {
        name: stem.to_string_lossy().into_owned(),
        train,
        test,
        classes: usize::from(most.max(held_most)) + 1,
        class_names: Vec::new(),
        origin: Origin::Files {
            format: FORMAT,
            files: vec![record(path)?],
            split,
        },
    })
}

/// The layout of an image in an array.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    /// Channel by channel, as it is kept.
    Channels([usize; 3]),
    /// Pixel by pixel: height, width, channels.
    Pixels([usize; 3]),
}

impl Order {
    fn sizes(self) -> [usize; 3] {
        match self {
            Order::Channels(sizes) => sizes,
            Order::Pixels([height, width, channels]) => [channels, height, width],
        }
    }
}

impl Arrays {
    fn info(&self, index: usize) -> &TensorInfo {
        &self.source.tensors()[index]
    }

    fn refuse(&self, index: usize, problem: &str) -> DataError {
        let name = &self.info(index).name;
        DataError::malformed(
            self.source.path(),
            FORMAT,
            format!("array {name} {problem}"),
        )
    }

    /// Number and order of the samples of a part, judged from the shapes of its arrays.
    fn outline(&self, part: &Part) -> Result<(usize, Order), DataError> {
        let x = self.info(part.x);
        let order = match x.shape[..] {
            [_, features] => Order::Channels([1, 1, features]),
            [_, height, width] => Order::Channels([1, height, width]),
            [_, 1 | 3, _, 1 | 3] => {
                let problem = format!(
                    "of shape {:?} may have its channels first or last; save it as (N, h, w) or flat",
                    x.shape
                );
                return Err(self.refuse(part.x, &problem));
            }
            [_, channels @ (1 | 3), height, width] => Order::Channels([channels, height, width]),
            [_, height, width, channels @ (1 | 3)] => Order::Pixels([height, width, channels]),
            _ => {
                let problem = format!(
                    "has the shape {:?}; samples are (N, features), (N, h, w), (N, c, h, w) or \
                     (N, h, w, c) with 1 or 3 channels",
                    x.shape
                );
                return Err(self.refuse(part.x, &problem));
            }
        };
        if x.is_empty() {
            return Err(self.refuse(part.x, &format!("of shape {:?} is empty", x.shape)));
        }
        let y = self.info(part.y);
        let (count, named) = (x.shape[0], &x.name);
        if !matches!(y.shape[..], [n] | [n, 1] if n == count) {
            let problem = format!(
                "has the shape {:?}; for the {count} samples of {named} it needs {count} labels, one \
                 whole number each",
                y.shape
            );
            return Err(self.refuse(part.y, &problem));
        }
        if !y.dtype.is_integer() {
            let problem = format!("is of type {}; labels are whole numbers", y.dtype);
            return Err(self.refuse(part.y, &problem));
        }
        Ok((count, order))
    }

    fn read(&self, index: usize) -> Result<Vec<f64>, DataError> {
        let tensor = self.source.read(index);
        tensor
            .map(|t| t.data)
            .map_err(|error| DataError::Arrays { error })
    }

    /// Reads the labels of a part, whose outline was found sound.
    fn labels(&self, part: &Part) -> Result<Vec<u16>, DataError> {
        let labels = self.read(part.y)?;
        if let Some(i) = labels
            .iter()
            .position(|l| !(0.0..=LARGEST_LABEL).contains(l))
        {
            let problem = format!(
                "has label {} for sample {i}; labels count from 0 to at most {LARGEST_LABEL}",
                labels[i]
            );
            return Err(self.refuse(part.y, &problem));
        }
        Ok(labels.into_iter().map(|label| label as u16).collect())
    }

    fn samples(&self, part: &Part) -> Result<Samples, DataError> {
        let (_, order) = self.outline(part)?;
        let labels = self.labels(part)?;
        let numbers = self.read(part.x)?;
        if let Some(NonFinite { count, first }) = NonFinite::find(&numbers) {
            let sample = first / order.sizes().iter().product::<usize>();
            let problem = format!(
                "has {count} entries that are NaN or infinite, the first in sample {sample}; replace \
                 them or leave those samples out"
            );
            return Err(self.refuse(part.x, &problem));
        }
        // Whole numbers that bytes hold are bytes, of however many bits the array is.
        let dtype = &self.info(part.x).dtype;
        let is_whole = dtype.is_integer() && *dtype != Dtype::Bool;
        let is_byte = |x: &f64| (0.0..=255.0).contains(x);
        let pixels = if is_whole && numbers.iter().all(is_byte) {
            Pixels::Bytes(arrange(&numbers, order, |x| x as u8))
        } else {
            let floats = arrange(&numbers, order, |x| x as f32);
            if floats.iter().any(|x| x.is_infinite()) {
                let problem = "has entries beyond 3.4e38, the largest that are read; scale it";
                return Err(self.refuse(part.x, problem));
            }
            Pixels::Floats(floats)
        };
        Ok(Samples {
            shape: order.sizes(),
            pixels,
            labels,
        })
    }
}

/// The numbers channel by channel.
fn arrange<T: Copy + Default>(numbers: &[f64], order: Order, narrow: impl Fn(f64) -> T) -> Vec<T> {
    let Order::Pixels([height, width, channels]) = order else {
        return numbers.iter().map(|&x| narrow(x)).collect();
    };
    let plane = height * width;
    let mut out = vec![T::default(); numbers.len()];
    let samples = numbers.chunks_exact(plane * channels);
    for (sample, out) in samples.zip(out.chunks_exact_mut(plane * channels)) {
        for (pixel, values) in sample.chunks_exact(channels).enumerate() {
            for (channel, &x) in values.iter().enumerate() {
                out[channel * plane + pixel] = narrow(x);
            }
        }
    }
    out
}

/// The sum of the whole file, piece by piece.
fn record(path: &Path) -> Result<FileRecord, DataError> {
    let mut content = Content::open(path)?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    loop {
        let piece = content.read(path, FORMAT, 1 << 20)?;
        if piece.is_empty() {
            break;
        }
        hash.update(&piece);
        bytes += piece.len() as u64;
    }
    Ok(FileRecord {
        name: name_of(path),
        bytes,
        sha256: super::file::hex(&hash.finalize()),
    })
}
