//! Builders of weight files, and how a refusal is judged.

use crate::memory::asked;
use std::path::{Path, PathBuf};

pub use crate::common::files::{npy_of, npy_with as npy};
use spectra::weights::{OpenOptions, Source, Tensor, WeightsError};
use tempfile::TempDir;

/// A folder of its own for each test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

pub fn open(path: &Path) -> Result<Source, WeightsError> {
    Source::open(path, &OpenOptions::default())
}

/// Opens, and reads every tensor.
pub fn read_all(path: &Path) -> Result<Vec<Tensor>, WeightsError> {
    let source = open(path)?;
    (0..source.tensors().len())
        .map(|i| source.read(i))
        .collect()
}

/// The sentence a file is refused with: one line, without control characters, beginning with
/// the path, and before memory was asked for that the file does not justify.
#[track_caller]
pub fn refusal_of(path: &Path) -> String {
    let (result, asked) = asked(|| read_all(path));
    let error = result.expect_err("the file should be refused");
    let length = std::fs::metadata(path).map_or(0, |data| data.len());
    let allowed = 256 * length as usize + (4 << 20);
    assert!(asked.bytes <= allowed, "{} of {allowed}", asked.bytes);
    assert!(
        !matches!(error, WeightsError::Memory { .. }),
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

/// The refusal of a file of these bytes.
pub fn refusal(name: &str, bytes: &[u8]) -> String {
    let folder = Folder::new();
    refusal_of(&folder.file(name, bytes))
}

#[track_caller]
pub fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "'{word}' is not said in: {text}");
    }
}

pub fn f32s(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// A safetensors file with this header.
pub fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A member of a zip archive, stored, with whatever its headers claim.
pub struct Member<'a> {
    pub name: &'a str,
    pub data: &'a [u8],
    pub crc: u32,
    pub size: u32,
    pub flags: u16,
    pub method: u16,
    pub zip64: bool,
}

impl<'a> Member<'a> {
    pub fn new(name: &'a str, data: &'a [u8]) -> Self {
        Member {
            name,
            data,
            crc: crc32(data),
            size: data.len() as u32,
            flags: 0,
            method: 0,
            zip64: false,
        }
    }
}

/// CRC-32 of zip, bit by bit.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A zip archive; with `zip64` members its directory is of 64 bits too.
pub fn zip(members: &[Member]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        let offset = bytes.len();
        let mut header = Vec::new();
        header.extend(45_u16.to_le_bytes());
        header.extend(member.flags.to_le_bytes());
        header.extend(member.method.to_le_bytes());
        header.extend([0; 4]);
        header.extend(member.crc.to_le_bytes());
        let mut extra = Vec::new();
        let sizes = [u64::from(member.size), member.data.len() as u64];
        if member.zip64 {
            header.extend([0xff; 8]);
            extra.extend(1_u16.to_le_bytes());
            extra.extend(16_u16.to_le_bytes());
            extra.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
        } else {
            header.extend((sizes[1] as u32).to_le_bytes());
            header.extend((sizes[0] as u32).to_le_bytes());
        }
        header.extend((member.name.len() as u16).to_le_bytes());
        header.extend((extra.len() as u16).to_le_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&header);
        bytes.extend(member.name.as_bytes());
        bytes.extend(&extra);
        bytes.extend(member.data);
        directory.extend(b"PK\x01\x02\x2d\x00");
        directory.extend(&header);
        directory.extend([0; 10]);
        directory.extend((offset as u32).to_le_bytes());
        directory.extend(member.name.as_bytes());
        directory.extend(&extra);
    }
    let (start, length) = (bytes.len(), directory.len());
    bytes.extend(&directory);
    let count = members.len();
    let is_64 = members.iter().any(|member| member.zip64);
    if is_64 {
        let end = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06");
        bytes.extend(44_u64.to_le_bytes());
        bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [count, count, length, start] {
            bytes.extend((number as u64).to_le_bytes());
        }
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend(end.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
    }
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    if is_64 {
        bytes.extend([0xff; 12])
    } else {
        bytes.extend([(count as u16).to_le_bytes(), (count as u16).to_le_bytes()].concat());
        bytes.extend((length as u32).to_le_bytes());
        bytes.extend((start as u32).to_le_bytes());
    }
    bytes.extend([0, 0]);
    bytes
}

/// A PyTorch file: this pickle, and storages `data/0`, `data/1`, …
pub fn torch(pickle: &[u8], storages: &[&[u8]]) -> Vec<u8> {
    let names: Vec<String> = (0..storages.len()).map(|i| format!("m/data/{i}")).collect();
    let mut members = vec![Member::new("m/data.pkl", pickle)];
    members.extend(
        names
            .iter()
            .zip(storages)
            .map(|(name, data)| Member::new(name, data)),
    );
    zip(&members)
}

/// A pickle, written instruction by instruction.
#[derive(Default)]
pub struct Pickle(pub Vec<u8>);

impl Pickle {
    pub fn new() -> Self {
        Pickle(b"\x80\x02".to_vec())
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub fn text(self, text: &str) -> Self {
        let length = (text.len() as u32).to_le_bytes();
        self.raw(b"X").raw(&length).raw(text.as_bytes())
    }

    pub fn int(self, value: i64) -> Self {
        self.raw(b"\x8a\x08").raw(&value.to_le_bytes())
    }

    pub fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    pub fn ints(self, values: &[i64]) -> Self {
        values
            .iter()
            .fold(self.raw(b"("), |p, &value| p.int(value))
            .raw(b"t")
    }

    pub fn storage(self, kind: &str, key: &str, length: i64) -> Self {
        self.raw(b"(")
            .text("storage")
            .global("torch", kind)
            .text(key)
            .text("cpu")
            .int(length)
            .raw(b"tQ")
    }

    /// A float32 tensor in storage `key` of `length` elements.
    pub fn tensor(self, key: &str, length: i64, offset: i64, size: &[i64], stride: &[i64]) -> Self {
        self.global("torch._utils", "_rebuild_tensor_v2")
            .raw(b"(")
            .storage("FloatStorage", key, length)
            .int(offset)
            .ints(size)
            .ints(stride)
            .raw(b"\x89")
            .global("collections", "OrderedDict")
            .raw(b")RtR")
    }

    pub fn stop(self) -> Vec<u8> {
        self.raw(b".").0
    }
}

/// A dictionary of one 2 × 2 tensor, named `w`, in storage 0 of four elements.
pub fn one_tensor() -> Pickle {
    Pickle::new()
        .raw(b"}")
        .text("w")
        .tensor("0", 4, 0, &[2, 2], &[2, 1])
        .raw(b"s")
}
