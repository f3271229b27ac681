//! Chains and their solvers.

use super::super::Target;
use super::super::chain::Chain;
use super::super::solvers::{Limits, Start, alternating, levenberg, start};
use super::super::sum::{Workspace, linear};
use super::{bases, factors, planted, random};
use crate::family::terms::BasisFamily;
use crate::fit::product::Link;
use crate::operator::basis::{Basis, Given, Place, Residual};
use crate::random::Stream;

fn number(residual: bool, seed: u64, restart: usize) -> Start {
    Start {
        residual,
        seed,
        restart,
    }
}

fn space(numbers: usize, seed: u64) -> Workspace {
    Workspace { numbers, seed }
}

const LIMITS: Limits = Limits {
    iterations: 200,
    tolerance: 1e-9,
    idle: 3,
    residual: 0.0,
};

/// Derivatives by central differences, either way round, with inputs, for every link: catches a
/// factor on the wrong side, an order of coefficients, a link without its slope. Their error is
/// h² / 6 of a third derivative and ε / h of the value, which ε^(1/3) balances at about ε^(2/3).
#[test]
fn derivatives_are_differences() {
    let h = f64::EPSILON.cbrt();
    for sizes in [[6, 5, 7, 4], [4, 7, 5, 6]] {
        for link in Link::ALL {
            let bases = bases(&sizes, 3, BasisFamily::GAUSSIAN);
            let factors = factors(&bases, link);
            let w = random(sizes[0], sizes[3], 1);
            let z = random(sizes[3], 9, 2);
            for inputs in [None, Some(&z)] {
                let chain = Chain::new(&factors, Target::new(w.as_ref(), inputs));
                let point = chain.point(&vec![vec![0.4, -0.3, 0.7]; 3]);
                let columns = chain.jacobian::<f64>(&point);
                let width = 10;
                let height = columns.len() / width;
                let norm = columns.iter().map(|x| x * x).sum::<f64>().sqrt();
                for k in 0..9 {
                    let step = |h: f64| {
                        let step: Vec<f64> = (0..9).map(|i| if i == k { h } else { 0.0 }).collect();
                        let columns = chain.jacobian::<f64>(&chain.moved(&point, &step));
                        columns[9 * height..].to_vec()
                    };
                    let (after, before) = (step(h), step(-h));
                    for i in 0..height {
                        let difference = (after[i] - before[i]) / (2.0 * h);
                        let error = (columns[k * height + i] - difference).abs();
                        assert!(error < 8.0 * h * h * norm, "{link:?} {k} {i}: {error}");
                    }
                }
            }
        }
    }
}

/// Derivatives in single precision are those in double: catches a part that is made of others.
#[test]
fn single_derivatives_are_the_derivatives() {
    for sizes in [[6, 5, 7, 4], [4, 7, 5, 6]] {
        let bases = bases(&sizes, 3, BasisFamily::GAUSSIAN);
        let factors = factors(&bases, Link::Identity);
        let (w, z) = (random(sizes[0], sizes[3], 1), random(sizes[3], 9, 2));
        for inputs in [None, Some(&z)] {
            let chain = Chain::new(&factors, Target::new(w.as_ref(), inputs));
            let point = chain.point(&vec![vec![0.4, -0.3, 0.7]; 3]);
            let (single, double) = (chain.jacobian::<f32>(&point), chain.jacobian::<f64>(&point));
            let norm = double.iter().map(|x| x * x).sum::<f64>().sqrt();
            let units = chain.rounding() / f64::EPSILON;
            for (x, y) in single.iter().zip(&double) {
                let error = (f64::from(*x) - y).abs();
                assert!(error < units * f64::from(f32::EPSILON) * norm, "{error}");
            }
        }
    }
}

/// Balancing changes no bit of the product, and leaves factors within a power of 2 of one size: catches
/// exponents that do not cancel.
#[test]
fn balancing_is_exact() {
    let bases = bases(&[6, 5, 7, 4], 3, BasisFamily::GAUSSIAN);
    let factors = factors(&bases, Link::Identity);
    let chain = Chain::new(&factors, Target::new(random(6, 4, 1).as_ref(), None));
    let a = [1e-7, 1.0, 3e9].map(|size| [0.4, -0.3, 0.7].map(|x| size * x).to_vec());
    let point = chain.point(&a.to_vec());
    let relative = point.relative;
    let balanced = chain.balanced(point);
    let again = chain.point(&chain.coefficients(&balanced));
    assert_eq!(balanced.relative, relative);
    assert_eq!(again.relative, relative);
    let sizes: Vec<f64> = (0..3)
        .map(|j| {
            let matrix = &balanced.factors[j];
            matrix.norm_l2() / (matrix.nrows() as f64).sqrt()
        })
        .collect();
    for pair in sizes.windows(2) {
        assert!((0.25..4.0).contains(&(pair[0] / pair[1])), "{sizes:?}");
    }
}

