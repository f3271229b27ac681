//! Figures as files, drawn by plotters: SVG and PNG.

mod canvas;
mod clip;
mod figure;
mod joined;
mod key;
mod pack;
mod palette;
mod panel;
mod ticks;

use std::sync::OnceLock;

use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, SVGBackend, WHITE};
use plotters::style::FontStyle;
use rayon::prelude::*;

use crate::report::figure::Figure;
use crate::report::text::escape_markup;
use canvas::{Canvas, Drawn, FAMILY, HEIGHT, WIDTH};
use joined::joined;

/// Layers that get pictures unless asked otherwise; the page draws all of them.
pub const PICTURED_LAYERS: usize = 16;

/// Pixels of a PNG for one unit of the SVG.
const PNG_SCALE: u32 = 2;

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The font of the pictures is damaged.
    #[error("the font built into this program cannot be read; build it again")]
    Font,
    /// Drawing failed.
    #[error("the picture {file_name} cannot be drawn: {message}")]
    Drawing {
        /// The picture.
        file_name: String,
        /// What plotters says.
        message: String,
    },
    /// The pixels could not be packed as PNG.
    #[error("the picture {file_name} cannot be written as PNG")]
    Png {
        /// The picture.
        file_name: String,
        /// What the encoder says.
        source: png::EncodingError,
    },
}

/// Draws each figure that has a point as PNG and SVG, named after its stem. The same figures give the same bytes.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn figure_pictures(figures: &[Figure]) -> Result<Vec<(String, Vec<u8>)>, PlotError> {
    register_font()?;
    let drawn = figures.par_iter().filter(|figure| figure.is_drawable());
    let files = drawn.map(|figure| {
        let [png, svg] = ["png", "svg"].map(|ending| format!("{}.{ending}", figure.stem));
        let bytes = [
            png_bytes(&png, figure)?,
            svg_text(&svg, figure)?.into_bytes(),
        ];
        Ok([png, svg].into_iter().zip(bytes).collect::<Vec<_>>())
    });
    Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
}

/// plotters lays text out by a font of ours, so that pictures are the same on every machine.
fn register_font() -> Result<(), PlotError> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let bytes: &'static [u8] = include_bytes!("DejaVuSans-subset.ttf");
    let register = || plotters::style::register_font(FAMILY, FontStyle::Normal, bytes).is_ok();
    if *DONE.get_or_init(register) {
        Ok(())
    } else {
        Err(PlotError::Font)
    }
}

/// Draws on a fresh white area.
fn draw_on<DB: DrawingBackend>(backend: DB, scale: u32, figure: &Figure) -> Drawn<DB> {
    let area = backend.into_drawing_area();
    area.fill(&WHITE)?;
    figure::draw(figure, &Canvas::new(area.clone(), scale))?;
    area.present()
}

fn drawing_error(file_name: &str) -> impl FnOnce(String) -> PlotError {
    let file_name = file_name.to_owned();
    move |message| PlotError::Drawing { file_name, message }
}

fn svg_text(file_name: &str, figure: &Figure) -> Result<String, PlotError> {
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, (WIDTH, HEIGHT));
    draw_on(backend, 1, figure).map_err(|error| drawing_error(file_name)(error.to_string()))?;
    // plotters gives its pictures no title, which is what a screen reader says of them.
    let title = escape_markup(&figure.title);
    let named = format!("<svg role=\"img\" aria-label=\"{title}\" ");
    Ok(joined(&text.replacen("<svg ", &named, 1)))
}

fn png_bytes(file_name: &str, figure: &Figure) -> Result<Vec<u8>, PlotError> {
    let (width, height) = (WIDTH * PNG_SCALE, HEIGHT * PNG_SCALE);
    let mut pixels = vec![0; (width * height * 3) as usize];
    let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
    draw_on(backend, PNG_SCALE, figure)
        .map_err(|error| drawing_error(file_name)(error.to_string()))?;
    pack::packed(&pixels, width, height).map_err(|source| PlotError::Png {
        file_name: file_name.to_owned(),
        source,
    })
}
