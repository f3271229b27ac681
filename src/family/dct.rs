//! The first coefficients of a two-dimensional cosine transform, in zig-zag order.

use super::projection::cosine::Cosine;
use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::terms::{BasisFamily, FamilyError, TermSet, Terms, forms};
use super::weight::Planes;
use super::weight::{Draws, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::linalg::algebra::sum_of_squares;
use crate::operator::basis::{self as features, Basis};
use crate::operator::basis::{Image, zig_zag};
use crate::operator::{Dct, LinearOperator, Product, Repeated, Selection};
use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::DCT),
    terms: Some(BasisFamily::DCT),
    weight: Some(WeightFamily::of::<DctSettings>()),
    ..Family::NONE
};

impl FamilyKind {
    /// First coefficients of the cosine transform.
    pub const DCT: FamilyKind = Entry(&Projection {
        tag: "dct",
        name: "DCT",
        about: "First coefficients of the two-dimensional cosine transform, by i + j",
        members: |w, budgets, options| members(w, budgets, options.image),
        operations: |m, n, _| 250.0 * (m * n) as f64,
        search: Search::Exact,
        choice: Choice::Fixed,
    });
}

impl BasisFamily {
    /// Cosines, lowest frequencies first.
    pub const DCT: BasisFamily = Entry(&Terms {
        name: "dct",
        about: "cosines over the inputs as images, lowest frequencies first",
        basis,
        mean_square_norm: |_, _| 1.0,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: false,
        entries: None,
        sum: |set, scale| Some(forms::features(&*basis(set).ok()?, scale)),
    });
}

fn basis(set: &TermSet) -> Result<Box<dyn Basis>, FamilyError> {
    let image = set.image.unwrap_or(Image {
        height: 1,
        width: set.columns,
    });
    if image.height.checked_mul(image.width) != Some(set.columns) {
        return Err(FamilyError::Image {
            height: image.height,
            width: image.width,
            columns: set.columns,
        });
    }
    Ok(Box::new(features::Projection::dct(
        set.rows, image, set.count,
    )))
}

/// What is transformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grid {
    /// The matrix itself.
    Matrix { rows: usize, columns: usize },
    /// So many images, one or several in each row.
    Images {
        count: usize,
        height: usize,
        width: usize,
    },
}

impl Grid {
    /// Images where their size divides the rows of an m × n matrix, the matrix otherwise.
    fn of(m: usize, n: usize, image: Option<[usize; 2]>) -> Grid {
        match image {
            Some([height, width]) if fits(n, [height, width]) => Grid::Images {
                count: m * n / (height * width),
                height,
                width,
            },
            _ => Grid::Matrix {
                rows: m,
                columns: n,
            },
        }
    }

    /// Count, rows and columns of what is transformed.
    fn sizes(self) -> (usize, usize, usize) {
        match self {
            Grid::Matrix { rows, columns } => (1, rows, columns),
            Grid::Images {
                count,
                height,
                width,
            } => (count, height, width),
        }
    }

    fn detail(self, kept: usize) -> String {
        let (_, height, width) = self.sizes();
        let all = height * width;
        match self {
            Grid::Matrix { .. } => format!("first {kept} of {all} coefficients"),
            Grid::Images { .. } => {
                format!("first {kept} of {all} coefficients of each {height}x{width} image")
            }
        }
    }
}

/// Whether a row of `columns` entries is one or several images.
pub fn fits(columns: usize, [height, width]: [usize; 2]) -> bool {
    let size = height.checked_mul(width).unwrap_or(0);
    size > 0 && columns.is_multiple_of(size)
}

