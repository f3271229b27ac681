//! Pixels packed as PNG with a palette, in half the bytes that full colours take.

use std::collections::HashMap;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, FilterType};

type Rgb = [u8; 3];

/// Colours of a palette.
const COLORS: usize = 64;

/// Returns `pixels`, three bytes each, as PNG. The 64 most frequent colours are kept as they are, and others become the
/// nearest of them: shades at the edges of letters.
pub(super) fn packed(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, EncodingError> {
    let (pixels, _) = pixels.as_chunks::<3>();
    let mut counts: HashMap<Rgb, usize> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut colors: Vec<(usize, Rgb)> = counts.into_iter().map(|(c, count)| (count, c)).collect();
    colors.sort_unstable_by(|a, b| b.cmp(a));
    let colors: Vec<Rgb> = colors.into_iter().map(|(_, color)| color).collect();
    let kept = &colors[..colors.len().min(COLORS)];
    let places: HashMap<Rgb, u8> = colors.iter().map(|c| (*c, nearest(kept, *c))).collect();
    let indices: Vec<u8> = pixels.iter().map(|pixel| places[pixel]).collect();

    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(kept.concat());
    // Flat colours pack best unfiltered.
    encoder.set_compression(Compression::Best);
    encoder.set_filter(FilterType::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indices)?;
    writer.finish()?;
    Ok(bytes)
}

/// Returns the place of the color in `palette` that is nearest to `color`, the first where several are.
fn nearest(palette: &[Rgb], color: Rgb) -> u8 {
    let distance = |other: &Rgb| -> u32 {
        let squares = color
            .iter()
            .zip(other)
            .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2));
        squares.sum()
    };
    let best = palette
        .iter()
        .enumerate()
        .min_by_key(|(_, other)| distance(other));
    best.map_or(0, |(place, _)| place as u8)
}

#[cfg(test)]
mod tests {
    use super::packed;

    /// Would catch a frequent color that is changed, a rare one that is not near, and bytes that differ from call to call.
    #[test]
    fn frequent_colors_are_kept() {
        // 80 shades, the first ten of them often.
        let color = |i: usize| [3 * i as u8, 3 * i as u8, 200];
        let pixels: Vec<u8> = (0..80)
            .flat_map(|i| std::iter::repeat_n(color(i), if i < 10 { 30 } else { 1 }))
            .flatten()
            .collect();
        let count = pixels.len() as u32 / 3;
        let bytes = packed(&pixels, count, 1).unwrap();
        assert_eq!(bytes, packed(&pixels, count, 1).unwrap());
        let mut decoder = png::Decoder::new(bytes.as_slice());
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut read = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut read).unwrap();
        assert_eq!(read[..900], pixels[..900]);
        let far = read.iter().zip(&pixels).map(|(a, b)| a.abs_diff(*b));
        assert!(far.max().unwrap() < 30);
    }
}
