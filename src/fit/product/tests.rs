//! Products of sums against planted answers, finite differences and slow twins.

use super::alternating::alternating;
use super::chain::{Chain, Factor};
use super::levenberg::levenberg;
use super::linear::linear;
use super::solver::Limits;
use super::start::start;
use super::*;
use crate::device::Cpu;
use crate::operator::apply;
use crate::operator::basis::{Basis, Family, Given, Place, Residual};
use crate::random::Stream;
use faer::Mat;

const LIMITS: Limits = Limits {
    iterations: 200,
    tolerance: 1e-9,
};

fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
    let mut stream = Stream::new(seed, &[77]);
    Mat::from_fn(rows, columns, |_, _| stream.normal())
}

fn bases(sizes: &[usize], terms: usize, family: Family) -> Vec<Box<dyn Basis>> {
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

fn factors(bases: &[Box<dyn Basis>], link: Link) -> Vec<Factor<'_>> {
    bases
        .iter()
        .map(|basis| Factor {
            basis: &**basis,
            link,
        })
        .collect()
}

fn planted(bases: &[Box<dyn Basis>], link: Link) -> Mat<f64> {
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

/// Derivatives by central differences, either way round, with inputs, for every link: catches a
/// factor on the wrong side, an order of coefficients, a link without its slope.
#[test]
fn derivatives_are_differences() {
    let h = 1e-5;
    for sizes in [[6, 5, 7, 4], [4, 7, 5, 6]] {
        for link in Link::ALL {
            let bases = bases(&sizes, 3, Family::Gaussian);
            let factors = factors(&bases, link);
            let w = random(sizes[0], sizes[3], 1);
            let z = random(sizes[3], 9, 2);
            for inputs in [None, Some(&z)] {
                let chain = Chain::new(&factors, w.as_ref(), inputs);
                let point = chain.point(&vec![vec![0.4, -0.3, 0.7]; 3]);
                let columns = chain.jacobian(&point);
                let width = 10;
                let height = columns.len() / width;
                let norm = columns.iter().map(|x| x * x).sum::<f64>().sqrt();
                for k in 0..9 {
                    let step = |h: f64| {
                        let step: Vec<f64> = (0..9).map(|i| if i == k { h } else { 0.0 }).collect();
                        let columns = chain.jacobian(&chain.moved(&point, &step));
                        columns[9 * height..].to_vec()
                    };
                    let (after, before) = (step(h), step(-h));
                    for i in 0..height {
                        let difference = (after[i] - before[i]) / (2.0 * h);
                        let error = (columns[k * height + i] - difference).abs();
                        assert!(error < 1e-7 * norm, "{link:?} {k} {i}: {error}");
                    }
                }
            }
        }
    }
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
        let bases = bases(&sizes, terms, Family::Gaussian);
        let w = planted(&bases, Link::Identity);
        let factors = factors(&bases, Link::Identity);
        let chain = Chain::new(&factors, w.as_ref(), None);
        let begin = |restart| start(&chain, &factors, false, 3, restart);
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

/// The settings that a user gets find planted products: catches an end that is called too early.
#[test]
fn planted_products_are_recovered_by_default() {
    for p in [2, 3] {
        let sizes: Vec<usize> = [vec![64; p], vec![48]].concat();
        let bases = bases(&sizes, 8, Family::Gaussian);
        let settings = ProductSettings {
            factors: p,
            terms: vec![8],
            seed: 11,
            controls: false,
            ..ProductSettings::default()
        };
        let w = planted(&bases, Link::Identity);
        let plan = ProductPlan::new(&settings, (64, 48)).unwrap();
        let found = plan.fit(w.as_ref(), None, &mut |_| true).unwrap();
        assert!(found.relative_residual < 1e-10, "{p}: {:?}", found.restarts);
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
        let rest = Family::Gaussian.build((n, n), 9, None, place).unwrap();
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
    let chain = Chain::new(&factors, w.as_ref(), None);
    let begin = start(&chain, &factors, true, 3, 0);
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
        let bases = bases(&[18, 13], 7, Family::Gaussian);
        let w = planted(&bases, link);
        let factors = factors(&bases, link);
        let chain = Chain::new(&factors, w.as_ref(), None);
        let found = (0..4).any(|restart| {
            let begin = start(&chain, &factors, false, 1, restart);
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
    for family in Family::ALL {
        let terms = terms.min(family.most_terms(m, n));
        let place = Place {
            seed: 2,
            layer: 0,
            factor: 0,
        };
        let basis = family.build((m, n), terms, None, place).unwrap();
        for inputs in [None, Some(&z)] {
            let target = inputs.map_or_else(|| w.clone(), |z| &w * z);
            for memory in [usize::MAX, 0] {
                let found = linear(&*basis, w.as_ref(), inputs, memory, 1);
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

fn settings() -> ProductSettings {
    ProductSettings {
        factors: 2,
        terms: vec![12],
        restarts: Some(1),
        controls: false,
        iterations: 30,
        ..ProductSettings::default()
    }
}

/// A stage whose basis contains the last one's begins at exactly its residual; one of another
/// family at that of the projection, which is no better.
#[test]
fn stages_nest() {
    let w = random(10, 16, 3);
    let mut nested = settings();
    nested.stages = vec![
        Stage {
            terms: 4,
            family: None,
        },
        Stage {
            terms: 8,
            family: None,
        },
    ];
    let fit = |settings: &ProductSettings| {
        let plan = ProductPlan::new(settings, (10, 16)).unwrap();
        plan.fit(w.as_ref(), None, &mut |_| true).unwrap()
    };
    let found = fit(&nested);
    assert_eq!(found.stages.len(), 3);
    for pair in found.stages.windows(2) {
        assert_eq!(pair[1].start_residual, pair[0].relative_residual);
        assert!(pair[1].relative_residual < pair[1].start_residual);
    }
    let mut other = settings();
    other.stages = vec![Stage {
        terms: 12,
        family: Some(Family::Rademacher),
    }];
    let found = fit(&other);
    assert!(found.stages[1].start_residual > found.stages[0].relative_residual);
    assert!(found.relative_residual <= found.stages[1].start_residual);
}

/// Explained by a linear family that knows nothing of W: K / mn, within five standard deviations of
/// its Beta law; and the coefficients rebuild the matrix that was measured.
#[test]
fn the_null_line_is_met_and_the_fit_rebuilds() {
    let w = random(20, 30, 4);
    let plain = ProductSettings {
        factors: 1,
        terms: vec![60],
        ..settings()
    };
    for family in [
        Family::Gaussian,
        Family::Srht,
        Family::RankOne,
        Family::Fastfood,
    ] {
        let settings = ProductSettings {
            families: vec![family],
            ..plain.clone()
        };
        let plan = ProductPlan::new(&settings, (20, 30)).unwrap();
        let found = plan.fit(w.as_ref(), None, &mut |_| true).unwrap();
        let share = 1.0 - found.relative_residual.powi(2);
        let deviation = (2.0 * 0.1 * 0.9 / 602.0f64).sqrt();
        assert!((share - 0.1).abs() < 5.0 * deviation, "{family:?} {share}");
        assert!((found.null_residual - 0.9f64.sqrt()).abs() < 1e-15);
        let place = Place {
            seed: 0,
            layer: 0,
            factor: 0,
        };
        let basis = family.build((20, 30), 60, None, place).unwrap();
        let error = basis.combine(&found.coefficients[0]) - &w;
        let difference = error.norm_l2() / w.norm_l2() - found.relative_residual;
        assert!(difference.abs() < 600.0 * f64::EPSILON);
    }
}

/// The fit of a transposed matrix by transposed factors is the same: catches the thin side taken
/// for the wide one.
#[test]
fn inputs_measure_what_is_held_out() {
    let (w, x) = (random(6, 10, 5), random(40, 10, 6));
    let inputs = Inputs::new(x.as_ref(), 1).unwrap();
    let plan = ProductPlan::new(&settings(), (6, 10)).unwrap();
    let found = plan.fit(w.as_ref(), Some(&inputs), &mut |_| true).unwrap();
    let on = found.inputs.unwrap();
    assert!(on.fitted_residual < on.held_out_residual && on.held_out_residual < 1.0);
    let plain = plan.fit(w.as_ref(), None, &mut |_| true).unwrap();
    assert!(plain.relative_residual < found.relative_residual);
}

/// A fit as an operator, run as a program, acts as the matrix that it rebuilds.
#[test]
fn a_fit_is_an_operator() {
    let w = random(7, 11, 12);
    let settings = ProductSettings {
        residual: true,
        links: vec![Link::Identity, Link::Tanh],
        ..settings()
    };
    let plan = ProductPlan::new(&settings, (7, 11)).unwrap();
    let fit = plan.fit(w.as_ref(), None, &mut |_| true).unwrap();
    let header = FitHeader {
        schema_version: SCHEMA_VERSION,
        program: "spectra".into(),
        seed: settings.seed,
        residual: true,
        image: None,
        fits: vec![FitShape {
            name: "w".into(),
            factors: fit.factors.clone(),
        }],
    };
    let rebuilt = header.rebuild(0, &fit.coefficients, None).unwrap();
    let operator = header.operator(0, None).unwrap();
    let x = random(11, 3, 13);
    let mut exec = Cpu::<f64>::new();
    let y = apply(&operator, &fit.coefficients.concat(), x.as_ref(), &mut exec).unwrap();
    let error = (&y - &rebuilt * &x).norm_l2();
    assert!(
        error < 11.0 * 12.0 * 4.0 * f64::EPSILON * x.norm_l2(),
        "{error}"
    );
}

/// Squares of coefficients can only add: no stationary point is worse than nothing, so a residual
/// above 1 is a search that jammed on a slope near 0.
#[test]
fn vanishing_slopes_do_not_jam_the_search() {
    for restart in 0..6 {
        let bases = bases(&[6, 10], 12, Family::Gaussian);
        let factors = factors(&bases, Link::Square);
        let w = random(6, 10, 21);
        let chain = Chain::new(&factors, w.as_ref(), None);
        let begin = start(&chain, &factors, false, 8, restart);
        let found = levenberg(&chain, begin, &LIMITS, &mut |_, _| true);
        assert!(
            found.point.relative < 1.0,
            "{restart}: {}",
            found.point.relative
        );
    }
}

/// New terms of a later stage are trained through every link: catches a start without a slope.
#[test]
fn later_stages_train_their_terms() {
    for link in Link::ALL {
        let settings = ProductSettings {
            factors: 1,
            links: vec![link],
            terms: vec![30],
            stages: vec![Stage {
                terms: 10,
                family: None,
            }],
            ..settings()
        };
        let plan = ProductPlan::new(&settings, (10, 16)).unwrap();
        let found = plan
            .fit(random(10, 16, 3).as_ref(), None, &mut |_| true)
            .unwrap();
        let [first, second] = found.stages[..] else {
            panic!("two stages")
        };
        let [old, new] = [first, second].map(|stage| stage.relative_residual);
        match link {
            // Terms that a square keeps out lie at its flat bottom, and it leaves them slowly.
            Link::Square => assert!(new < second.start_residual, "{new}"),
            _ => assert!(new < old - 1e-3, "{link:?} {old} {new}"),
        }
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
                let found = linear(&basis, w.as_ref(), inputs, memory, 4);
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

/// Catches settings that are clamped or run instead of refused.
#[test]
fn contradictions_are_refused() {
    let says = |settings: ProductSettings, text: &str| {
        let error = ProductPlan::new(&settings, (10, 16))
            .unwrap_err()
            .to_string();
        assert!(error.contains(text), "{error}");
    };
    let with = |change: &dyn Fn(&mut ProductSettings)| {
        let mut settings = settings();
        change(&mut settings);
        settings
    };
    says(with(&|s| s.factors = 0), "--p is at least 1");
    says(with(&|s| s.terms = vec![0]), "at least 1");
    says(with(&|s| s.terms = vec![1, 2, 3]), "--k has 3 values");
    says(with(&|s| s.inner = vec![3, 3]), "--inner has 2 sizes");
    says(with(&|s| s.inner = vec![0]), "size of 0");
    says(
        with(&|s| s.terms = vec![90]),
        "180 coefficients for the 160 entries",
    );
    let shrinking = |s: &mut ProductSettings| {
        s.stages = vec![Stage {
            terms: 40,
            family: None,
        }];
    };
    says(with(&shrinking), "stages grow");
    says(
        with(&|s| s.inner = vec![usize::MAX]),
        "more than --memory allows",
    );
    says(
        with(&|s| s.factors = 1 << 40),
        "coefficients for the 160 entries",
    );
    let diagonal = |s: &mut ProductSettings| s.families = vec![Family::Diagonal];
    says(with(&diagonal), "factor 1 of 2: diagonal has at most 10");
    let als = |s: &mut ProductSettings| {
        s.links = vec![Link::Exp];
        s.solver = Solver::Alternating;
    };
    says(with(&als), "--solver levenberg");
    let constant = Mat::full(10, 16, 2.5);
    let plan = ProductPlan::new(&settings(), (10, 16)).unwrap();
    let error = plan
        .fit(constant.as_ref(), None, &mut |_| true)
        .unwrap_err();
    assert!(error.to_string().contains("every entry is 2.5"));
}
