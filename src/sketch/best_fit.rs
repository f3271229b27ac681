//! What the same numbers could do: the best fit in the sketched space, and low rank.

use super::memory::reserve;
use super::trial::{FIRST, SECOND};
use super::{Cost, Draws, Sketch, SketchError, SketchedLayer};
use crate::linalg::algebra::{energy, product, thin_svd, triangle};
use crate::linalg::singular_values;
use faer::{Mat, MatRef, Par};
use serde::Serialize;

/// Relative errors `‖(W - Ŵ) M‖ / ‖W M‖` at equal numbers of parameters.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BestFit {
    /// Numbers stored.
    pub parameters: usize,
    /// The matrix nearest to W of the form `U₁ᵀ A + B U₂`, A and B free, for the sketches of the first trial.
    pub in_space: Option<f64>,
    /// The same, root mean square over all W of independent entries: what the space holds of any matrix.
    pub null: Option<f64>,
    /// The nearest matrix of rank `rank`.
    pub low_rank: Option<f64>,
    /// parameters / (d₁ + d₂), cut.
    pub rank: usize,
}

/// Returns the best that the numbers of the pairs of sketches of one trial could hold: in the space of the sketches,
/// `‖(I - P₁) W M (I - P₂)‖`, P₁ and P₂ the projections on the rows of all `U₁` and of all `U₂ M`, for which
/// independent entries leave `(1 - rank P₁/d₁) ‖M (I - P₂)‖² / ‖M‖²`; and by low rank. `None` where W M is 0.
///
/// # Errors
///
/// [`SketchError::TooManyRows`], [`SketchError::Memory`].
pub fn best_fit(layer: &SketchedLayer, draws: &Draws) -> Result<BestFit, SketchError> {
    let Draws {
        ensemble,
        pairs: l,
        seed,
        ..
    } = *draws;
    let widths = layer.widths(ensemble, draws.rows)?;
    let (d1, d2) = (widths.outputs, widths.inputs);
    let (whole, inputs) = (layer.energies().outputs, layer.energies().inputs);
    let parameters = Cost::of(ensemble, &widths, l).parameters;
    let rank = (parameters / (d1 + d2)).min(layer.outputs.nrows().min(layer.outputs.ncols()));
    let relative = |rest: f64, whole: f64| (whole > 0.0).then(|| (rest / whole).sqrt());
    let rows = |mode: u64, k: usize, d: usize| {
        reserve(l.saturating_mul(k).saturating_mul(d).saturating_mul(4))?;
        let draw = move |pair| Sketch::draw(ensemble, k, d, seed, &[0, pair, mode]);
        Ok::<_, SketchError>((0..l as u64).map(draw))
    };
    let left = rows(FIRST, widths.first, d1)?.map(|sketch| sketch.dense().transpose().to_owned());
    let left = span(left);
    // All rows of W are free: nothing is left.
    let (mut rest, mut null) = (0.0, 0.0);
    if left.ncols() < d1 {
        let right = rows(SECOND, widths.second, d2)?.map(|u| layer.activations.sketched(&u));
        let right = span(right);
        let below = outside(layer.outputs.as_ref(), left.as_ref());
        rest = energy(outside(below.transpose(), right.as_ref()).as_ref());
        let met = layer.activations.energy_along(right.as_ref());
        null = (1.0 - left.ncols() as f64 / d1 as f64) * (inputs - met).max(0.0);
    }
    let beyond = if rank < layer.outputs.nrows().min(layer.outputs.ncols()) {
        let values = singular_values(layer.outputs.as_ref(), Par::rayon(0));
        let values = values.expect("finite entries");
        values.iter().skip(rank).map(|s| s * s).sum()
    } else {
        0.0
    };
    Ok(BestFit {
        parameters,
        in_space: relative(rest, whole),
        null: relative(null, inputs),
        low_rank: relative(beyond, whole),
        rank,
    })
}

/// An orthonormal basis of what the columns of these matrices of d rows span, to rounding; by way of a
/// triangle of at most d × d.
fn span(matrices: impl Iterator<Item = Mat<f64>>) -> Mat<f64> {
    let matrices: Vec<Mat<f64>> = matrices.collect();
    let columns: Vec<_> = matrices.iter().flat_map(|m| m.col_iter()).collect();
    let (d, count) = (columns[0].nrows(), columns.len());
    let rows = Mat::from_fn(count, d, |i, j| columns[i][j]);
    let (u, s, _) = thin_svd(triangle(rows.as_ref()).transpose());
    let floor = d.max(count) as f64 * f64::EPSILON * s[0];
    let rank = s.iter().take_while(|s| **s > floor).count();
    u.subcols(0, rank).to_owned()
}

/// `(I - Q Qᵀ) X`.
fn outside(x: MatRef<'_, f64>, q: MatRef<'_, f64>) -> Mat<f64> {
    x - product(q, product(q.transpose(), x).as_ref())
}
