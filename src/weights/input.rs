//! A regular file, or a part of one, read by position.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{Fault, WeightsError};

/// A window of a file with a position of its own: clones share the handle and nothing else, so several threads may
/// read at once.
#[derive(Debug, Clone)]
pub(super) struct Input {
    handle: Arc<Handle>,
    /// First byte of the window.
    start: u64,
    length: u64,
    position: u64,
}

/// A file that is open while it is read. A process may have some thousand files open, and a folder more.
#[derive(Debug)]
struct Handle {
    /// By which it is opened again; `None` for a temporary file without a name.
    path: Option<PathBuf>,
    length: u64,
    file: Mutex<Option<Arc<File>>>,
}

impl Handle {
    fn file(&self) -> io::Result<Arc<File>> {
        let mut open = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*open {
            return Ok(Arc::clone(file));
        }
        let path = self.path.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let file = Arc::new(File::open(path)?);
        if file.metadata()?.len() != self.length {
            return Err(io::Error::other("it was changed while it was read"));
        }
        *open = Some(Arc::clone(&file));
        Ok(file)
    }
}

impl Input {
    /// Opens a regular file. Pipes, devices and folders are refused before they are opened, for opening a pipe waits
    /// for a writer.
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
        Ok(Input::new(Some(path.to_path_buf()), file, metadata.len()))
    }

    /// Returns a temporary file with `bytes`, gone with the last handle.
    #[cfg(not(fuzzing))]
    pub(super) fn of_bytes(bytes: &[u8]) -> io::Result<Input> {
        let mut file = tempfile::tempfile()?;
        io::Write::write_all(&mut file, bytes)?;
        Ok(Input::new(None, file, bytes.len() as u64))
    }

    fn new(path: Option<PathBuf>, file: File, length: u64) -> Input {
        Input {
            handle: Arc::new(Handle {
                path,
                length,
                file: Mutex::new(Some(Arc::new(file))),
            }),
            start: 0,
            length,
            position: 0,
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Returns the same file, to be read from `position` on.
    pub(super) fn at(&self, position: u64) -> Input {
        Input {
            position,
            ..self.clone()
        }
    }

    /// Returns `length` bytes of the file from `start` on as a file of their own.
    pub(super) fn window(&self, start: u64, length: u64) -> Result<Input, Fault> {
        let end = start.checked_add(length).filter(|&end| end <= self.length);
        if end.is_none() {
            return Err(Fault::malformed(format!(
                "{length} bytes at byte {start} of a file of {} bytes",
                self.length
            )));
        }
        Ok(Input {
            start: self.start + start,
            length,
            position: 0,
            ..self.clone()
        })
    }

    /// Closes the file until it is read again.
    pub(super) fn release(&self) {
        if self.handle.path.is_some() {
            let mut open = self
                .handle
                .file
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *open = None;
        }
    }

    /// Reads up to `length` bytes of the beginning.
    pub(super) fn head(&self, length: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.at(0).take(length).read_to_end(&mut head)?;
        Ok(head)
    }
}

/// Names the kind of a path that is no regular file.
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
        let left = self.length.saturating_sub(self.position);
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let buffer = &mut buffer[..most];
        let at = self.start.saturating_add(self.position);
        let file = self.handle.file()?;
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*file, buffer, at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*file, buffer, at)?;
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
