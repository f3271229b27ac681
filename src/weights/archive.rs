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

/// An archive whose members have names that differ. Those that are encrypted, compressed in another way than deflate or
/// of sizes that cannot be true are refused when they are read.
#[derive(Debug)]
pub(super) struct Archive {
    zip: ZipArchive<Input>,
    input: Input,
    members: Vec<Member>,
    has_checksums: bool,
}

/// The entry of a member in the directory.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) crc32: u32,
    stored: bool,
    /// Why it cannot be read.
    problem: Option<String>,
}

impl Archive {
    pub(super) fn open(input: &Input) -> Result<Archive, Fault> {
        check_end(input)?;
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
                let problem = "is compressed otherwise than by deflate; save it with numpy.savez or savez_compressed";
                Some(problem.into())
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
            members.push(Member {
                name,
                size,
                crc32: entry.crc32(),
                stored,
                problem,
            });
        }
        Ok(Archive {
            zip,
            input: input.clone(),
            members,
            has_checksums: true,
        })
    }

    /// Closes the file until it is read again.
    pub(super) fn release(&self) {
        self.input.release();
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Returns the names of the members.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// Stops comparing checksums when none was written: every one is 0. Returns whether that is
    /// so.
    pub(super) fn drop_absent_checksums(&mut self) -> bool {
        self.has_checksums = self.members.iter().any(|member| member.crc32 != 0);
        !self.has_checksums
    }

    /// Bytes of the whole file.
    pub(super) fn length(&self) -> u64 {
        self.input.length()
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
        let Member { name, problem, .. } = &self.members[index];
        if let Some(problem) = problem {
            return Err(Fault::malformed(format!(
                "member '{}' {problem}",
                escape(name)
            )));
        }
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
        if member.problem.is_some() {
            return self.stream(index, |_| Ok(Vec::new()));
        }
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

/// Bytes of the end record of a directory, without its comment.
const END_RECORD: u64 = 22;
/// Bytes of the longest comment.
const LONGEST_COMMENT: u64 = 65_535;

/// Checks that the file ends with the end record of its directory, which begins with `PK\x05\x06` and ends with a
/// comment of a length that it gives. Else a reader that looks for the last record takes one for an earlier archive.
fn check_end(input: &Input) -> Result<(), Fault> {
    let length = input.length();
    let start = length.saturating_sub(END_RECORD + LONGEST_COMMENT);
    let tail = read_bytes(&mut input.at(start), length - start)?;
    let ends = |record: &[u8]| {
        record.starts_with(b"PK\x05\x06")
            && usize::from(u16::from_le_bytes([record[20], record[21]])) == record.len() - 22
    };
    let records = (0..=tail.len().saturating_sub(END_RECORD as usize)).rev();
    let found = (tail.len() >= END_RECORD as usize)
        .then(|| records.map(|at| &tail[at..]).find(|record| ends(record)));
    let Some(Some(record)) = found else {
        return Err(Fault::malformed(
            "the directory at the end of the zip archive is missing or broken; the file is cut short or damaged, or \
             something was written after the archive",
        ));
    };
    // Of a directory with more than 2^16 members or 2^32 bytes these are all ones.
    let field = |at: usize| {
        u64::from(u32::from_le_bytes([
            record[at],
            record[at + 1],
            record[at + 2],
            record[at + 3],
        ]))
    };
    let (size, offset) = (field(12), field(16));
    let end = length - record.len() as u64;
    let is_wide = offset == u64::from(u32::MAX) || size == u64::from(u32::MAX);
    if !is_wide && offset + size < end {
        // The record of a wide directory may stand between, though the narrow one has all there is to say.
        let between = end - offset - size;
        if between != 76 {
            return Err(Fault::malformed(format!(
                "its directory says that the zip archive has {} bytes, but the file has {length}: it is several archives \
                 one after another, or has something before the archive; give each as a file of its own",
                offset + size + record.len() as u64
            )));
        }
    }
    Ok(())
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
