//! The header of a safetensors file as it stands there, and new ones: for files that are written from others.

use super::dtype::Dtype;
use super::error::WeightsError;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

/// Key of the texts beside tensors.
const METADATA: &str = "__metadata__";

/// A tensor by its place in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct RawTensor {
    /// The name as stored.
    pub name: String,
    /// The type by the name that the format gives it.
    pub dtype: String,
    /// The dimensions.
    pub shape: Vec<usize>,
    /// The first of its bytes, from the beginning of the file.
    pub offset: u64,
    /// How many there are.
    pub bytes: u64,
}

/// The header of a file.
#[derive(Debug, Clone, Default)]
pub struct RawHeader {
    /// Texts beside tensors.
    pub metadata: Map<String, Value>,
    /// The tensors, in the order of the header.
    pub tensors: Vec<RawTensor>,
}

impl RawHeader {
    /// Reads the header of a file that a [`Source`](super::Source) has checked.
    ///
    /// # Errors
    ///
    /// The system's, and a file that was changed since.
    pub fn read(path: &Path) -> Result<RawHeader, WeightsError> {
        let io = |source| WeightsError::Io {
            path: path.to_path_buf(),
            source,
        };
        let mut file = File::open(path).map_err(io)?;
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(io)?;
        let length = u64::from_le_bytes(length);
        let mut text = Vec::new();
        file.take(length).read_to_end(&mut text).map_err(io)?;
        let changed = || {
            io(Error::new(
                ErrorKind::InvalidData,
                "it was changed while it was read",
            ))
        };
        let header: Map<String, Value> = serde_json::from_slice(&text).map_err(|_| changed())?;
        let mut found = RawHeader::default();
        for (name, value) in header {
            if name == METADATA {
                found.metadata = value.as_object().cloned().unwrap_or_default();
                continue;
            }
            let tensor = RawTensor::of(name, &value, 8 + length).ok_or_else(changed)?;
            found.tensors.push(tensor);
        }
        Ok(found)
    }

    /// Returns the header with new places: tensors of wide types first, so that all lie at multiples of their width, and
    /// nothing between them.
    pub fn packed(mut self) -> (Vec<u8>, RawHeader) {
        let width = |tensor: &RawTensor| {
            let count = tensor.shape.iter().product::<usize>().max(1) as u64;
            tensor.bytes / count
        };
        self.tensors
            .sort_by_key(|tensor| std::cmp::Reverse(width(tensor)));
        let mut end = 0;
        let mut header = Map::new();
        if !self.metadata.is_empty() {
            header.insert(METADATA.into(), self.metadata.clone().into());
        }
        for tensor in &mut self.tensors {
            let begin = end;
            end += tensor.bytes;
            let entry = json!({ "dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [begin, end] });
            header.insert(tensor.name.clone(), entry);
            tensor.offset = begin;
        }
        let mut text = Value::from(header).to_string().into_bytes();
        text.resize(text.len().next_multiple_of(8), b' ');
        let start = 8 + text.len() as u64;
        self.tensors
            .iter_mut()
            .for_each(|tensor| tensor.offset += start);
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text);
        (bytes, self)
    }
}

impl RawTensor {
    /// Returns a tensor that has no place yet.
    pub fn new(name: String, dtype: &Dtype, shape: Vec<usize>) -> RawTensor {
        let count = shape.iter().product::<usize>() as u64;
        RawTensor {
            name,
            dtype: dtype.to_string(),
            bytes: count * dtype.size().unwrap_or(0) as u64,
            shape,
            offset: 0,
        }
    }

    fn of(name: String, value: &Value, start: u64) -> Option<RawTensor> {
        let shape = value["shape"].as_array()?.iter();
        let offset = |place: usize| value["data_offsets"][place].as_u64();
        Some(RawTensor {
            name,
            dtype: value["dtype"].as_str()?.to_owned(),
            shape: shape
                .map(|d| usize::try_from(d.as_u64()?).ok())
                .collect::<Option<_>>()?,
            offset: start.checked_add(offset(0)?)?,
            bytes: offset(1)?.checked_sub(offset(0)?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{RawHeader, RawTensor};
    use crate::weights::Dtype;
    use safetensors::SafeTensors;

    /// Catches offsets that overlap, leave holes or are not aligned, and names that are not written as JSON.
    #[test]
    fn the_formats_own_library_reads_a_packed_header() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["a\"\\\u{1b}", "b", "ü", "empty"];
        let types = [Dtype::BF16, Dtype::F64, Dtype::I32, Dtype::F32];
        let shapes = [vec![3], vec![2, 1], vec![], vec![0, 7]];
        let tensors = names.iter().zip(&types).zip(shapes);
        let tensors =
            tensors.map(|((name, dtype), shape)| RawTensor::new((*name).into(), dtype, shape));
        let header = RawHeader {
            metadata: [("format".to_owned(), "pt".into())].into_iter().collect(),
            tensors: tensors.collect(),
        };
        let (mut bytes, placed) = header.packed();
        for tensor in &placed.tensors {
            assert_eq!(bytes.len() as u64, tensor.offset);
            bytes.extend((0..tensor.bytes).map(|i| i as u8));
        }
        let read = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(read.tensor(names[1]).unwrap().data()[8], 8);
        assert_eq!(read.tensor(names[0]).unwrap().shape(), [3]);
        let path = folder.path().join("x.safetensors");
        std::fs::write(&path, &bytes).unwrap();
        let again = RawHeader::read(&path).unwrap();
        assert_eq!(again.tensors, placed.tensors);
        assert_eq!(again.metadata["format"], "pt");
    }
}
