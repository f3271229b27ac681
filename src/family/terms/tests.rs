//! Every family against the window-by-window twin, and terms against their definitions.

use super::*;
use crate::operator::basis::{Given, Gram, Residual, Transposed};
use crate::random::Stream;
use faer::{Mat, MatRef};
use rand::seq::SliceRandom;

const PLACE: Place = Place {
    seed: 5,
    layer: 1,
    factor: 2,
};

fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
    let mut stream = Stream::new(seed, &[]);
    Mat::from_fn(rows, columns, |_, _| stream.normal())
}

fn families() -> Vec<Box<dyn Basis>> {
    let mut all: Vec<Box<dyn Basis>> = Vec::new();
    for (rows, columns) in [(1, 1), (1, 6), (5, 1), (7, 12), (12, 7), (130, 131)] {
        for &family in BasisFamily::all() {
            let terms = (family.most_terms)(rows, columns).min(9);
            let mut basis = family.build((rows, columns), terms, None, PLACE).unwrap();
            all.push(family.build((rows, columns), terms, None, PLACE).unwrap());
            if basis.keep(usize::MAX) > 0 {
                all.push(basis);
            }
        }
        let rest = BasisFamily::GAUSSIAN
            .build((rows, columns), 1, None, PLACE)
            .unwrap();
        all.push(Box::new(Residual::new(rest)));
        let data = random(rows * columns, 3, 4);
        let data: Vec<f64> = data.col_iter().flat_map(|c| c.iter().copied()).collect();
        let single = data.iter().map(|&x| f64::from(x as f32)).collect();
        for data in [data, single] {
            let mut basis = Given::new(rows, columns, data);
            all.push(Box::new(basis.clone()));
            basis.keep(usize::MAX);
            all.push(Box::new(basis));
        }
    }
    all
}

fn term(basis: &dyn Basis, term: usize) -> Mat<f64> {
    let (m, n) = basis.shape();
    let mut data = vec![0.0; m * n];
    basis.tile(term, 0..m, 0..n, &mut data);
    MatRef::from_column_major_slice(&data, m, n).to_owned()
}

fn close(found: &Mat<f64>, expected: &Mat<f64>, additions: usize, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    let bound = 4.0 * additions as f64 * f64::EPSILON * (1.0 + expected.norm_l2());
    let error = (found - expected).norm_l2();
    assert!(error <= bound, "{what}: {error} > {bound}");
}

/// Catches a fast way that computes something else than its terms do.
#[test]
fn every_way_agrees_with_the_terms() {
    for basis in families() {
        for basis in [&*basis, &Transposed(&*basis)] {
            let ((m, n), terms) = (basis.shape(), basis.terms());
            let what = format!("{m} × {n} {:.40}", format!("{basis:?}"));
            let a: Vec<f64> = (0..terms).map(|k| 1.0 - 0.3 * k as f64).collect();
            let all: Vec<Mat<f64>> = (0..terms).map(|k| term(basis, k)).collect();
            let mut sum = Mat::zeros(m, n);
            for (a, matrix) in a.iter().zip(&all) {
                sum += faer::Scale(*a) * matrix;
            }
            let size = m * n * terms + 8;
            close(&basis.combine(&a), &sum, size, &what);
            let g = random(m, n, 3);
            let correlations = basis.correlate(g.as_ref());
            let (right, left) = (random(n, 3, 1), random(m, 2, 2));
            let (products, adjoint) = (
                basis.products(right.as_ref()),
                basis.adjoint_products(left.as_ref()),
            );
            for (k, matrix) in all.iter().enumerate() {
                close(
                    &products.subcols(3 * k, 3).to_owned(),
                    &(matrix * &right),
                    size,
                    &what,
                );
                close(
                    &adjoint.subcols(2 * k, 2).to_owned(),
                    &(matrix.transpose() * &left),
                    size,
                    &what,
                );
                let inner = (matrix.transpose() * &g)
                    .diagonal()
                    .column_vector()
                    .iter()
                    .sum::<f64>();
                let bound = 4.0 * size as f64 * f64::EPSILON * matrix.norm_l2() * g.norm_l2();
                assert!((correlations[k] - inner).abs() <= bound, "{what}");
            }
            let exact = Mat::from_fn(terms, terms, |k, l| {
                (all[k].transpose() * &all[l])
                    .diagonal()
                    .column_vector()
                    .iter()
                    .sum::<f64>()
            });
            match basis.gram() {
                Gram::Orthonormal => close(&exact, &Mat::identity(terms, terms), size, &what),
                Gram::Known(gram) => close(&gram, &exact, size, &what),
                Gram::RowWise {
                    features,
                    orthonormal,
                } => {
                    assert_eq!(features.shape(), (terms.div_ceil(m), n));
                    if orthonormal {
                        close(&exact, &Mat::identity(terms, terms), size, &what);
                    }
                }
                Gram::Unknown => {}
            }
        }
    }
}

