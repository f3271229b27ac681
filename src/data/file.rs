//! Regular files, gzipped or not, never read beyond what they may hold.

use super::error::DataError;
use super::origin::{FileRecord, Format};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Deflate cannot grow data more than 1032 times.
const MOST_GROWTH: u64 = 1032;

/// The contents of a file, unpacked on the way when it is gzipped.
pub(super) struct Content {
    pub(super) reader: Box<dyn Read>,
    /// Bytes of the file.
    pub(super) stored: u64,
    /// Whether it is gzipped.
    pub(super) packed: bool,
}

impl Content {
    pub(super) fn open(path: &Path) -> Result<Content, DataError> {
        let (mut file, stored) = open(path)?;
        let mut magic = Vec::new();
        let read = (&mut file).take(2).read_to_end(&mut magic);
        read.map_err(DataError::io(path))?;
        let packed = magic == [0x1f, 0x8b];
        let whole = BufReader::with_capacity(1 << 16, io::Cursor::new(magic).chain(file));
        let reader: Box<dyn Read> = if packed {
            Box::new(MultiGzDecoder::new(whole))
        } else {
            Box::new(whole)
        };
        Ok(Content {
            reader,
            stored,
            packed,
        })
    }

    /// The most bytes that it can hold.
    pub(super) fn most(&self) -> u64 {
        if self.packed {
            self.stored
                .saturating_mul(MOST_GROWTH)
                .saturating_add(MOST_GROWTH)
        } else {
            self.stored
        }
    }

    /// Reads at most `most` bytes more; fewer when the content ends before.
    pub(super) fn read(
        &mut self,
        path: &Path,
        format: Format,
        most: u64,
    ) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        let room = most.min(self.most());
        let reserved =
            usize::try_from(room).is_ok_and(|room| bytes.try_reserve_exact(room).is_ok());
        if !reserved {
            return Err(DataError::Memory {
                path: path.to_path_buf(),
                bytes: room,
            });
        }
        match (&mut self.reader).take(most).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(self.damaged(path, format, error)),
        }
    }

    fn damaged(&self, path: &Path, format: Format, error: io::Error) -> DataError {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match error.kind() {
            UnexpectedEof if self.packed => {
                let problem = "the gzip data end before the file does; it is cut short";
                DataError::malformed(path, format, problem)
            }
            InvalidData | InvalidInput | UnexpectedEof => {
                let problem = format!("the gzip data are damaged ({error}); take the file anew");
                DataError::malformed(path, format, problem)
            }
            _ => DataError::io(path)(error),
        }
    }
}

/// Opens a regular file. Pipes and devices are refused before they are opened, for opening a pipe
/// waits for a writer.
pub(super) fn open(path: &Path) -> Result<(File, u64), DataError> {
    let metadata = std::fs::metadata(path).map_err(DataError::io(path))?;
    if !metadata.is_file() {
        return Err(DataError::NotRecognised {
            path: path.to_path_buf(),
            found: "is no regular file".into(),
            advice: "give a data set's folder or .npz file".into(),
        });
    }
    let file = File::open(path).map_err(DataError::io(path))?;
    let length = file.metadata().map_err(DataError::io(path))?.len();
    Ok((file, length))
}

/// All bytes of a file, as stored.
pub(super) fn whole(path: &Path, format: Format) -> Result<Vec<u8>, DataError> {
    let (file, length) = open(path)?;
    let memory = || DataError::Memory {
        path: path.to_path_buf(),
        bytes: length,
    };
    let size = usize::try_from(length).map_err(|_| memory())?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| memory())?;
    let read = file.take(length).read_to_end(&mut bytes);
    read.map_err(DataError::io(path))?;
    if bytes.len() == size {
        Ok(bytes)
    } else {
        Err(DataError::malformed(
            path,
            format,
            "was cut short while it was read; try again",
        ))
    }
}

/// Up to `most` bytes of the beginning, as stored.
pub(super) fn head(path: &Path, most: u64) -> Result<Vec<u8>, DataError> {
    let (file, _) = open(path)?;
    let mut bytes = Vec::new();
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(DataError::io(path))?;
    Ok(bytes)
}

/// The entries of a folder that are not hidden, by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, DataError> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(DataError::io(folder))? {
        let entry = entry.map_err(DataError::io(folder))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// The last part of a path as text.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The record of a file whose content is these parts.
pub(super) fn record(name: String, parts: &[&[u8]]) -> FileRecord {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    FileRecord {
        name,
        bytes: parts.iter().map(|part| part.len() as u64).sum(),
        sha256: hex(&hash.finalize()),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
