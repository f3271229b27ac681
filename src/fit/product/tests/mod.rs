//! Products of sums against planted answers, finite differences and slow twins.

mod plans;
mod solvers;

use super::Link;
use super::chain::Factor;
use crate::family::terms::BasisFamily;
use crate::operator::basis::{Basis, Place};
use crate::random::Stream;
use faer::Mat;

pub(super) fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
    let mut stream = Stream::new(seed, &[77]);
    Mat::from_fn(rows, columns, |_, _| stream.normal())
}

pub(super) fn bases(sizes: &[usize], terms: usize, family: BasisFamily) -> Vec<Box<dyn Basis>> {
    let one = |(j, pair): (usize, &[usize])| {
        let place = Place {
            seed: 11,
            layer: 0,
            factor: j as u64,
        };
        family
            .build((pair[0], pair[1]), terms, None, place)
            .unwrap()
    };
    sizes.windows(2).enumerate().map(one).collect()
}

pub(super) fn factors(bases: &[Box<dyn Basis>], link: Link) -> Vec<Factor<'_>> {
    bases
        .iter()
        .map(|basis| Factor {
            basis: &**basis,
            link,
        })
        .collect()
}

pub(super) fn planted(bases: &[Box<dyn Basis>], link: Link) -> Mat<f64> {
    let mut stream = Stream::new(5, &[78]);
    let factor = |basis: &dyn Basis| {
        let values: Vec<f64> = (0..basis.terms())
            .map(|_| link.value(stream.normal()))
            .collect();
        basis.combine(&values)
    };
    let matrices: Vec<Mat<f64>> = bases.iter().map(|b| &**b).map(factor).collect();
    matrices.into_iter().reduce(|a, b| a * b).unwrap()
}
