//! The figures of a comparison: for each tensor its ratios, and on a tracked run their trajectory.

use super::{sisters::sisters, stem, trajectory::trajectory};
use crate::report::figure::Figure;
use crate::report::tensors::tensors;
use crate::spectrum::Comparison;

/// Returns for every tensor with an analysed pair its `ratios`, order by order, of each OTHER to random matrices R; for a
/// tracked run also the `course` of the numbers over the checkpoints. Stems carry the tensor's place in ONE among those asked
/// for, from 1, as in `tensor-003-ratios`.
pub fn comparison_figures(comparison: &Comparison) -> Vec<Figure> {
    let tensors = tensors(comparison);
    let track = comparison.settings.track;
    let mut figures = Vec::new();
    for tensor in &tensors {
        let name = format!("{} {}", tensor.number, tensor.name());
        let drawn = [
            ("ratios", sisters(tensor, track)),
            ("course", track.then(|| trajectory(tensor))),
        ];
        for (what, figure) in drawn {
            if let Some(mut figure) = figure.filter(Figure::is_drawable) {
                figure.stem = stem("tensor", tensor.number, tensors.len(), what);
                figure.title += &name;
                figures.push(figure);
            }
        }
    }
    figures
}
