//! The pictures of a comparison: for each tensor its ratios, and on a tracked run their course.

use plotters::prelude::DrawingBackend;
use rayon::prelude::*;

use super::frame::{Canvas, Drawn};
use super::{Picture, PlotError, both, course, register_font, sisters};
use crate::report::tensors::{Tensor, tensors};
use crate::spectrum::Comparison;

/// The pictures of one tensor's pairs.
#[derive(Debug)]
pub struct TensorPictures {
    /// Place of the tensor in ONE among those asked for, from 1.
    pub number: usize,
    /// File name and content. Names carry the tensor's number, as in `tensor-003-ratios.svg`;
    /// names of tensors never become paths.
    pub files: Vec<(String, Vec<u8>)>,
}

/// As SVG and PNG, for every tensor with an analysed pair: `ratios`, order by order, of each
/// OTHER to random matrices R; for a tracked run also the `course` of the numbers over the
/// checkpoints. The same comparison gives the same bytes.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn comparison_pictures(comparison: &Comparison) -> Result<Vec<TensorPictures>, PlotError> {
    register_font()?;
    let tensors = tensors(comparison);
    let digits = tensors.len().to_string().len().max(3);
    tensors
        .par_iter()
        .map(|tensor| files(tensor, comparison.settings.track, digits))
        .collect()
}

struct Ratios<'a>(&'a Tensor<'a>, bool);
struct Course<'a>(&'a Tensor<'a>);

impl Picture for Ratios<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        sisters::draw(canvas, self.0, self.1)
    }
}
impl Picture for Course<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        course::draw(canvas, self.0)
    }
}

fn files(tensor: &Tensor<'_>, track: bool, digits: usize) -> Result<TensorPictures, PlotError> {
    let number = tensor.number;
    let name = tensor.name();
    let stem = |what: &str| format!("tensor-{number:0digits$}-{what}");
    let mut files = Vec::new();
    if sisters::is_drawable(tensor) {
        let title = format!("Tensor {number} {name}: ratio to random matrices, order by order");
        files.extend(both(&stem("ratios"), &title, &Ratios(tensor, track))?);
    }
    if track && course::is_drawable(tensor) {
        let title = format!("Tensor {number} {name}: its numbers over the checkpoints");
        files.extend(both(&stem("course"), &title, &Course(tensor))?);
    }
    Ok(TensorPictures { number, files })
}