/// A step that was too short is lengthened, to a point that its own coefficients make; one that went too
/// far is left as it is.
#[test]
fn steps_are_extrapolated() {
    let bases = bases(&[8, 9, 7], 4, BasisFamily::GAUSSIAN);
    let factors = factors(&bases, Link::Identity);
    let planted = [[0.4, -0.3, 0.7, 0.1], [0.5, 0.2, -0.6, 0.8]];
    let matrices = [0, 1].map(|j| bases[j].combine(&planted[j]));
    let w = &matrices[0] * &matrices[1];
    let chain = Chain::new(&factors, Target::new(w.as_ref(), None));
    // Some share of the way from another point to the planted one.
    let at = |share: f64| {
        let mix = |(j, x): (usize, &f64)| x + (1.0 - share) * (0.1 * j as f64 - 0.2);
        chain.point(&vec![
            planted[0].iter().enumerate().map(mix).collect(),
            planted[1].iter().enumerate().map(mix).collect(),
        ])
    };
    let (from, short, far) = (at(0.0), at(0.2), at(1.3));
    let before = short.relative;
    let found = chain.extrapolated(&from, short);
    assert!(found.relative < 0.5 * before, "{before} {}", found.relative);
    let again = chain.point(&chain.coefficients(&found)).relative;
    assert!((again - found.relative).abs() <= chain.rounding());
    let before = far.relative;
    assert_eq!(chain.extrapolated(&from, far).relative, before);
}

/// Planted products are found to 1e-10 from most starts, by both solvers: the reference is that
/// two and three factors always are.
#[test]
fn planted_products_are_recovered() {
    for (sizes, terms) in [
        (vec![64, 64, 48], 8),
        (vec![64, 64, 64, 48], 8),
        (vec![20, 30, 26], 6),
    ] {
        let bases = bases(&sizes, terms, BasisFamily::GAUSSIAN);
        let w = planted(&bases, Link::Identity);
        let factors = factors(&bases, Link::Identity);
        let chain = Chain::new(&factors, Target::new(w.as_ref(), None));
        let begin = |restart| start(&chain, &factors, number(false, 3, restart));
        let mut found = [0, 0];
        for restart in 0..4 {
            let l = levenberg(&chain, begin(restart), &LIMITS, &mut |_, _| true);
            let a = alternating(&chain, begin(restart), &LIMITS, &mut |_, _| true);
            found[0] += usize::from(l.point.relative < 1e-10);
            found[1] += usize::from(a.point.relative < 1e-10);
        }
        assert!(found[0] >= 3 && found[1] >= 3, "{sizes:?}: {found:?}");
    }
}

/// Ten factors that begin with the identity, near it: catches a start that ignores it.
#[test]
fn ten_residual_factors_are_recovered() {
    let n = 24;
    let make = |j| -> Box<dyn Basis> {
        let place = Place {
            seed: 4,
            layer: 0,
            factor: j,
        };
        let rest = BasisFamily::GAUSSIAN.build((n, n), 9, None, place).unwrap();
        Box::new(Residual::new(rest))
    };
    let bases: Vec<Box<dyn Basis>> = (0..10).map(make).collect();
    let mut stream = Stream::new(6, &[79]);
    let mut factor = |basis: &dyn Basis| {
        let size = 0.3 / ((9 * n) as f64).sqrt();
        let values: Vec<f64> = (0..10)
            .map(|k| if k == 0 { 1.0 } else { size * stream.normal() })
            .collect();
        basis.combine(&values)
    };
    let w = bases
        .iter()
        .map(|basis| factor(&**basis))
        .collect::<Vec<_>>()
        .into_iter()
        .reduce(|a, b| a * b)
        .unwrap();
    let factors = factors(&bases, Link::Identity);
    let chain = Chain::new(&factors, Target::new(w.as_ref(), None));
    let begin = start(&chain, &factors, number(true, 3, 0));
    let found = levenberg(&chain, begin, &LIMITS, &mut |_, _| true);
    assert!(
        found.point.relative < 1e-10,
        "{} {:?}",
        found.point.relative,
        found.stopped
    );
}

