//! The SHA-256 of files.

use super::remote::{Remote, Sum};
use crate::data::error::DataError;
use crate::data::file::{self, Content, hex};
use crate::data::origin::Format;
use sha2::{Digest, Sha256};
use std::path::Path;

/// `None` when a file has the sum it should have, else the sum or the fault it has instead.
pub(super) fn check(remote: &Remote<'_>, path: &Path) -> Result<Option<String>, DataError> {
    let (mut hash, mut left) = (Sha256::new(), remote.bytes + 1);
    match remote.sum {
        Sum::Content(_) => {
            let mut content = Content::open(path)?;
            while left > 0 {
                match content.read(path, Format::Idx, left.min(1 << 20)) {
                    Ok(piece) if piece.is_empty() => break,
                    Ok(piece) => {
                        left -= piece.len() as u64;
                        hash.update(&piece);
                    }
                    Err(DataError::Malformed { .. }) => {
                        return Ok(Some("damaged gzip data".into()));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Sum::File(_) => {
            let found = sum_of(path)?;
            return Ok((found != remote.sum.digits()).then_some(found));
        }
    }
    let found = hex(&hash.finalize());
    Ok((found != remote.sum.digits()).then_some(found))
}

/// The SHA-256 of a file.
pub(super) fn sum_of(path: &Path) -> Result<String, DataError> {
    let mut hash = Sha256::new();
    let (mut file, _) = file::open(path)?;
    std::io::copy(&mut file, &mut Hashing(&mut hash)).map_err(DataError::io(path))?;
    Ok(hex(&hash.finalize()))
}

/// Hashes what is written to it.
struct Hashing<'a>(&'a mut Sha256);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
