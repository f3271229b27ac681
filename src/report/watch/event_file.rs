//! A file of numbers over steps that TensorBoard reads: records of protocol buffers, each with checksums.
//!
//! Source: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto and
//! tensorflow/core/lib/io/record_writer.cc.

use prost::Message;
use std::fs::{File, OpenOptions};
use std::io::{Error, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A record of the file.
#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Scalar>,
}

#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, tag = "2")]
    simple_value: f32,
}

/// A file in a folder of TensorBoard's, to which numbers are added step by step.
#[derive(Debug)]
pub struct EventFile {
    file: File,
}

impl EventFile {
    /// Begins a file in `folder`, which is made where it is not there. TensorBoard joins the files of a folder.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn begin(folder: &Path) -> Result<EventFile, Error> {
        std::fs::create_dir_all(folder)?;
        let now = wall_time();
        let name = format!(
            "events.out.tfevents.{}.spectra.{}",
            now as u64,
            std::process::id()
        );
        let path = folder.join(name);
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let mut events = EventFile { file };
        events.add(Event {
            wall_time: now,
            file_version: Some("brain.Event:2".to_owned()),
            ..Event::default()
        })?;
        Ok(events)
    }

    /// Adds numbers of a step, each with the name of its curve.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn scalars(
        &mut self,
        step: u64,
        scalars: impl Iterator<Item = (String, f64)>,
    ) -> Result<(), Error> {
        let value = scalars.map(|(tag, number)| Scalar {
            tag,
            simple_value: number as f32,
        });
        self.add(Event {
            wall_time: wall_time(),
            step: i64::try_from(step).unwrap_or(i64::MAX),
            summary: Some(Summary {
                value: value.collect(),
            }),
            ..Event::default()
        })
    }

    fn add(&mut self, event: Event) -> Result<(), Error> {
        self.file.write_all(&record(&event.encode_to_vec()))?;
        self.file.flush()
    }
}

/// Returns a record: the length, its checksum, the content, its checksum.
fn record(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_le_bytes();
    [
        &length[..],
        &masked(&length).to_le_bytes(),
        content,
        &masked(content).to_le_bytes(),
    ]
    .concat()
}

/// The checksum of records: CRC-32C, turned and shifted, so that one of data with checksums in it is another.
fn masked(content: &[u8]) -> u32 {
    crc32c::crc32c(content)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

fn wall_time() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |time| time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{Event, EventFile, Scalar, Summary, record};
    use prost::Message;

    /// Would catch another polynomial, mask or order of bytes: against what tf.io.TFRecordWriter of TensorFlow 2.21 made of
    /// the same content.
    #[test]
    fn records_are_those_of_the_format() {
        let theirs = [
            7, 0, 0, 0, 0, 0, 0, 0, 187, 215, 159, 17, 115, 112, 101, 99, 116, 114, 97, 249, 95,
            86, 176,
        ];
        assert_eq!(record(b"spectra"), theirs);
    }

    /// Would catch a field under another number, and a step or a name that is lost.
    #[test]
    fn numbers_come_back_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut events = EventFile::begin(&folder.path().join("logs")).unwrap();
        let scalars = [("fc1/alpha", 2.5), ("fc1/spikes", 3.0)];
        events
            .scalars(500, scalars.iter().map(|&(tag, x)| (tag.to_owned(), x)))
            .unwrap();
        let file = std::fs::read_dir(folder.path().join("logs"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let bytes = std::fs::read(file.path()).unwrap();
        let mut rest = &bytes[..];
        let mut read = Vec::new();
        while !rest.is_empty() {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            let content = &rest[12..12 + length];
            assert_eq!(rest[..16 + length], record(content));
            read.push(Event::decode(content).unwrap());
            rest = &rest[16 + length..];
        }
        assert_eq!(read[0].file_version.as_deref(), Some("brain.Event:2"));
        assert_eq!(read[1].step, 500);
        let value = scalars.map(|(tag, x)| Scalar {
            tag: tag.to_owned(),
            simple_value: x as f32,
        });
        assert_eq!(
            read[1].summary,
            Some(Summary {
                value: value.to_vec()
            })
        );
    }
}