/// A member for each budget: the leading coefficients of the orthonormal DCT-II of `w`, in the zig-zag
/// order of JPEG, which sums of cosines in `fit-basis` have as well; or, with `image` (height, width), of each image where rows of `w` are images of that
/// size, one after the other where there are several.
///
/// O(m n log m n) operations.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize], image: Option<[usize; 2]>) -> Vec<Member> {
    let grid = Grid::of(w.nrows(), w.ncols(), image);
    let (count, height, width) = grid.sizes();
    let order = zig_zag_positions(height, width);
    let mut tails = vec![0.0; order.len() + 1];
    let coefficients = transform(&entries(w), grid);
    for image in coefficients.chunks_exact(height * width) {
        for (place, &at) in order.iter().enumerate() {
            tails[place] += image[at] * image[at];
        }
    }
    for place in (0..order.len()).rev() {
        tails[place] += tails[place + 1];
    }
    let energy = sum_of_squares(&entries(w));
    let kept = budgets
        .iter()
        .map(|budget| (budget / count).min(order.len()));
    kept.filter(|&kept| kept > 0)
        .map(|kept| {
            let stored = kept * count;
            // The square of a cosine is at most twice its mean along each side.
            let leverage = f64::min(1.0, 4.0 * kept as f64 / order.len() as f64);
            Member::new(stored, stored, tails[kept], energy, grid.detail(kept)).spread(leverage)
        })
        .collect()
}

/// The matrix whose transform is that of `w` with all but the `kept` leading coefficients 0.
pub fn approximation(w: MatRef<'_, f64>, kept: usize, image: Option<[usize; 2]>) -> Mat<f64> {
    let (m, n) = w.shape();
    let grid = Grid::of(m, n, image);
    let (_, height, width) = grid.sizes();
    let mut coefficients = transform(&entries(w), grid);
    for image in coefficients.chunks_exact_mut(height * width) {
        for &at in zig_zag_positions(height, width).iter().skip(kept) {
            image[at] = 0.0;
        }
    }
    let (down, across) = (Cosine::new(height), Cosine::new(width));
    let images = coefficients.chunks_exact(height * width);
    let back: Vec<f64> = images
        .flat_map(|image| {
            let columns = each_row(&transposed(image, width), height, |x| down.back(x));
            each_row(&transposed(&columns, height), width, |x| across.back(x))
        })
        .collect();
    Mat::from_fn(m, n, |i, j| back[i * n + j])
}

/// Transforms, one after the other, each row by row.
fn transform(entries: &[f64], grid: Grid) -> Vec<f64> {
    let (_, height, width) = grid.sizes();
    let (down, across) = (Cosine::new(height), Cosine::new(width));
    let images = entries.chunks_exact(height * width);
    images
        .flat_map(|image| {
            let rows = each_row(image, width, |x| across.forward(x));
            let both = each_row(&transposed(&rows, width), height, |x| down.forward(x));
            transposed(&both, height)
        })
        .collect()
}

fn each_row(rows: &[f64], width: usize, of: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    rows.chunks_exact(width).flat_map(of).collect()
}

/// The columns of rows of this width, one after the other.
fn transposed(rows: &[f64], width: usize) -> Vec<f64> {
    let height = rows.len() / width;
    let mut columns = vec![0.0; rows.len()];
    for (i, row) in rows.chunks_exact(width).enumerate() {
        for (j, &x) in row.iter().enumerate() {
            columns[j * height + i] = x;
        }
    }
    columns
}

/// Returns positions in a row-major array, lowest frequencies first.
fn zig_zag_positions(height: usize, width: usize) -> Vec<usize> {
    let order = zig_zag(Image { height, width }).into_iter();
    order.map(|(i, j)| i * width + j).collect()
}

/// The orthonormal DCT of each channel, coefficients channel by channel, as factors of a product.
pub(super) fn spread(planes: Planes) -> Vec<Box<dyn LinearOperator>> {
    let columns = planes.channels * planes.area();
    let one = Dct::images(planes.height, planes.width);
    let all = Repeated::new(planes.channels, Box::new(one));
    let mut factors: Vec<Box<dyn LinearOperator>> = vec![Box::new(all)];
    if planes.channels_last {
        let channel_first = |i: usize| planes.column(i / planes.area(), i % planes.area());
        let order = (0..columns).map(channel_first).collect();
        factors.push(Box::new(Selection::new(order, columns)));
    }
    factors
}

