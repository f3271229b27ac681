//! Pictures that leave the program, drawn by plotters: SVG and PNG. An analysis has three a layer
//! and one of all, a comparison one or two a tensor, a fit one a matrix; those of trainings and
//! studies are figures.

mod axes;
mod comparison;
mod course;
mod density;
mod families;
mod figure;
mod frame;
mod joined;
mod key;
mod overview;
mod pack;
mod palette;
mod product;
mod ratio;
mod scale;
mod sisters;
mod sketch;
mod tail;
mod ticks;

use std::sync::OnceLock;

use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, SVGBackend, WHITE};
use plotters::style::FontStyle;
use rayon::prelude::*;

use crate::report::text::{escape_markup, shown_name};
use crate::spectrum::{Analysis, Layer, LayerSpectrum};
pub use comparison::{TensorPictures, comparison_pictures};
pub use families::family_pictures;
pub use figure::figure_pictures;
use frame::{Canvas, Drawn, FAMILY, HEIGHT, WIDTH};
pub use product::{MatrixPicture, product_pictures};
pub use sketch::sketch_pictures;

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

/// The pictures of an analysis.
#[derive(Debug)]
pub struct Pictures {
    /// File name and content, in order of name. A layer's files carry its number, from 1 in the
    /// order of the analysis, as in `layer-003-density.svg`; names of tensors never become paths.
    pub files: Vec<(String, Vec<u8>)>,
    /// How many layers have pictures.
    pub pictured: usize,
    /// How many analysed layers have none, because of the limit or because their values are beyond
    /// 10^±100.
    pub left_out: usize,
}

/// Density, tail and ratio of at most `most_layers` layers, and the overview of all, each as SVG
/// and PNG. With more layers than that, those farthest from random (by `mean_distance`) are
/// drawn. The same analysis gives the same bytes.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn pictures(analysis: &Analysis, most_layers: usize) -> Result<Pictures, PlotError> {
    register_font()?;
    let spectra = analysis.rows.iter().map(|layer| layer.spectrum.as_ref());
    let analyzed = spectra.flatten().count();
    let mut chosen: Vec<usize> = (0..analysis.rows.len())
        .filter(|&i| analysis.rows[i].spectrum.as_ref().is_some_and(drawable))
        .collect();
    let distance = |i: usize| -> f64 {
        let spectrum = analysis.rows[i].spectrum.as_ref();
        let distance = spectrum
            .and_then(|s| s.random_baseline.as_ref())
            .map(|b| b.mean_distance);
        distance.filter(|d| d.is_finite()).unwrap_or(0.0)
    };
    // The sort is stable: of equally distant layers the first are kept.
    chosen.sort_by(|&i, &j| distance(j).total_cmp(&distance(i)));
    chosen.truncate(most_layers);
    chosen.sort_unstable();

    let digits = analysis.rows.len().to_string().len().max(3);
    let mut files: Vec<(String, Vec<u8>)> = chosen
        .par_iter()
        .map(|&i| layer_files(&analysis.rows[i], i + 1, digits))
        .collect::<Result<Vec<_>, _>>()?
        .concat();
    if analyzed > 1 {
        files.extend(both(
            "overview",
            "All layers in file order",
            &Overview(analysis),
        )?);
    }
    Ok(Pictures {
        files,
        pictured: chosen.len(),
        left_out: analyzed - chosen.len(),
    })
}

/// Whether values and eigenvalues are in a range in which plotters finds its ticks: it does not
/// end for subnormal ones.
fn drawable(spectrum: &LayerSpectrum) -> bool {
    (1e-100..1e100).contains(&spectrum.spectral_norm) || spectrum.spectral_norm == 0.0
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

/// Something that can be drawn on any of plotters' backends.
trait Picture {
    /// Draws it.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB>;
}

struct Overview<'a>(&'a Analysis);
struct Density<'a>(&'a LayerSpectrum, &'a str);
struct Tail<'a>(&'a LayerSpectrum, &'a str);
struct Ratio<'a>(&'a LayerSpectrum, &'a str);

impl Picture for Overview<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        overview::draw(canvas, self.0)
    }
}
impl Picture for Density<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        density::draw(canvas, self.0, self.1)
    }
}
impl Picture for Tail<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        tail::draw(canvas, self.0, self.1)
    }
}
impl Picture for Ratio<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        ratio::draw(canvas, self.0, self.1)
    }
}

fn layer_files(
    layer: &Layer,
    position: usize,
    digits: usize,
) -> Result<Vec<(String, Vec<u8>)>, PlotError> {
    let Some(spectrum) = &layer.spectrum else {
        return Ok(vec![]);
    };
    let name = format!("{position} {}", shown_name(&layer.name));
    let stem = |what: &str| format!("layer-{position:0digits$}-{what}");
    let mut files = Vec::new();
    if density::is_drawable(spectrum) {
        let title = format!("Layer {name}: density of singular values");
        files.extend(both(&stem("density"), &title, &Density(spectrum, &name))?);
    }
    if ratio::is_drawable(spectrum) {
        let title = format!("Layer {name}: ratio to random matrices, order by order");
        files.extend(both(&stem("ratio"), &title, &Ratio(spectrum, &name))?);
    }
    if tail::is_drawable(spectrum) {
        let title = format!("Layer {name}: tail of the eigenvalues");
        files.extend(both(&stem("tail"), &title, &Tail(spectrum, &name))?);
    }
    Ok(files)
}

/// A picture as PNG and as SVG.
fn both(
    stem: &str,
    title: &str,
    picture: &impl Picture,
) -> Result<[(String, Vec<u8>); 2], PlotError> {
    let (png_name, svg_name) = (format!("{stem}.png"), format!("{stem}.svg"));
    let png = png_bytes(&png_name, picture)?;
    let svg = svg_text(&svg_name, title, picture)?;
    Ok([(png_name, png), (svg_name, svg.into_bytes())])
}

/// Draws on a fresh white area.
fn draw_on<DB: DrawingBackend>(backend: DB, scale: u32, picture: &impl Picture) -> Drawn<DB> {
    let area = backend.into_drawing_area();
    area.fill(&WHITE)?;
    picture.draw(&Canvas::new(area.clone(), scale))?;
    area.present()
}

fn drawing_error(file_name: &str) -> impl FnOnce(String) -> PlotError {
    let file_name = file_name.to_owned();
    move |message| PlotError::Drawing { file_name, message }
}

fn svg_text(file_name: &str, title: &str, picture: &impl Picture) -> Result<String, PlotError> {
    let mut text = String::new();
    draw_on(
        SVGBackend::with_string(&mut text, (WIDTH, HEIGHT)),
        1,
        picture,
    )
    .map_err(|error| drawing_error(file_name)(error.to_string()))?;
    // plotters gives its pictures no title, which is what a screen reader says of them.
    let named = format!("<svg role=\"img\" aria-label=\"{}\" ", escape_markup(title));
    Ok(text.replacen("<svg ", &named, 1))
}

fn png_bytes(file_name: &str, picture: &impl Picture) -> Result<Vec<u8>, PlotError> {
    let (width, height) = (WIDTH * PNG_SCALE, HEIGHT * PNG_SCALE);
    let mut pixels = vec![0; (width * height * 3) as usize];
    draw_on(
        BitMapBackend::with_buffer(&mut pixels, (width, height)),
        PNG_SCALE,
        picture,
    )
    .map_err(|error| drawing_error(file_name)(error.to_string()))?;
    pack::packed(&pixels, width, height).map_err(|source| PlotError::Png {
        file_name: file_name.to_owned(),
        source,
    })
}
