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
            Dtype::I8 | Dtype::U8 | Dtype::Bool => 1,
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
            _ => 0.0,
        }
    }

    /// Whether the elements are integers or booleans.
    pub fn is_integer(&self) -> bool {
        !matches!(
            self,
            Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16 | Dtype::Other(_)
        )
    }

    /// What a reader should know about a tensor of this type, if anything.
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
            Dtype::Other(name) => f.write_str(&super::escape::escape(name)),
            known => write!(f, "{known:?}"),
        }
    }
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

    #[test]
    fn names_are_those_of_safetensors() {
        let names: Vec<String> = [
            Dtype::BF16,
            Dtype::U8,
            Dtype::Bool,
            Dtype::Other("F8_E4M3".into()),
        ]
        .iter()
        .map(Dtype::to_string)
        .collect();
        assert_eq!(names, ["BF16", "U8", "BOOL", "F8_E4M3"]);
    }
}
