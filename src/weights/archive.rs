//! A zip archive, its directory checked before any member is opened.

use std::io::{self, Read, Seek, SeekFrom};

use zip::read::{ArchiveOffset, Config, ZipReadOptions};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::decode::decode;
use super::error::{Cause, Fault};
use super::escape::escape;
use super::input::{Input, read_bytes};
use super::tensor::TensorInfo;

/// A member may not unpack to more than this …
const BOMB_BYTES: u64 = 1 << 30;
/// … when that is more than this many times its stored size.
const BOMB_RATIO: u64 = 1000;
/// Deflate cannot grow data more than 1032 times.
const MOST_GROWTH: u64 = 1032;

/// An archive whose members are plainly stored or deflated, not encrypted, with names that
/// differ and sizes that can be true.
#[derive(Debug)]
pub(super) struct Archive {
    zip: ZipArchive<Input>,
    members: Vec<Member>,
    length: u64,
    has_checksums: bool,
}

/// What the directory says of a member.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) crc32: u32,
    stored: bool,
}

impl Archive {
    pub(super) fn open(input: &Input) -> Result<Archive, Fault> {
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let zip = ZipArchive::with_config(config, input.at(0)).map_err(|error| {
            let fault = from_zip(error);
            match fault.cause {
                Cause::Malformed(problem) => Fault::malformed(format!(
                    "the directory at the end of the zip archive is broken ({problem}); the file \
                     is cut short or damaged"
                )),
                _ => fault,
            }
        })?;
        if zip.has_duplicate_names() {
            return Err(Fault::malformed(
                "two members of the zip archive have the same name; which one is meant cannot be \
                 known",
            ));
        }
        let mut members = Vec::with_capacity(zip.len());
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(from_zip)?;
            let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
            let stored = entry.compression() == CompressionMethod::Stored;
            let size = entry.size();
            let packed = entry.compressed_size();
            let problem = if entry.encrypted() {
                Some("is encrypted; save it without a password".into())
            } else if !stored && entry.compression() != CompressionMethod::Deflated {
                Some(format!(
                    "is compressed by {:?}; stored and deflated members are read",
                    entry.compression()
                ))
            } else if packed > input.length() {
                Some(format!(
                    "has {packed} bytes by the directory, more than the file's {}",
                    input.length()
                ))
            } else if stored && size != packed {
                Some(format!("is stored in {packed} bytes but declares {size}"))
            } else if size > BOMB_BYTES && size / BOMB_RATIO > packed {
                Some(format!(
                    "declares {size} bytes unpacked from {packed}, more than {BOMB_RATIO} times as \
                     many: a zip bomb"
                ))
            } else if size
                > packed
                    .saturating_mul(MOST_GROWTH)
                    .saturating_add(MOST_GROWTH)
            {
                Some(format!(
                    "declares {size} bytes unpacked from {packed}, which deflate cannot reach"
                ))
            } else {
                None
            };
            if let Some(problem) = problem {
                return Err(Fault::malformed(format!(
                    "member '{}' {problem}",
                    escape(&name)
                )));
            }
            members.push(Member {
                name,
                size,
                crc32: entry.crc32(),
                stored,
            });
        }
        Ok(Archive {
            zip,
            members,
            length: input.length(),
            has_checksums: true,
        })
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Stops comparing checksums when none was written: every one is 0. Returns whether that is
    /// so.
    pub(super) fn drop_absent_checksums(&mut self) -> bool {
        self.has_checksums = self.members.iter().any(|member| member.crc32 != 0);
        !self.has_checksums
    }

    /// Bytes of the whole file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        // A name that is not UTF-8 is never asked for.
        self.zip.index_for_name_raw(name.as_bytes())
    }

    /// Hands a reader of member `index` to `read`; its checksum is compared when `read` takes
    /// all of it.
    pub(super) fn stream<T>(
        &self,
        index: usize,
        read: impl FnOnce(&mut dyn Read) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut zip = self.zip.clone();
        let options = ZipReadOptions::new().ignore_crc32(!self.has_checksums);
        let mut member = zip
            .by_index_with_options(index, options)
            .map_err(from_zip)?;
        read(&mut member)
    }

    /// All of member `index`, which has at most `most` bytes.
    pub(super) fn read(&self, index: usize, most: u64) -> Result<Vec<u8>, Fault> {
        let Member { name, size, .. } = &self.members[index];
        if *size > most {
            return Err(Fault::malformed(format!(
                "member '{}' has {size} bytes; at most {most} are read",
                escape(name)
            )));
        }
        self.stream(index, |reader| {
            let mut reader = reader;
            let bytes = read_bytes(&mut reader, *size)?;
            finish(reader)?;
            Ok(bytes)
        })
    }

    /// The elements of `info`, which begin `skip` bytes into member `index`.
    pub(super) fn decode(
        &self,
        index: usize,
        skip: u64,
        info: &TensorInfo,
    ) -> Result<Vec<f64>, Fault> {
        let member = &self.members[index];
        let size = info.dtype.size().unwrap_or(0) as u64;
        let end = skip + info.layout.extent(info.len()) as u64 * size;
        if member.stored && end < member.size {
            // A part of a large storage: reading the rest for its checksum could take hours
            // over thousands of tensors.
            let mut zip = self.zip.clone();
            let mut reader = zip.by_index_seek(index).map_err(from_zip)?;
            reader.seek(SeekFrom::Start(skip))?;
            return decode(&mut reader, info);
        }
        self.stream(index, |mut reader| {
            io::copy(&mut (&mut reader).take(skip), &mut io::sink())?;
            let data = decode(&mut reader, info)?;
            finish(reader)?;
            Ok(data)
        })
    }
}

/// Reads to the end, where the checksum is compared.
fn finish(reader: &mut dyn Read) -> Result<(), Fault> {
    io::copy(reader, &mut io::sink())?;
    Ok(())
}

fn from_zip(error: ZipError) -> Fault {
    match error {
        ZipError::Io(error) => error.into(),
        other => Fault::malformed(other.to_string()),
    }
}
