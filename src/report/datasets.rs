//! Data sets to a table and to a sheet of pictures.

use super::table::Rows;
use crate::data::{Content, DIGITS_TEST, DIGITS_TRAIN, Dataset, Found, Samples};
use crate::weights::escape;
use console::Style;

/// One row a data set, the generated one first.
pub fn data_table(found: &[Found], colours: bool) -> String {
    let header = ["name", "format", "train", "test", "shape", "bytes", ""];
    let mut rows = Rows::new(&header, 2, 6);
    let words = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    let numbers = |train: usize, test: usize, shape: [usize; 3], bytes: u64| {
        let bytes = if bytes == 0 {
            String::new()
        } else {
            bytes.to_string()
        };
        [train.to_string(), test.to_string(), size(shape), bytes]
    };
    let mut row = words(["digits", "generated"]);
    row.extend(numbers(DIGITS_TRAIN, DIGITS_TEST, [1, 28, 28], 0));
    row.push("drawn when it is asked for".into());
    rows.add(row, Style::new());
    for set in found {
        let mut row = words([&escape(&set.name), &set.format.to_string()]);
        let style = match &set.content {
            Content::Sound {
                train,
                test,
                shape,
                bytes,
            } => {
                row.extend(numbers(*train, *test, *shape, *bytes));
                row.push(escape(&set.path.to_string_lossy()));
                Style::new()
            }
            Content::Broken { problem } => {
                row.extend(std::iter::repeat_n(String::new(), 4));
                row.push(problem.clone());
                Style::new().red()
            }
        };
        rows.add(row, style);
    }
    rows.show(colours)
}

fn size([channels, height, width]: [usize; 3]) -> String {
    match channels {
        1 => format!("{height}x{width}"),
        _ => format!("{channels}x{height}x{width}"),
    }
}

/// Samples to train on as a PNG file: a row a class, in the order of the labels, `columns` samples of
/// each. Of floats the least is black and the largest white.
///
/// # Errors
///
/// When the picture cannot be encoded.
pub fn sample_sheet(set: &Dataset, columns: usize) -> Result<Vec<u8>, png::EncodingError> {
    const GAP: usize = 1;
    let samples = &set.train;
    let [channels, height, width] = samples.shape;
    let [across, down] = [width + GAP, height + GAP];
    let [sheet_width, sheet_height] = [columns * across + GAP, set.classes * down + GAP];
    let mut sheet = vec![96_u8; sheet_width * sheet_height * 3];
    let mut shown = vec![0; set.classes];
    let (least, most) = range(samples);
    let scale = 255.0 / (most - least).max(f64::MIN_POSITIVE);
    let mut sample = vec![0.0; samples.features()];
    for (index, &label) in samples.labels.iter().enumerate() {
        let (row, column) = (usize::from(label), shown[usize::from(label)]);
        if column == columns {
            continue;
        }
        shown[row] += 1;
        samples.sample_into(index, &mut sample);
        for (pixel, x) in sample.iter().enumerate() {
            let (channel, place) = (pixel / (height * width), pixel % (height * width));
            let (y, x_place) = (place / width, place % width);
            let at = (row * down + GAP + y) * sheet_width + column * across + GAP + x_place;
            let level = ((x - least) * scale).round() as u8;
            match channels {
                3 => sheet[at * 3 + channel] = level,
                // Other numbers of channels are shown by their first.
                _ if channel == 0 => sheet[at * 3..at * 3 + 3].fill(level),
                _ => {}
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, sheet_width as u32, sheet_height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&sheet)?;
    writer.finish()?;
    Ok(bytes)
}

/// What is black and what is white.
fn range(samples: &Samples) -> (f64, f64) {
    match &samples.pixels {
        crate::data::Pixels::Bytes(_) => (0.0, 255.0),
        crate::data::Pixels::Floats(floats) => floats
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &x| {
                (least.min(f64::from(x)), most.max(f64::from(x)))
            }),
    }
}