/// `family = "dct"`: the fixed orthonormal two-dimensional DCT of the channels of an image, no parameters; with
/// fewer rows than columns the lowest frequencies in zig-zag order, at each the channels in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct DctSettings {}

impl TrainedFamily for DctSettings {
    const NAME: &'static str = "dct";

    const EXAMPLES: &'static [&'static str] = &[""];

    fn build(&self, slot: &Slot, _draws: Draws) -> Result<Weight, WeightError> {
        let &Slot { rows, columns, .. } = slot;
        if rows > columns {
            return Err(WeightError::Dct { rows, columns });
        }
        let planes = slot.planes();
        let mut factors = spread(planes);
        if rows < columns {
            let order = zig_zag(Image {
                height: planes.height,
                width: planes.width,
            });
            let place = |t: usize| {
                let (down, across) = order[t / planes.channels];
                (t % planes.channels) * planes.area() + down * planes.width + across
            };
            let lowest = Selection::new((0..rows).map(place).collect(), columns);
            factors.insert(0, Box::new(lowest));
        }
        Ok(Weight::fixed(Product::in_sequence(factors)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;

    /// Cosine waves written out from the definition, in zig-zag order.
    fn waves(m: usize, n: usize, kept: usize) -> Vec<Mat<f64>> {
        let mut order: Vec<(usize, usize)> =
            (0..m).flat_map(|k| (0..n).map(move |l| (k, l))).collect();
        // Up the even diagonals, down the odd ones.
        order.sort_by_key(|&(k, l)| (k + l, if (k + l) % 2 == 0 { l } else { k }));
        let wave = |k: usize, i: usize, n: usize| {
            (std::f64::consts::PI * k as f64 * (i as f64 + 0.5) / n as f64).cos()
        };
        let pair =
            |&(k, l): &(usize, usize)| Mat::from_fn(m, n, |i, j| wave(k, i, m) * wave(l, j, n));
        order[..kept].iter().map(pair).collect()
    }

    /// Catches a wrong wave, scale or order, and a side taken for the other.
    #[test]
    fn agrees_with_dense_least_squares() {
        for (m, n) in [(5, 8), (8, 3), (1, 6)] {
            let w = check::sample(m, n);
            for kept in [1, 3, m * n / 2, m * n] {
                let near = approximation(w.as_ref(), kept, None);
                check::linear(&w, &waves(m, n, kept), &near);
                check::residual(&w, &near, &members(w.as_ref(), &[kept], None)[0]);
            }
        }
    }

    /// Rows of two images of 2 x 3: the same waves in each, and nowhere else.
    #[test]
    fn images_are_transformed_one_by_one() {
        let w = check::sample(3, 12);
        let kept = 4;
        let mut basis = Vec::new();
        for wave in waves(2, 3, kept) {
            for image in 0..6 {
                let entry = |i: usize, j: usize| {
                    if 2 * i + j / 6 == image {
                        wave[(j % 6 / 3, j % 3)]
                    } else {
                        0.0
                    }
                };
                basis.push(Mat::from_fn(3, 12, entry));
            }
        }
        let near = approximation(w.as_ref(), kept, Some([2, 3]));
        check::linear(&w, &basis, &near);
        let member = &members(w.as_ref(), &[29], Some([2, 3]))[0];
        assert_eq!(member.parameters, 24);
        check::residual(&w, &near, member);
        check::recovered(&members(near.as_ref(), &[24], Some([2, 3])), 24, 24, 24);
        assert!(!fits(12, [5, 2]) && !fits(12, [0, 3]) && fits(12, [3, 2]));
    }

    /// A matrix whose rows are no such images is transformed as a whole.
    #[test]
    fn other_rows_are_no_images() {
        let w = check::sample(4, 10);
        let found = &members(w.as_ref(), &[10], Some([3, 3]))[0];
        assert_eq!(found.detail, "first 10 of 40 coefficients");
    }
}