/// Planted coefficients inside each link: catches a link that is not used, or used twice.
#[test]
fn links_are_fitted() {
    for link in Link::ALL {
        let bases = bases(&[18, 13], 7, BasisFamily::GAUSSIAN);
        let w = planted(&bases, link);
        let factors = factors(&bases, link);
        let chain = Chain::new(&factors, Target::new(w.as_ref(), None));
        let found = (0..4).any(|restart| {
            let begin = start(&chain, &factors, number(false, 1, restart));
            levenberg(&chain, begin, &LIMITS, &mut |_, _| true)
                .point
                .relative
                < 1e-10
        });
        assert!(found, "{link:?}");
    }
}

/// Every way to solve one sum leaves the residual of plain reflections, and a residual that is
/// orthogonal to every term; with inputs and without.
#[test]
fn one_sum_is_solved_exactly() {
    let (m, n, terms) = (9, 14, 11);
    let (w, z) = (random(m, n, 8), random(n, 20, 9));
    for &family in BasisFamily::all() {
        let terms = terms.min((family.most_terms)(m, n));
        let place = Place {
            seed: 2,
            layer: 0,
            factor: 0,
        };
        let basis = family.build((m, n), terms, None, place).unwrap();
        for inputs in [None, Some(&z)] {
            let target = inputs.map_or_else(|| w.clone(), |z| &w * z);
            for memory in [usize::MAX, 0] {
                let found = linear(&*basis, Target::new(w.as_ref(), inputs), space(memory, 1));
                let fitted = basis.combine(&found.coefficients);
                let error = inputs.map_or_else(|| &fitted - &w, |z| (&fitted - &w) * z);
                let carried = inputs.map_or_else(|| error.clone(), |z| &error * z.transpose());
                let gradient = basis.correlate(carried.as_ref());
                let norms: f64 = (0..terms)
                    .map(|k| {
                        let mut one = vec![0.0; terms];
                        one[k] = 1.0;
                        basis.combine(&one).squared_norm_l2()
                    })
                    .sum::<f64>()
                    .sqrt();
                let reach = inputs.map_or(1.0, |z| z.squared_norm_l2());
                let size = (m * n * terms) as f64;
                let bound = size * f64::EPSILON * norms * reach * target.norm_l2();
                for g in &gradient {
                    assert!(
                        g.abs() <= bound,
                        "{family:?} {:?}: {g} {bound}",
                        found.method
                    );
                }
            }
        }
    }
}

/// Squares of coefficients can only add: no stationary point is worse than nothing, so a residual
/// above 1 is a search that jammed on a slope near 0.
#[test]
fn vanishing_slopes_do_not_jam_the_search() {
    for restart in 0..6 {
        let bases = bases(&[6, 10], 12, BasisFamily::GAUSSIAN);
        let factors = factors(&bases, Link::Square);
        let w = random(6, 10, 21);
        let chain = Chain::new(&factors, Target::new(w.as_ref(), None));
        let begin = start(&chain, &factors, number(false, 8, restart));
        let found = levenberg(&chain, begin, &LIMITS, &mut |_, _| true);
        assert!(
            found.point.relative < 1.0,
            "{restart}: {}",
            found.point.relative
        );
    }
}

/// Repeated terms, terms of one entry each, and more terms than the inputs can tell apart, by every
/// way to solve: the residual is that of reflections. Catches an inverse of a singular sketch.
#[test]
fn dependent_terms_are_solved() {
    let (w, z) = (random(8, 9, 31), random(9, 2, 32));
    let gaussian = random(72, 10, 33);
    let repeated: Vec<f64> = (0..20)
        .flat_map(|k| gaussian.col_as_slice(k % 10).to_vec())
        .collect();
    let ones = vec![1.0; 3 * 72];
    let single: Vec<f64> = (0..50 * 72).map(|i| f64::from(i % 72 == i / 72)).collect();
    for data in [repeated, ones, single] {
        let basis = Given::new(8, 9, data);
        for inputs in [None, Some(&z)] {
            let residual = |memory| {
                let found = linear(&basis, Target::new(w.as_ref(), inputs), space(memory, 4));
                let error = basis.combine(&found.coefficients) - &w;
                inputs.map_or_else(|| error.norm_l2(), |z| (&error * z).norm_l2())
            };
            let (outright, iterated) = (residual(usize::MAX), residual(0));
            let scale = w.norm_l2() * inputs.map_or(1.0, |z| z.norm_l2());
            let bound = 72.0 * 50.0 * f64::EPSILON * scale;
            assert!(
                (outright - iterated).abs() <= bound,
                "{outright} {iterated}"
            );
            assert!(outright <= scale * (1.0 + f64::EPSILON));
        }
    }
}
