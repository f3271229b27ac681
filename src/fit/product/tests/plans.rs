//! Plans: settings, stages, inputs, and what a fit says of itself.

use super::{bases, planted, random};
use crate::device::Cpu;
use crate::family::terms::BasisFamily;
use crate::fit::product::*;
use crate::operator::apply;
use crate::operator::basis::Place;
use faer::Mat;

/// The settings that a user gets find planted products: catches an end that is called too early.
#[test]
fn planted_products_are_recovered_by_default() {
    for p in [2, 3] {
        let sizes: Vec<usize> = [vec![64; p], vec![48]].concat();
        let bases = bases(&sizes, 8, BasisFamily::GAUSSIAN);
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
            terms: vec![4],
            family: None,
        },
        Stage {
            terms: vec![8],
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
    let mut uneven = nested.clone();
    uneven.stages[0].terms = vec![2, 6];
    let uneven = fit(&uneven);
    assert_eq!(uneven.stages[0].parameters, 8);
    assert_eq!(uneven.stages[1].parameters, 16);
    let exact = uneven.stages[0].relative_residual;
    assert_eq!(uneven.stages[1].start_residual, exact);
    let mut other = settings();
    other.stages = vec![Stage {
        terms: vec![12],
        family: Some(BasisFamily::RADEMACHER),
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
        BasisFamily::GAUSSIAN,
        BasisFamily::SRHT,
        BasisFamily::RANK_ONE,
        BasisFamily::FASTFOOD,
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

/// Catches a held-out half that is fitted too, and a norm that ignores the inputs.
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

/// Cosines and pixels on activations are solved row by row, as well as by a factorisation of all terms:
/// catches a transform taken where inputs stretch the features.
#[test]
fn orthonormal_features_on_inputs_are_solved_row_by_row() {
    let (w, x) = (random(6, 10, 5), random(40, 10, 6));
    let inputs = Inputs::new(x.as_ref(), 1).unwrap();
    for family in [BasisFamily::DCT, BasisFamily::PIXELS] {
        let one = ProductSettings {
            factors: 1,
            terms: vec![24],
            families: vec![family],
            ..settings()
        };
        let plan = ProductPlan::new(&one, (6, 10)).unwrap();
        let found = plan.fit(w.as_ref(), Some(&inputs), &mut |_| true).unwrap();
        assert_eq!(found.method, Method::RowWise);
        let basis = &*plan.stages[0].bases[0].basis;
        let design = Mat::from_fn(60, 25, |at, k| {
            let mut unit = vec![0.0; 24];
            let matrix = match k {
                24 => w.to_owned(),
                k => {
                    unit[k] = 1.0;
                    basis.combine(&unit)
                }
            };
            (matrix * &inputs.fitted)[(at % 6, at / 6)]
        });
        let dense = crate::linalg::Triangle::of(design.as_ref()).solve();
        let size: f64 = dense.solution.iter().map(|a| a.abs()).fold(1.0, f64::max);
        for (found, dense_a) in found.coefficients[0].iter().zip(&dense.solution) {
            let bound = 100.0 * f64::EPSILON * dense.condition * size;
            assert!(
                (found - dense_a).abs() <= bound,
                "{family:?} {found} {dense_a}"
            );
        }
        let plain = plan.fit(w.as_ref(), None, &mut |_| true).unwrap();
        assert_eq!(plain.method, Method::Transform);
    }
}

/// Inputs of which one half never reaches the matrix have no residual to report.
#[test]
fn a_half_on_which_the_matrix_vanishes_is_refused() {
    let w = Mat::from_fn(4, 6, |_, j| f64::from(u8::from(j == 0)));
    let x = Mat::from_fn(8, 6, |i, j| f64::from(u8::from((i == 0) == (j == 0))));
    let inputs = Inputs::new(x.as_ref(), 1).unwrap();
    let plan = ProductPlan::new(&settings(), (4, 6));
    let error = plan
        .unwrap()
        .fit(w.as_ref(), Some(&inputs), &mut |_| true)
        .unwrap_err();
    assert!(error.to_string().contains("held out"), "{error}");
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
            stored: None,
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

/// New terms of a later stage are trained through every link: catches a start without a slope.
#[test]
fn later_stages_train_their_terms() {
    for link in Link::ALL {
        let settings = ProductSettings {
            factors: 1,
            links: vec![link],
            terms: vec![30],
            stages: vec![Stage {
                terms: vec![10],
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
    says(with(&|s| s.factors = 0), "p is at least 1");
    says(with(&|s| s.terms = vec![0]), "at least 1");
    says(with(&|s| s.terms = vec![1, 2, 3]), "k has 3 values");
    says(with(&|s| s.inner = vec![3, 3]), "inner has 2 sizes");
    says(with(&|s| s.inner = vec![0]), "size of 0");
    says(
        with(&|s| s.terms = vec![90]),
        "180 coefficients for the 160 entries",
    );
    let shrinking = |s: &mut ProductSettings| {
        s.stages = vec![Stage {
            terms: vec![40],
            family: None,
        }];
    };
    says(with(&shrinking), "stages grow");
    let of_factors = |terms: Vec<usize>| {
        move |s: &mut ProductSettings| {
            s.stages = vec![Stage {
                terms: terms.clone(),
                family: None,
            }];
        }
    };
    says(with(&of_factors(vec![2, 13])), "a stage of 13 terms");
    says(with(&of_factors(vec![2, 3, 4])), "stages has 3 values");
    says(
        with(&|s| s.inner = vec![usize::MAX]),
        "more than the memory that is allowed",
    );
    says(
        with(&|s| s.factors = 1 << 40),
        "coefficients for the 160 entries",
    );
    let diagonal = |s: &mut ProductSettings| s.families = vec![BasisFamily::DIAGONAL];
    says(with(&diagonal), "factor 1 of 2: diagonal has at most 10");
    let als = |s: &mut ProductSettings| {
        s.links = vec![Link::Exp];
        s.solver = Solver::Alternating;
    };
    says(with(&als), "use levenberg");
    let constant = Mat::full(10, 16, 2.5);
    let plan = ProductPlan::new(&settings(), (10, 16)).unwrap();
    let error = plan
        .fit(constant.as_ref(), None, &mut |_| true)
        .unwrap_err();
    assert!(error.to_string().contains("every entry is 2.5"));
}
