//! Types of stored numbers.

use std::fmt;

use half::{bf16, f16};

/// The type a tensor is stored in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Dtype {
    F64,
    F32,
    F16,
    BF16,
    /// A float of 8 bits, 3 of them behind the point: E4M3 without infinities (`e4m3fn`).
    F8E4M3,
    /// A float of 8 bits, 2 of them behind the point.
    F8E5M2,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    Bool,
    /// A type that is not read, by the name the file gives it.
    Other(String),
}

impl Dtype {
    /// Bytes of one element; `None` for a type that is not read.
    pub fn size(&self) -> Option<usize> {
        Some(match self {
            Dtype::F64 | Dtype::I64 | Dtype::U64 => 8,
            Dtype::F32 | Dtype::I32 | Dtype::U32 => 4,
            Dtype::F16 | Dtype::BF16 | Dtype::I16 | Dtype::U16 => 2,
            Dtype::F8E4M3 | Dtype::F8E5M2 | Dtype::I8 | Dtype::U8 | Dtype::Bool => 1,
            Dtype::Other(_) => return None,
        })
    }

    /// Distance from 1 to the next number of this type; for all but the float types, that of
    /// f64, in which they are analysed.
    pub fn epsilon(&self) -> f64 {
        match self {
            Dtype::F32 => f64::from(f32::EPSILON),
            Dtype::F16 => f16::EPSILON.to_f64(),
            Dtype::BF16 => bf16::EPSILON.to_f64(),
            Dtype::F8E4M3 => 0.125,
            Dtype::F8E5M2 => 0.25,
            _ => f64::EPSILON,
        }
    }

    /// The smallest positive number of a float type, which is also the distance between its smallest ones; 0
    /// for all others.
    pub fn smallest(&self) -> f64 {
        match self {
            Dtype::F64 => f64::from_bits(1),
            Dtype::F32 => f64::from(f32::from_bits(1)),
            Dtype::F16 => f16::from_bits(1).to_f64(),
            Dtype::BF16 => bf16::from_bits(1).to_f64(),
            Dtype::F8E4M3 => e4m3(1),
            Dtype::F8E5M2 => e5m2(1),
            _ => 0.0,
        }
    }

    /// Whether the elements are integers or booleans.
    pub fn is_integer(&self) -> bool {
        !self.is_float() && !matches!(self, Dtype::Other(_))
    }

    /// Returns whether the elements are floating-point numbers.
    pub fn is_float(&self) -> bool {
        matches!(
            self,
            Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16 | Dtype::F8E4M3 | Dtype::F8E5M2
        )
    }

    /// Returns a remark on tensors of this type, if there is one.
    pub(super) fn note(&self) -> Option<String> {
        let rounding = match self {
            Dtype::I64 | Dtype::U64 => "; beyond 2^53 they are rounded",
            _ => "",
        };
        self.is_integer()
            .then(|| format!("stored as {self}: integers taken as numbers{rounding}"))
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dtype::Bool => f.write_str("BOOL"),
            Dtype::F8E4M3 => f.write_str("F8_E4M3"),
            Dtype::F8E5M2 => f.write_str("F8_E5M2"),
            Dtype::Other(name) => f.write_str(&super::escape::escape(name)),
            known => write!(f, "{known:?}"),
        }
    }
}

/// Returns the number that a byte of E4M3 stands for: bias 7, one NaN a sign, no infinity.
pub(super) fn e4m3(byte: u8) -> f64 {
    let (exponent, fraction) = (i32::from(byte >> 3 & 15), f64::from(byte & 7));
    let magnitude = match (exponent, byte & 7) {
        (15, 7) => f64::NAN,
        (0, _) => fraction * (-9_f64).exp2(),
        _ => (8.0 + fraction) * f64::from(exponent - 10).exp2(),
    };
    match byte >> 7 {
        0 => magnitude,
        _ => -magnitude,
    }
}

/// Returns the number that a byte of E5M2 stands for, which is the upper half of one of F16.
pub(super) fn e5m2(byte: u8) -> f64 {
    f16::from_bits(u16::from(byte) << 8).to_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsilon_is_the_gap_above_one() {
        assert_eq!(Dtype::F16.epsilon(), (-10f64).exp2());
        assert_eq!(Dtype::BF16.epsilon(), (-7f64).exp2());
        assert_eq!(Dtype::F32.epsilon(), (-23f64).exp2());
        assert_eq!(Dtype::I8.epsilon(), (-52f64).exp2());
    }

    #[test]
    fn the_smallest_numbers_are_subnormal() {
        assert_eq!(Dtype::F16.smallest(), (-24f64).exp2());
        assert_eq!(Dtype::F32.smallest(), (-149f64).exp2());
        assert_eq!(Dtype::BF16.smallest(), (-133f64).exp2());
        assert_eq!((Dtype::I8.smallest(), Dtype::Bool.smallest()), (0.0, 0.0));
    }

    /// Catches a wrong bias, and infinities where E4M3 has numbers: the values are those of the OCP's table of
    /// 8-bit formats (2023).
    #[test]
    fn eight_bit_floats_have_their_published_values() {
        let table = [(0x08, -6), (0x01, -9), (0x38, 0), (0x40, 1)];
        for (byte, exponent) in table {
            assert_eq!(e4m3(byte), f64::from(exponent).exp2());
        }
        assert_eq!((e4m3(0x7e), e4m3(0xfe)), (448.0, -448.0));
        assert!(e4m3(0x7f).is_nan() && e4m3(0xff).is_nan());
        assert_eq!(e4m3(0x80).to_bits(), (-0.0_f64).to_bits());
        assert_eq!((e5m2(0x7b), e5m2(0x01)), (57344.0, (-16f64).exp2()));
        assert!(e5m2(0x7c).is_infinite() && e5m2(0x7f).is_nan());
        assert_eq!(Dtype::F8E4M3.smallest(), (-9f64).exp2());
    }

    #[test]
    fn names_are_those_of_safetensors() {
        let names: Vec<String> = [
            Dtype::BF16,
            Dtype::U8,
            Dtype::Bool,
            Dtype::F8E4M3,
            Dtype::Other("F4".into()),
        ]
        .iter()
        .map(Dtype::to_string)
        .collect();
        assert_eq!(names, ["BF16", "U8", "BOOL", "F8_E4M3", "F4"]);
    }
}
