//! The pixels of an image in order of frequency.

use serde::{Deserialize, Serialize};

/// Height and width of the images that a layer's inputs are, stored row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
}

/// All (vertical, horizontal) frequencies by their sum, as JPEG orders them: down one diagonal, up
/// the next.
#[must_use]
pub fn zig_zag(image: Image) -> Vec<(usize, usize)> {
    let Image { height, width } = image;
    let mut order = Vec::with_capacity(height * width);
    for sum in 0..(height + width).saturating_sub(1) {
        let first = (sum + 1).saturating_sub(width);
        let rows = first..height.min(sum + 1);
        let diagonal = rows.map(|y| (y, sum - y));
        match sum % 2 {
            0 => order.extend(diagonal.rev()),
            _ => order.extend(diagonal),
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first ten of an 8 × 8 block in the JPEG standard (T.81, figure 5), and every frequency
    /// once: catches a diagonal run the wrong way.
    #[test]
    fn as_in_jpeg() {
        let order = zig_zag(Image {
            height: 8,
            width: 8,
        });
        let numbers: Vec<usize> = order.iter().map(|(y, x)| 8 * y + x).collect();
        assert_eq!(numbers[..10], [0, 1, 8, 16, 9, 2, 3, 10, 17, 24]);
        for (height, width) in [(1, 1), (1, 5), (4, 1), (3, 7), (6, 2)] {
            let order = zig_zag(Image { height, width });
            assert!(order.is_sorted_by_key(|(y, x)| y + x));
            let mut numbers: Vec<usize> = order.iter().map(|(y, x)| y * width + x).collect();
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(0..height * width));
        }
    }
}
