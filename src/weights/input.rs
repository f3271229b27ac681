//! A regular file, read by position.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::error::{Fault, WeightsError};

/// An open file with a position of its own: clones share the handle and nothing else, so several
/// threads may read at once.
#[derive(Debug, Clone)]
pub(super) struct Input {
    file: Arc<File>,
    length: u64,
    position: u64,
}

impl Input {
    /// Opens a regular file. Pipes, devices and folders are refused before they are opened, for
    /// opening a pipe waits for a writer.
    pub(super) fn open(path: &Path) -> Result<Input, WeightsError> {
        let io = |source| WeightsError::Io {
            path: path.to_path_buf(),
            source,
        };
        let refuse_special = |metadata: &Metadata| match special(metadata) {
            None => Ok(()),
            Some(what) => Err(WeightsError::NotAFile {
                path: path.to_path_buf(),
                what,
            }),
        };
        refuse_special(&std::fs::metadata(path).map_err(io)?)?;
        let file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        refuse_special(&metadata)?;
        Ok(Input {
            file: Arc::new(file),
            length: metadata.len(),
            position: 0,
        })
    }

    /// A temporary file with `bytes`, gone with the last handle.
    #[cfg(not(fuzzing))]
    pub(super) fn of_bytes(bytes: &[u8]) -> io::Result<Input> {
        let mut file = tempfile::tempfile()?;
        io::Write::write_all(&mut file, bytes)?;
        Ok(Input {
            file: Arc::new(file),
            length: bytes.len() as u64,
            position: 0,
        })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The same file, to be read from `position` on.
    pub(super) fn at(&self, position: u64) -> Input {
        Input {
            position,
            ..self.clone()
        }
    }

    /// Up to `length` bytes of the beginning.
    pub(super) fn head(&self, length: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.at(0).take(length).read_to_end(&mut head)?;
        Ok(head)
    }
}

/// What a path is when it is not a regular file.
pub(super) fn special(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_file() {
        return None;
    }
    if metadata.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Some("a pipe, which cannot be read by position");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("not a regular file")
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.position)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a position outside the file")
        })?;
        Ok(self.position)
    }
}

/// Exactly `length` bytes. The caller has compared `length` with what the file holds.
pub(super) fn read_bytes(reader: &mut impl Read, length: u64) -> Result<Vec<u8>, Fault> {
    let size = usize::try_from(length).map_err(|_| Fault::memory(length))?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(size)
        .map_err(|_| Fault::memory(length))?;
    reader.take(length).read_to_end(&mut bytes)?;
    if bytes.len() < size {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(bytes)
}