/// Products in single precision against those in double, of few columns and of many: catches terms that
/// are turned, shared out wrongly or read past a strip.
#[test]
fn single_products_are_the_products() {
    for basis in families() {
        for basis in [&*basis, &Transposed(&*basis)] {
            let (m, n) = basis.shape();
            let what = format!("{m} × {n} {:.40}", format!("{basis:?}"));
            for q in [3, 40] {
                let (right, left) = (random(n, q, 1), random(m, q, 2));
                let single = |a: &Mat<f64>| Mat::from_fn(a.nrows(), q, |i, j| a[(i, j)] as f32);
                let check = |found: Mat<f32>, expected: Mat<f64>, additions: usize| {
                    assert_eq!(found.shape(), expected.shape(), "{what}");
                    let found = Mat::from_fn(found.nrows(), found.ncols(), |i, j| {
                        f64::from(found[(i, j)])
                    });
                    let error = (found - &expected).norm_l2();
                    let norms: f64 = (0..basis.terms()).map(|k| term(basis, k).norm_l2()).sum();
                    let bound = (additions + 3) as f64 * f64::from(f32::EPSILON) * norms;
                    let bound = bound * right.norm_l2().max(left.norm_l2());
                    assert!(error <= bound, "{what}: {error} > {bound}");
                };
                let products = basis.products_single(single(&right).as_ref());
                check(products, basis.products(right.as_ref()), n);
                let products = basis.adjoint_products_single(single(&left).as_ref());
                check(products, basis.adjoint_products(left.as_ref()), m);
            }
        }
    }
}

/// Catches numbers that are stored in single precision though it does not hold them, or summed in
/// another order for it.
#[test]
fn given_numbers_stay() {
    let data: Vec<f64> = (0..60).map(|i| f64::from(i * i) - 0.5).collect();
    let mut other = data.clone();
    other[59] += 1e-9;
    let a = [0.1, -0.7, 1.3, 0.9, 2.1];
    let [single, double] = [data, other].map(|data| {
        let basis = Given::new(3, 4, data.clone());
        for (k, expected) in data.chunks_exact(12).enumerate() {
            let expected = MatRef::from_row_major_slice(expected, 3, 4);
            assert_eq!(term(&basis, k), expected);
        }
        basis.combine(&a)
    });
    assert_eq!(single.subrows(0, 2), double.subrows(0, 2));
    assert_ne!(single[(2, 3)], double[(2, 3)]);
}

/// Catches windows that depend on where they are cut, and families that do not nest.
#[test]
fn windows_and_smaller_families_are_parts() {
    for &family in BasisFamily::all() {
        let (rows, columns) = (9, 14);
        let large = family.build((rows, columns), 9, None, PLACE).unwrap();
        let small = family.build((rows, columns), 4, None, PLACE).unwrap();
        for k in 0..4 {
            let whole = term(&*large, k);
            assert_eq!(whole, term(&*small, k), "{}", family.name());
            let mut part = vec![0.0; 4 * 5];
            large.tile(k, 3..7, 6..11, &mut part);
            let part = MatRef::from_column_major_slice(&part, 4, 5);
            assert_eq!(part, whole.submatrix(3, 6, 4, 5), "{}", family.name());
        }
    }
}

