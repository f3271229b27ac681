//! NumPy's type strings.

use super::dtype::Dtype;
use super::escape::escape;

/// Returns the type that NumPy's type string names, as `<f4` (byte order, kind, bytes), and whether its bytes are
/// big-endian.
#[must_use]
pub fn parse_descr(descr: &str) -> (Dtype, bool) {
    let (order, kind) = match descr.as_bytes() {
        [order @ (b'<' | b'>' | b'=' | b'|'), ..] => (*order, &descr[1..]),
        _ => (b'|', descr),
    };
    let dtype = match kind {
        "f8" => Dtype::F64,
        "f4" => Dtype::F32,
        "f2" => Dtype::F16,
        "i8" => Dtype::I64,
        "i4" => Dtype::I32,
        "i2" => Dtype::I16,
        "i1" => Dtype::I8,
        "u8" => Dtype::U64,
        "u4" => Dtype::U32,
        "u2" => Dtype::U16,
        "u1" => Dtype::U8,
        "b1" | "?" => Dtype::Bool,
        _ => Dtype::Other(descr.to_owned()),
    };
    (dtype, order == b'>')
}

/// Returns whether arrays of this type hold text or dates.
pub(super) fn is_words(dtype: &Dtype) -> bool {
    let Dtype::Other(descr) = dtype else {
        return false;
    };
    let kind = descr
        .trim_start_matches(['<', '>', '=', '|'])
        .bytes()
        .next();
    matches!(kind, Some(b'U' | b'S' | b'a' | b'M' | b'm'))
}

/// Returns why arrays of this type are not read; `None` where they are.
pub(super) fn unreadable(dtype: &Dtype) -> Option<String> {
    let Dtype::Other(descr) = dtype else {
        return None;
    };
    let kind = descr.trim_start_matches(['<', '>', '=', '|']);
    let what = match kind.as_bytes().first() {
        Some(b'O') => {
            return Some(format!(
                "type '{}' holds Python objects, which only running a pickle can restore; save \
                 again with numpy.asarray(a, dtype=numpy.float32)",
                escape(descr)
            ));
        }
        Some(b'U' | b'S' | b'a') => "strings",
        Some(b'M' | b'm') => "dates or times",
        Some(b'[' | b'(') => "records",
        Some(b'V') => "raw bytes (which may be bfloat16: save them as float32)",
        Some(b'c') => "complex numbers",
        Some(b'f') => "floats of another width",
        _ => "an unknown type",
    };
    Some(format!(
        "type '{}' is {what}; f2, f4, f8, i1 to i8, u1 to u8 and b1 are read",
        escape(descr)
    ))
}
