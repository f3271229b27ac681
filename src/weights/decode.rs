//! Bytes of a file to f64 in row-major order.

use std::io::Read;

use half::{bf16, f16};

use super::dtype::{Dtype, e4m3, e5m2};
use super::error::Fault;
use super::input::read_bytes;
use super::tensor::{Layout, TensorInfo};

/// Bytes decoded at a time.
const CHUNK: usize = 1 << 16;

/// Reads the elements of `info`; `reader` stands at the first.
///
/// Memory: the result, and for a strided layout the stored elements beside it.
pub(super) fn decode(reader: &mut impl Read, info: &TensorInfo) -> Result<Vec<f64>, Fault> {
    let Some(size) = info.dtype.size() else {
        return Err(Fault::unsupported(format!(
            "type {} is not read",
            info.dtype
        )));
    };
    let count = info.len();
    let mut data = Vec::new();
    if count == 0 {
        return Ok(data);
    }
    data.try_reserve_exact(count)
        .map_err(|_| Fault::memory((count as u64).saturating_mul(8)))?;
    match &info.layout {
        Layout::RowMajor => {
            let mut chunk = [0; CHUNK];
            let mut left = count * size;
            while left > 0 {
                let part = &mut chunk[..left.min(CHUNK)];
                reader.read_exact(part)?;
                widen(&info.dtype, info.big_endian, part, &mut data);
                left -= part.len();
            }
        }
        Layout::Strided { strides, extent } => {
            let stored = read_bytes(reader, (*extent as u64) * (size as u64))?;
            gather(&stored, size, &info.shape, strides, |row| {
                widen(&info.dtype, info.big_endian, row, &mut data);
            });
        }
    }
    if info.negated {
        data.iter_mut().for_each(|x| *x = -*x);
    }
    Ok(data)
}

/// Hands the rows (last dimension) of a strided tensor to `row`, in row-major order.
fn gather(
    stored: &[u8],
    size: usize,
    shape: &[usize],
    strides: &[usize],
    mut row: impl FnMut(&[u8]),
) {
    let outer = shape.len() - 1;
    let (width, step) = (shape[outer], strides[outer]);
    let rows: usize = shape[..outer].iter().product();
    let mut index = vec![0; outer];
    let mut start = 0;
    let mut bytes = Vec::with_capacity(CHUNK);
    for _ in 0..rows {
        for column in 0..width {
            let at = (start + column * step) * size;
            bytes.extend_from_slice(&stored[at..at + size]);
            if bytes.len() >= CHUNK {
                row(&bytes);
                bytes.clear();
            }
        }
        for axis in (0..outer).rev() {
            index[axis] += 1;
            start += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            start -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    row(&bytes);
}

/// Appends whole elements of `dtype` to `data`.
fn widen(dtype: &Dtype, big_endian: bool, bytes: &[u8], data: &mut Vec<f64>) {
    let big = big_endian;
    match dtype {
        Dtype::F64 => each(bytes, big, data, f64::from_le_bytes),
        Dtype::F32 => each(bytes, big, data, |b| f64::from(f32::from_le_bytes(b))),
        Dtype::F16 => each(bytes, big, data, |b| f16::from_le_bytes(b).to_f64()),
        Dtype::BF16 => each(bytes, big, data, |b| bf16::from_le_bytes(b).to_f64()),
        Dtype::F8E4M3 => each(bytes, big, data, |[b]| e4m3(b)),
        Dtype::F8E5M2 => each(bytes, big, data, |[b]| e5m2(b)),
        Dtype::I64 => each(bytes, big, data, |b| i64::from_le_bytes(b) as f64),
        Dtype::I32 => each(bytes, big, data, |b| f64::from(i32::from_le_bytes(b))),
        Dtype::I16 => each(bytes, big, data, |b| f64::from(i16::from_le_bytes(b))),
        Dtype::I8 => each(bytes, big, data, |b| f64::from(i8::from_le_bytes(b))),
        Dtype::U64 => each(bytes, big, data, |b| u64::from_le_bytes(b) as f64),
        Dtype::U32 => each(bytes, big, data, |b| f64::from(u32::from_le_bytes(b))),
        Dtype::U16 => each(bytes, big, data, |b| f64::from(u16::from_le_bytes(b))),
        Dtype::U8 => each(bytes, big, data, |[b]| f64::from(b)),
        Dtype::Bool => each(bytes, big, data, |[b]| f64::from(u8::from(b != 0))),
        // `decode` has refused it.
        Dtype::Other(_) => {}
    }
}

fn each<const N: usize>(
    bytes: &[u8],
    big_endian: bool,
    data: &mut Vec<f64>,
    value: impl Fn([u8; N]) -> f64,
) {
    let (elements, _) = bytes.as_chunks::<N>();
    if big_endian {
        data.extend(elements.iter().map(|element| {
            let mut element = *element;
            element.reverse();
            value(element)
        }));
    } else {
        data.extend(elements.iter().map(|element| value(*element)));
    }
}
