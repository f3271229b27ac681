//! Numbers to bytes of a stored type.

use super::dtype::Dtype;
use half::{bf16, f16};

/// Rounds numbers to a floating-point type of 16 to 64 bits, little-endian; `None` for other types, and where a finite number
/// is beyond the range of the type.
pub fn encode(dtype: &Dtype, values: &[f64]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(values.len() * dtype.size()?);
    let mut is_finite = true;
    for &x in values {
        match dtype {
            Dtype::F64 => bytes.extend(x.to_le_bytes()),
            Dtype::F32 => {
                let x = x as f32;
                is_finite &= x.is_finite();
                bytes.extend(x.to_le_bytes());
            }
            Dtype::F16 => {
                let x = f16::from_f64(x);
                is_finite &= x.is_finite();
                bytes.extend(x.to_le_bytes());
            }
            Dtype::BF16 => {
                let x = bf16::from_f64(x);
                is_finite &= x.is_finite();
                bytes.extend(x.to_le_bytes());
            }
            _ => return None,
        }
    }
    is_finite.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::weights::Dtype;

    /// Catches rounding to another type, and an overflow that becomes an infinite weight.
    #[test]
    fn numbers_are_rounded_to_the_type() {
        assert_eq!(encode(&Dtype::F32, &[1.5]).unwrap(), 1.5f32.to_le_bytes());
        assert_eq!(encode(&Dtype::BF16, &[1.0]).unwrap(), [0x80, 0x3f]);
        assert_eq!(encode(&Dtype::F16, &[-2.0]).unwrap(), [0x00, 0xc0]);
        assert!(encode(&Dtype::F16, &[1e6]).is_none() && encode(&Dtype::BF16, &[1e6]).is_some());
        assert!(encode(&Dtype::I8, &[1.0]).is_none());
    }
}
