//! How a picture is turned to stand upright: the orientation that a camera notes in its EXIF data (CIPA DC-008, tag 0x0112).

use exif::{In, Reader, Tag};
use image::DynamicImage;
use std::io::Cursor;

/// One of the eight ways in which a picture can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u32);

impl Orientation {
    /// Reads the orientation of a PNG or JPEG file; upright where the file tells none, or none that there is.
    pub(super) fn of(stored: &[u8]) -> Orientation {
        // A field that is damaged leaves the others.
        let read = Reader::new()
            .continue_on_error(true)
            .read_from_container(&mut Cursor::new(stored))
            .or_else(|error| error.distill_partial_result(|_| {}));
        let told = read.ok().and_then(|exif| {
            let field = exif.get_field(Tag::Orientation, In::PRIMARY)?;
            field.value.get_uint(0)
        });
        Orientation(told.filter(|told| (1..=8).contains(told)).unwrap_or(1))
    }

    /// Returns the height and width of the upright picture from those of the stored one.
    pub(super) fn size(self, [height, width]: [usize; 2]) -> [usize; 2] {
        match self.0 {
            5..=8 => [width, height],
            _ => [height, width],
        }
    }

    /// Turns and mirrors the stored picture until it is upright.
    pub(super) fn upright(self, stored: DynamicImage) -> DynamicImage {
        match self.0 {
            2 => stored.fliph(),
            3 => stored.rotate180(),
            4 => stored.flipv(),
            5 => stored.rotate90().fliph(),
            6 => stored.rotate90(),
            7 => stored.rotate270().fliph(),
            8 => stored.rotate270(),
            _ => stored,
        }
    }
}
