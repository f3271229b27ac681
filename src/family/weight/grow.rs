//! From one stage of training to the next.

use super::{Draws, Factor, Slot, TrainedFamily, WeightError, WeightSettings};
use crate::family::product_of_sums::ProductOfSumsSettings;
use crate::family::projected::{Features, ProjectedSettings};
use crate::linalg::Triangle;
use crate::operator::basis::{Basis, Gram};
use faer::{Mat, MatRef};

impl WeightSettings {
    /// The parameters at which this weight continues another one of the same slot, seed and layer, whose settings
    /// and trained `parameters` are given (Wu 2018, section VII).
    ///
    /// A product of sums takes over each factor of the other by least squares in its own terms; where they
    /// contain the other's (the same family, as many terms or more, an identity kept or new), the old
    /// coefficients stay and the others are zero, which is exact. With links these are the values of the
    /// coefficients, as near as the link comes to them; new ones begin where the link has a slope
    /// ([`Link::fresh`](crate::operator::Link::fresh)). A projection takes over the coefficients of
    /// the same features, if it has them all.
    ///
    /// # Errors
    ///
    /// [`WeightError::Grow`] where there is no such way; other [`WeightError`]s when either cannot be made.
    ///
    /// # Panics
    ///
    /// When `parameters` are not as many as those of `from`.
    pub fn grow(
        &self,
        from: &WeightSettings,
        parameters: &[f64],
        slot: &Slot,
        seed: u64,
        layer: u64,
    ) -> Result<Vec<f64>, WeightError> {
        let draws = Draws { seed, layer };
        let refused = |reason| WeightError::Grow {
            from: from.family(),
            to: self.family(),
            reason,
        };
        let count = from.build(slot, seed, layer)?.initial.len();
        let given = parameters.len();
        assert!(given == count, "grow: {given} parameters for {count}");
        self.build(slot, seed, layer)?;
        if self == from {
            return Ok(parameters.to_vec());
        }
        if let (Some(to), Some(from)) = both::<ProductOfSumsSettings>(self, from) {
            let grown = product(to, from, parameters, slot, draws)?;
            return grown.ok_or_else(|| refused("their factors have other sizes"));
        }
        if let (Some(to), Some(from)) = both::<ProjectedSettings>(self, from) {
            let grown = projected(to, from, parameters, slot.rows);
            return grown.ok_or_else(|| refused("it has not all of its features"));
        }
        Err(refused("only products of sums and projections grow"))
    }
}

/// Both settings, each where it is of this family.
fn both<'a, F: TrainedFamily>(
    to: &'a WeightSettings,
    from: &'a WeightSettings,
) -> (Option<&'a F>, Option<&'a F>) {
    (to.get(), from.get())
}

/// Features are the same in the same order, and coefficients lie feature by feature.
fn projected(
    to: &ProjectedSettings,
    from: &ProjectedSettings,
    parameters: &[f64],
    rows: usize,
) -> Option<Vec<f64>> {
    use Features::{Dct, Gaussian, Pixels};
    let nested = matches!(to.basis, Dct | Gaussian | Pixels);
    let contains = nested && to.basis == from.basis && to.features >= from.features;
    contains.then(|| {
        let mut all = parameters.to_vec();
        all.resize(rows * to.features, 0.0);
        all
    })
}

/// Factor by factor; none where their sizes differ.
fn product(
    to: &ProductOfSumsSettings,
    from: &ProductOfSumsSettings,
    parameters: &[f64],
    slot: &Slot,
    draws: Draws,
) -> Result<Option<Vec<f64>>, WeightError> {
    let [to, from] = [to.factors(slot, draws)?, from.factors(slot, draws)?];
    let size = |factor: &Factor| (factor.rows, factor.columns);
    if !to.iter().map(size).eq(from.iter().map(size)) {
        return Ok(None);
    }
    let mut rest = parameters;
    let mut all = Vec::new();
    for (to, from) in to.iter().zip(&from) {
        let (own, others) = rest.split_at(from.terms);
        rest = others;
        all.extend(factor(to, from, own));
    }
    Ok(Some(all))
}

fn factor(to: &Factor, from: &Factor, coefficients: &[f64]) -> Vec<f64> {
    let own = |factor: &Factor| factor.terms - usize::from(factor.residual);
    let identity_kept = to.residual || !from.residual;
    let values: Vec<f64> = coefficients.iter().map(|&a| from.link.value(a)).collect();
    if to.family == from.family && own(to) >= own(from) && identity_kept {
        let largest = values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let fresh = to.link.fresh(largest);
        let mut all = if to.residual && !from.residual {
            vec![fresh]
        } else {
            Vec::new()
        };
        if to.link == from.link {
            all.extend(coefficients)
        } else {
            all.extend(values.iter().map(|&x| to.link.near(x)))
        }
        all.resize(to.terms, fresh);
        return all;
    }
    // the identity of a residual sum has no scale
    let scaled = |factor: &Factor, number: usize| {
        if factor.residual && number == 0 {
            1.0
        } else {
            factor.scale()
        }
    };
    let old = values.iter().enumerate();
    let old: Vec<f64> = old.map(|(k, x)| x * scaled(from, k)).collect();
    let matrix = from.basis().combine(&old);
    let solution = nearest(to.basis().as_ref(), matrix.as_ref());
    let new = solution.iter().enumerate();
    new.map(|(k, b)| to.link.near(b / scaled(to, k))).collect()
}

/// The coefficients of the sum of terms that is nearest to `matrix`: correlations where the terms are
/// orthonormal, else a triangle that takes in the entries strip by strip, so that no more than a few times K²
/// numbers are in memory. `2 K² m n` operations.
fn nearest(basis: &dyn Basis, matrix: MatRef<'_, f64>) -> Vec<f64> {
    let orthonormal = match basis.gram() {
        Gram::Orthonormal => true,
        Gram::RowWise { orthonormal, .. } => orthonormal,
        Gram::Known(_) | Gram::Unknown => false,
    };
    if orthonormal {
        return basis.correlate(matrix);
    }
    let ((m, n), terms) = (basis.shape(), basis.terms());
    let strip = (4 * (terms + 1)).div_ceil(m);
    let mut kept = Mat::zeros(0, terms + 1);
    for start in (0..n).step_by(strip) {
        let columns = start..n.min(start + strip);
        let count = m * columns.len();
        let height = kept.nrows();
        let mut problem = Mat::zeros(height + count, terms + 1);
        problem.subrows_mut(0, height).copy_from(&kept);
        for term in 0..terms {
            let entries = &mut problem.col_as_slice_mut(term)[height..];
            basis.tile(term, 0..m, columns.clone(), entries);
        }
        let right = &mut problem.col_as_slice_mut(terms)[height..];
        let entries = matrix.subcols(start, columns.len());
        let entries = entries.col_iter().flat_map(|c| c.iter());
        right
            .iter_mut()
            .zip(entries)
            .for_each(|(to, from)| *to = *from);
        let triangle = Triangle::of(problem.as_ref());
        kept = Mat::from_fn(terms + 1, terms + 1, |i, j| match (i < terms, j < terms) {
            (true, true) => triangle.r[(i, j)],
            (true, false) => triangle.c[i],
            (false, true) => 0.0,
            (false, false) => triangle.residual_norm,
        });
    }
    Triangle::of(kept.as_ref()).minimiser()
}
