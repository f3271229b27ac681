//! What the same numbers could do: the best fit in the sketched space, and low rank.

use super::{Ensemble, Sketch, SketchError, SketchedLayer};
use crate::linalg::algebra::{energy, product, thin_svd, triangle};
use crate::linalg::singular_values;
use faer::{Mat, MatRef, Par};
use serde::Serialize;

/// Relative errors `‖(W - Ŵ) M‖ / ‖W M‖` at equal numbers of parameters.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BestFit {
    /// Numbers stored.
    pub parameters: usize,
    /// The matrix nearest to W of the form `U₁ᵀ A + B U₂`, A and B free, for the first draw of l pairs.
    pub in_space: Option<f64>,
    /// Its expectation when nothing is known of W: `√((1 - l k/d₁) (1 - l k h w/d₂))`.
    pub null: f64,
    /// The nearest matrix of rank `rank`.
    pub low_rank: Option<f64>,
    /// parameters / (d₁ + d₂), cut.
    pub rank: usize,
}

/// The best that the numbers of `l` pairs of sketches of `k` rows could hold: in the space of the sketches,
/// `‖(I - P₁) W M (I - P₂)‖`, P₁ and P₂ the projections on the rows of all `U₁` and of all `U₂ M`; and
/// by low rank. `None` where W M is 0.
///
/// # Errors
///
/// [`SketchError::TooManyRows`].
pub fn best_fit(
    layer: &SketchedLayer,
    ensemble: Ensemble,
    [k, l]: [usize; 2],
    seed: u64,
) -> Result<BestFit, SketchError> {
    let widths = layer.widths(ensemble, k)?;
    let (d1, d2) = (widths.outputs, widths.inputs);
    let drawn = |mode: u64, rows: usize, d: usize| {
        let draw = move |pair| Sketch::draw(ensemble, rows, d, seed, &[0, pair, mode]);
        (0..l as u64).map(draw)
    };
    let left = span(drawn(1, widths.first, d1).map(|sketch| sketch.dense().transpose().to_owned()));
    let right = drawn(2, widths.second, d2).map(|sketch| layer.activations.sketched(&sketch));
    let right = span(right);
    let rest = outside(layer.outputs.as_ref(), left.as_ref());
    let rest = outside(rest.transpose(), right.as_ref());
    let parameters = l * (widths.first * d2 + widths.second * d1);
    let rank = (parameters / (d1 + d2)).min(d1.min(d2));
    let values = singular_values(layer.outputs.as_ref(), Par::rayon(0)).expect("finite entries");
    let beyond = values.iter().skip(rank).fold(0.0, |sum, s| sum + s * s);
    let whole = layer.energies().outputs;
    let relative = |rest: f64| (whole > 0.0).then(|| (rest / whole).sqrt());
    let free = |rows: usize, d: usize| 1.0 - ((l * rows) as f64 / d as f64).min(1.0);
    Ok(BestFit {
        parameters,
        in_space: relative(energy(rest.as_ref())),
        null: (free(widths.first, d1) * free(widths.second, d2)).sqrt(),
        low_rank: relative(beyond),
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
