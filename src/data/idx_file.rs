//! One IDX file: its header judged, then exactly the elements that it declares.
//!
//! An IDX file is two zero bytes, a byte for the type (8 for unsigned bytes), a byte for the number
//! of dimensions, each dimension as a big-endian u32, then the elements, last index fastest
//! (LeCun, Cortes, Burges, "The MNIST database of handwritten digits").

use super::error::DataError;
use super::file::{Content, name_of, record};
use super::origin::{FileRecord, Format};
use std::path::Path;

const FORMAT: Format = Format::Idx;
/// Unsigned bytes.
const BYTES: u8 = 8;

/// The header of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) dimensions: Vec<u64>,
    bytes: Vec<u8>,
}

/// Whether these are the first bytes of an IDX file.
pub(super) fn is_idx(head: &[u8]) -> bool {
    matches!(head, [0, 0, 8 | 9 | 11..=14, 1..=8, ..])
}

/// A whole file: exactly the elements that its header declares.
pub(super) fn read(path: &Path, labels: bool) -> Result<(Header, Vec<u8>, FileRecord), DataError> {
    let mut content = Content::open(path)?;
    let header = header(path, &mut content, labels)?;
    // `header` has seen that the product is below the largest content.
    let total: u64 = header.dimensions.iter().product();
    let mut data = content.read(path, FORMAT, total + 1)?;
    let (start, read) = (header.bytes.len() as u64, data.len() as u64);
    if read < total {
        let problem = format!(
            "declares {} and so {total} bytes, but ends after {read}; the file is cut short",
            declared(&header, labels)
        );
        return Err(DataError::malformed(path, FORMAT, problem).at(start + read));
    }
    if read > total {
        let problem = format!(
            "bytes follow the {} that the header declares; the file or its header is damaged",
            declared(&header, labels)
        );
        return Err(DataError::malformed(path, FORMAT, problem).at(start + total));
    }
    data.shrink_to_fit();
    let record = record(name_of(path), &[&header.bytes, &data]);
    Ok((header, data, record))
}

/// Reads and judges what stands before the elements.
pub(super) fn header(
    path: &Path,
    content: &mut Content,
    labels: bool,
) -> Result<Header, DataError> {
    let refuse = |problem: String| DataError::malformed(path, FORMAT, problem);
    let mut bytes = content.read(path, FORMAT, 4)?;
    if bytes.len() < 4 {
        let problem = format!("has {} bytes, too few for an IDX file", bytes.len());
        return Err(refuse(problem));
    }
    if !is_idx(&bytes) {
        let first: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        return Err(refuse(format!(
            "begins with {}, not as an IDX file (00 00 08 03 for images, 00 00 08 01 for labels); \
             take the file anew",
            first.join(" ")
        )));
    }
    let [kind, rank] = [bytes[2], bytes[3]];
    match (labels, rank) {
        (true, 1) | (false, 3 | 4) => {}
        (true, _) => {
            return Err(refuse(format!(
                "holds {rank} dimensions, as images do, where labels are expected; the files are \
                 swapped"
            )));
        }
        (false, 1) => {
            return Err(refuse(
                "holds labels where images are expected; the files are swapped".into(),
            ));
        }
        (false, _) => {
            return Err(refuse(format!(
                "holds {rank} dimensions; images have 3 (count, height, width) or 4 (count, \
                 channels, height, width)"
            )));
        }
    }
    if kind != BYTES {
        return Err(refuse(format!(
            "holds elements of IDX type {kind:#04x}; unsigned bytes (0x08) are read"
        ))
        .at(2));
    }
    let sizes = content.read(path, FORMAT, 4 * u64::from(rank))?;
    bytes.extend(&sizes);
    let dimensions: Vec<u64> = sizes
        .chunks_exact(4)
        .map(|d| u64::from(u32::from_be_bytes([d[0], d[1], d[2], d[3]])))
        .collect();
    if dimensions.len() < usize::from(rank) {
        return Err(
            refuse("ends within its header; the file is cut short".into()).at(bytes.len() as u64),
        );
    }
    let header = Header { dimensions, bytes };
    if header.dimensions.contains(&0) {
        let problem = format!(
            "declares {}; there is nothing in it",
            declared(&header, labels)
        );
        return Err(refuse(problem).at(4));
    }
    if !labels && header.dimensions[1..].iter().any(|&d| d > 1 << 16) {
        let problem = format!("declares {}; images are smaller", declared(&header, labels));
        return Err(refuse(problem).at(8));
    }
    let total = header
        .dimensions
        .iter()
        .try_fold(1u64, |product, &d| product.checked_mul(d));
    if total.is_none_or(|total| total > content.most()) {
        return Err(refuse(format!(
            "declares {}, more than its {} bytes can hold; the file is cut short or its header \
             damaged",
            declared(&header, labels),
            content.stored
        ))
        .at(4));
    }
    Ok(header)
}

pub(super) fn shape(header: &Header) -> [usize; 3] {
    // Each is at most 2¹⁶.
    let sizes: Vec<usize> = header.dimensions[1..].iter().map(|&d| d as usize).collect();
    match sizes[..] {
        [height, width] => [1, height, width],
        [channels, height, width] => [channels, height, width],
        _ => unreachable!("images have 3 or 4 dimensions"),
    }
}

fn declared(header: &Header, labels: bool) -> String {
    let sizes: Vec<String> = header.dimensions.iter().map(u64::to_string).collect();
    if labels {
        format!("{} labels", sizes[0])
    } else {
        format!("{} images of {}", sizes[0], sizes[1..].join("x"))
    }
}

/// Channels, height and width for the eye.
pub(super) fn size([channels, height, width]: [usize; 3]) -> String {
    match channels {
        1 => format!("{height}x{width}"),
        _ => format!("{channels}x{height}x{width}"),
    }
}
