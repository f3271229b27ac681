//! One PNG or JPEG file.

use super::error::DataError;
use super::file;
use super::orientation::Orientation;
use super::origin::Format;
use image::io::{Limits, Reader};
use image::{DynamicImage, ImageError, ImageFormat};
use std::io::{Cursor, Read};
use std::path::Path;

const FORMAT: Format = Format::Images;
/// Bytes of the largest picture file read.
const LONGEST: u64 = 64 << 20;
/// Pixels of the largest picture read, along one side.
const WIDEST: u32 = 4096;
/// Memory for decoding one picture.
const MEMORY: u64 = 256 << 20;

/// A decoded picture.
pub(super) struct Picture {
    pub(super) shape: [usize; 3],
    /// Pixel by pixel.
    pub(super) bytes: Vec<u8>,
}

/// Whether a file that begins so is PNG or JPEG.
pub(super) fn is_picture(head: &[u8]) -> bool {
    format_of(head).is_some()
}

fn format_of(head: &[u8]) -> Option<ImageFormat> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(ImageFormat::Png);
    }
    head.starts_with(b"\xff\xd8\xff")
        .then_some(ImageFormat::Jpeg)
}

/// The file as it is stored.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    let (file, length) = file::open(path)?;
    if length > LONGEST {
        let problem = format!("has {length} bytes; pictures of at most {LONGEST} are read");
        return Err(DataError::malformed(path, FORMAT, problem));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    let read = file.take(LONGEST).read_to_end(&mut bytes);
    read.map_err(DataError::io(path))?;
    Ok(bytes)
}

/// Height and width of the upright picture, from the header.
pub(super) fn size(path: &Path, stored: &[u8]) -> Result<[usize; 2], DataError> {
    let (width, height) = reader(path, stored)?
        .into_dimensions()
        .map_err(|error| damaged(path, &error))?;
    if width > WIDEST || height > WIDEST || width == 0 || height == 0 {
        let problem =
            format!("is {height}x{width}; pictures of at most {WIDEST}x{WIDEST} are read");
        return Err(DataError::malformed(path, FORMAT, problem));
    }
    let stored_size = [height, width].map(|side| side as usize);
    Ok(Orientation::of(stored).size(stored_size))
}

/// Decodes it and turns it upright; its size has been judged before.
pub(super) fn decode(path: &Path, stored: &[u8]) -> Result<Picture, DataError> {
    let decoded = reader(path, stored)?.decode();
    let image = decoded.map_err(|error| damaged(path, &error))?;
    let image = Orientation::of(stored).upright(image);
    let [height, width] = [image.height() as usize, image.width() as usize];
    let (channels, bytes) = match image {
        DynamicImage::ImageLuma8(grey) => (1, grey.into_raw()),
        DynamicImage::ImageRgb8(colour) => (3, colour.into_raw()),
        DynamicImage::ImageLumaA8(_) | DynamicImage::ImageRgba8(_) => {
            let problem = "has transparency, which means nothing here; save it without";
            return Err(DataError::malformed(path, FORMAT, problem));
        }
        _ => {
            let problem = "has 16 bits a channel; save it with 8";
            return Err(DataError::malformed(path, FORMAT, problem));
        }
    };
    Ok(Picture {
        shape: [channels, height, width],
        bytes,
    })
}

fn reader<'a>(path: &Path, stored: &'a [u8]) -> Result<Reader<Cursor<&'a [u8]>>, DataError> {
    let Some(format) = format_of(stored) else {
        let problem = if stored.is_empty() {
            "is empty; take it anew or out of the folder"
        } else {
            "is neither PNG nor JPEG; convert it or take it out of the folder"
        };
        return Err(DataError::malformed(path, FORMAT, problem));
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(WIDEST);
    limits.max_image_height = Some(WIDEST);
    limits.max_alloc = Some(MEMORY);
    let mut reader = Reader::with_format(Cursor::new(stored), format);
    reader.limits(limits);
    Ok(reader)
}

fn damaged(path: &Path, error: &ImageError) -> DataError {
    let said = crate::weights::escape_within(&error.to_string(), 200);
    let problem = format!("cannot be decoded ({said}); take it anew or out of the folder");
    DataError::malformed(path, FORMAT, problem)
}