/// Catches a kept term that is another than the one made, and a budget that is not kept to.
#[test]
fn kept_terms_are_the_terms() {
    for family in [BasisFamily::GAUSSIAN, BasisFamily::RADEMACHER] {
        let mut basis = family.build((9, 14), 5, None, PLACE).unwrap();
        let made: Vec<Mat<f64>> = (0..5).map(|k| term(&*basis, k)).collect();
        let mut part = vec![0.0; 20];
        basis.tile(3, 2..7, 5..9, &mut part);
        let bytes = 4 * 9 * 14 * 5;
        assert_eq!(basis.keep(bytes - 1), 0);
        assert_eq!(basis.keep(bytes), bytes);
        for (k, made) in made.iter().enumerate() {
            assert_eq!(term(&*basis, k), *made);
        }
        let a = [0.3, -1.7, 0.0, 2.2, 1e-3];
        let plain = family.build((9, 14), 5, None, PLACE).unwrap();
        assert_eq!(basis.combine(&a), plain.combine(&a));
        let mut kept = vec![0.0; 20];
        basis.tile(3, 2..7, 5..9, &mut kept);
        assert_eq!(part, kept);
    }
}

/// The streams of a basis are part of every fit file: catches another seed, path or order.
#[test]
fn golden_terms() {
    for (family, expected) in [
        (BasisFamily::GAUSSIAN, 0.6037263870239258),
        (BasisFamily::RADEMACHER, 26.0),
        (BasisFamily::RANK_ONE, -13.48301280362648),
        (BasisFamily::DCT, 20.12461179749811),
        (BasisFamily::PIXELS, 6.0),
        (BasisFamily::PROJECTION, -14.69564437866211),
        (BasisFamily::DIAGONAL, -3.0206079483032227),
        (BasisFamily::CIRCULANT, 31.6849365234375),
        (BasisFamily::FASTFOOD, -37.44853363076393),
        (BasisFamily::SRHT, -18.738329701443508),
    ] {
        let basis = family.build((3, 5), 3, None, PLACE).unwrap();
        let matrix = term(&*basis, 2);
        let mut weighted = 0.0;
        for (j, column) in matrix.col_iter().enumerate() {
            for (i, x) in column.iter().enumerate() {
                weighted += (1 + i + 3 * j) as f64 * x;
            }
        }
        assert_eq!(weighted, expected, "{}", family.name());
    }
    let gaussian = BasisFamily::GAUSSIAN.build((3, 5), 3, None, PLACE).unwrap();
    let matrix = term(&*gaussian, 2);
    let found = [matrix[(2, 0)], matrix[(0, 3)], matrix[(2, 4)]];
    let independent = [-0.4621772766113281, 0.8104104995727539, 0.24269390106201172];
    assert_eq!(found, independent);
}

/// Catches a family whose terms are on another scale than the others.
#[test]
fn entries_have_mean_square_one() {
    for family in [
        BasisFamily::GAUSSIAN,
        BasisFamily::RADEMACHER,
        BasisFamily::RANK_ONE,
        BasisFamily::FASTFOOD,
        BasisFamily::CIRCULANT,
    ] {
        let basis = family.build((40, 50), 30, None, PLACE).unwrap();
        let energy: f64 = (0..30).map(|k| term(&*basis, k).squared_norm_l2()).sum();
        let mean = energy / (40.0 * 50.0 * 30.0);
        assert!((mean - 1.0).abs() < 0.2, "{} {mean}", family.name());
    }
}

/// H G Π H B / √N by dense matrices: catches a permutation applied backwards, or a factor left out.
#[test]
fn fastfood_is_its_definition() {
    let size = 16;
    let hadamard = Mat::from_fn(size, size, |i, j| {
        1.0 - 2.0 * f64::from((i & j).count_ones() % 2)
    });
    let entries = PLACE.entries(0);
    let (mut signs, mut gains) = (vec![0.0; size], vec![0.0; size]);
    entries.signs(0, &mut signs);
    entries.normals(size as u64, &mut gains);
    let mut order: Vec<usize> = (0..size).collect();
    order.shuffle(&mut Stream::new(PLACE.seed, &PLACE.path(0)));
    let b = Mat::from_fn(size, size, |i, j| if i == j { signs[i] } else { 0.0 });
    let g = Mat::from_fn(size, size, |i, j| if i == j { gains[i] / 4.0 } else { 0.0 });
    let p = Mat::from_fn(size, size, |i, j| f64::from(order[i] == j));
    let dense = &hadamard * g * p * &hadamard * b;
    let basis = BasisFamily::FASTFOOD
        .build((11, 13), 1, None, PLACE)
        .unwrap();
    let expected = dense.submatrix(0, 0, 11, 13).to_owned();
    close(&term(&*basis, 0), &expected, size * size, "fastfood");
}
