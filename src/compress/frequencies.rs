//! The lowest frequencies of a layer's rows: patches and images are smooth, so that few say nearly all.
//!
//! `Ŵ = W C Bᵀ (B C Bᵀ)⁻¹ B`, the rows of `B` two-dimensional cosines of one channel each, the lowest frequencies first.

use super::cosines::basis;
use super::solve::solve;
use super::{Family, Fit, Moment, Size, Sizes, Stored};
use crate::linalg::algebra::multiply;
use faer::{Mat, MatRef};
use rayon::prelude::*;

pub(super) fn stored(sizes: &Sizes, size: Size) -> Stored {
    let numbers = (sizes.m * size.size) as u64;
    Stored {
        numbers,
        indices: 0,
        macs: numbers + (sizes.n * size.size) as u64,
    }
}

pub(super) fn sizes(sizes: &Sizes) -> Vec<Size> {
    let counts = sizes.grid.map(|_| super::counts::falling(sizes.n));
    let counts = counts.into_iter().flatten();
    counts.map(|count| Size::new(Family::Dct, count)).collect()
}

/// Returns the fits of these sizes.
pub(super) fn fits(
    w: MatRef<'_, f64>,
    moment: &Moment,
    sizes: &Sizes,
    wanted: &[Size],
) -> Vec<Option<Fit>> {
    let Some(grid) = sizes.grid else {
        return vec![None; wanted.len()];
    };
    let seen = moment.seen(w);
    let fit = |size: &Size| {
        let basis = basis(grid, size.size);
        let (m, k) = (w.nrows(), size.size);
        let square = moment.energy(basis.as_ref());
        let mut right = Mat::zeros(k, m);
        multiply(right.as_mut(), basis.as_ref(), seen.as_ref().transpose());
        solve(square.as_ref(), right.as_mut())?;
        Some(Fit::Dct {
            values: right.transpose().to_owned(),
            grid,
        })
    };
    wanted.par_iter().map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::super::cosines::basis;
    use super::super::{Family, Fit, Moment, Size, Sizes};
    use super::fits;
    use crate::linalg::algebra::product;
    use crate::random::Stream;
    use faer::Mat;

    /// Would catch coefficients that are not found again where rows are made of low frequencies.
    #[test]
    fn planted_frequencies_come_back() {
        let mut stream = Stream::new(10, &[1]);
        let grid = [1, 5, 5];
        let planted = Mat::from_fn(4, 6, |_, _| stream.normal());
        let w = product(planted.as_ref(), basis(grid, 6).as_ref());
        let x = Mat::from_fn(25, 40, |_, _| stream.normal());
        let c = Moment::Full(product(x.as_ref(), x.as_ref().transpose()));
        let sizes = Sizes {
            m: 4,
            n: 25,
            grid: Some(grid),
        };
        let found = fits(w.as_ref(), &c, &sizes, &[Size::new(Family::Dct, 6)]);
        let Some(Fit::Dct { values, .. }) = &found[0] else {
            panic!("{found:?}");
        };
        let far = Mat::from_fn(4, 6, |i, j| values[(i, j)] - planted[(i, j)]).norm_max();
        assert!(far < 1e-7, "{far}");
    }
}
