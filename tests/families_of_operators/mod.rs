//! Every structured family, and the check of all of them on a machine.

use spectra::operator::conformance;
use spectra::operator::*;
use spectra::program::{Exec, Function, Generated};
use spectra::random::{Distribution, Stream};

pub type Operator = Box<dyn LinearOperator>;
pub type Family = fn(usize, usize) -> Operator;

/// Images of (m + 1) × (n + 2) pixels with two channels, a kernel of 2 × 3, a stride and padding.
fn convolution(m: usize, n: usize, weight: Family) -> Operator {
    let kernel = Kernel {
        channels: 2,
        height: 2,
        width: 3,
        channels_last: false,
    };
    let geometry = Geometry {
        image: [m + 1, n + 2],
        stride: [2, 1],
        padding: [1, 0],
        channels_last: m.is_multiple_of(2),
    };
    let weight = weight(3, kernel.columns());
    Box::new(Convolution::new(kernel, geometry, weight).expect("images that are large enough"))
}

pub const SEED: u64 = 20;

/// A new family is one line here: any rows × columns to an operator.
pub const FAMILIES: &[(&str, Family)] = &[
    ("dense", |m, n| dense(m, n)),
    ("diagonal", |m, n| Box::new(Diagonal::new(m, n))),
    ("equal blocks", |m, n| {
        Box::new(BlockDiagonal::equal(3 * m, 3 * n, 3))
    }),
    ("unequal blocks", |m, n| {
        Box::new(BlockDiagonal::new(vec![(m, n), (n, 2), (1, m)]))
    }),
    ("circulant", |m, n| Box::new(Circulant::new(m, n))),
    ("fast circulant", |m, n| Box::new(Cyclic::new(m, n, false))),
    ("fast skew-circulant", |m, n| {
        Box::new(Cyclic::new(m, n, true))
    }),
    ("dct", |_, n| Box::new(Dct::new(n))),
    ("dct of images", |m, n| Box::new(Dct::images(m, n))),
    ("hadamard", |m, n| Box::new(Hadamard::new(m, n))),
    ("selection", |m, n| {
        Box::new(Selection::new((0..m).map(|i| i * i % n).collect(), n))
    }),
    ("hashed", |m, n| {
        let parameters = (m * n).div_ceil(3);
        Box::new(Hashed::new(m, n, parameters, Stream::new(SEED, &[])))
    }),
    ("random normal", |m, n| random(Distribution::Normal, m, n)),
    ("random sign", |m, n| random(Distribution::Sign, m, n)),
    ("sum", |m, n| {
        Box::new(Sum::new(vec![
            dense(m, n),
            Box::new(Diagonal::new(m, n)),
            random(Distribution::Sign, m, n),
        ]))
    }),
    ("product", |m, n| {
        Box::new(Product::new(vec![
            dense(m, 4),
            random(Distribution::Normal, 4, 6),
            Box::new(Circulant::new(6, n)),
        ]))
    }),
    ("product of sums", |m, n| {
        let sum = |m, n| -> Operator {
            Box::new(Sum::new(vec![
                random(Distribution::Normal, m, n),
                dense(m, n),
            ]))
        };
        Box::new(Product::new(vec![sum(m, n), sum(n, n), sum(n, n)]))
    }),
    ("adjoint of dense", |m, n| {
        Box::new(Adjoint::new(dense(n, m)))
    }),
    ("adjoint of hashed", |m, n| {
        let hashed = Hashed::new(n, m, 2, Stream::new(SEED, &[]));
        Box::new(Adjoint::new(Box::new(hashed)))
    }),
    ("adjoint of product", |m, n| {
        let factors = vec![random(Distribution::Normal, n, 3), dense(3, m)];
        Box::new(Adjoint::new(Box::new(Product::new(factors))))
    }),
    ("fixed", |m, n| {
        let values = (0..m * n).map(|i| i as f64 - 1.5).collect();
        Box::new(Fixed::new(dense(m, n), values))
    }),
    ("convolution", |m, n| convolution(m, n, dense)),
    ("convolution of a product", |m, n| {
        convolution(m, n, |rows, columns| {
            Box::new(Product::new(vec![dense(rows, 2), dense(2, columns)]))
        })
    }),
    ("linked", |m, n| {
        let factor = |m, n, function| -> Operator {
            Box::new(Linked::new(random(Distribution::Normal, m, n), function))
        };
        Box::new(Product::new(vec![
            factor(m, 3, Function::Tanh),
            factor(3, n, Function::Exp),
        ]))
    }),
    ("adjoint of linked", |m, n| {
        Box::new(Adjoint::new(Box::new(Linked::new(
            dense(n, m),
            Function::Sigmoid,
        ))))
    }),
    ("scaled", |m, n| Box::new(Scaled::new(-0.3, dense(m, n)))),
    ("signed", |m, n| {
        Box::new(Signed::new(m, n, m + 1, |i, j| {
            ((i * j + j) % (m + 1), (i + 2 * j) % 3 == 0)
        }))
    }),
    ("skew-circulant", |m, n| recipes::skew_circulant(m, n)),
    ("signed hash", |m, n| {
        let parameters = (m * n).div_ceil(3);
        Box::new(recipes::signed_hash(
            m,
            n,
            parameters,
            Stream::new(SEED, &[]),
        ))
    }),
    ("stacked", |m, n| {
        Box::new(Stacked::new(vec![
            dense(m, n),
            Box::new(Dct::new(n)),
            random(Distribution::Sign, 2, n),
            Box::new(Hadamard::new(m, n)),
        ]))
    }),
    ("stacked diagonals", |m, n| {
        Box::new(recipes::stacked_diagonals(2 * m + 1, n))
    }),
    ("repeated", |m, n| Box::new(Repeated::new(3, dense(m, n)))),
    ("repeated dct of images", |m, n| {
        Box::new(Repeated::new(2, Box::new(Dct::images(m, n))))
    }),
    ("tied", |m, n| {
        let count = (m * n).div_ceil(2);
        let values = (0..m * n * count).map(|i| ((i % 7) as f64 - 3.0) / 4.0);
        let map = Fixed::new(dense(m * n, count), values.collect());
        Box::new(Tied::new(dense(m, n), Box::new(map)))
    }),
    ("product in sequence", |m, n| {
        Box::new(Product::in_sequence(vec![dense(m, 2), dense(2, n)]))
    }),
    ("low rank", |m, n| Box::new(recipes::low_rank(m, n, 2))),
    ("random diagonal", |_, n| {
        Box::new(recipes::random_diagonal(
            n,
            Distribution::Normal,
            SEED,
            &[1],
        ))
    }),
    ("fastfood", |m, n| {
        Box::new(recipes::fastfood(m, n, Stream::new(SEED, &[])))
    }),
];

pub fn dense(m: usize, n: usize) -> Operator {
    Box::new(Dense::new(m, n))
}

pub fn random(law: Distribution, rows: usize, columns: usize) -> Operator {
    Box::new(RandomSum::new(Generated {
        law,
        seed: SEED,
        path: [9, 1, 2],
        rows,
        columns,
        terms: 3,
        scale: 0.5,
    }))
}

/// Catches what breaks a law of any family, in odd shapes.
pub fn check_all(exec: &mut dyn Exec, epsilon: f64, shapes: &[(usize, usize)]) {
    for (name, family) in FAMILIES {
        for &(m, n) in shapes {
            let operator = family(m, n);
            if let Err(violation) = conformance::check(operator.as_ref(), exec, epsilon, SEED) {
                panic!("{name} of {m}×{n}: {violation}");
            }
        }
    }
}
