//! Every structured family passes the one conformance check, in odd shapes and on each machine.

use crate::families_of_operators::{Operator, SEED, check_all, dense};
use spectra::device::Cpu;
use spectra::family::terms::BasisFamily;
use spectra::operator::conformance::{self, Law as Broken, Violation};
use spectra::operator::*;
use spectra::program::{Buffer, Exec, ExecError, Function, Generated, Map, Plan, Record, View};
use spectra::random::Distribution;

const SHAPES: [(usize, usize); 6] = [(5, 7), (7, 3), (1, 1), (1, 6), (6, 1), (8, 8)];

/// Catches a wrong action, adjoint, gradient or order of parameters of any family.
#[test]
fn families_conform_in_double_precision() {
    check_all(&mut Cpu::<f64>::new(), f64::EPSILON, &SHAPES);
}

/// Catches a kernel that is right in one type of number only.
#[test]
fn families_conform_in_single_precision() {
    check_all(&mut Cpu::<f32>::new(), f32::EPSILON.into(), &SHAPES);
}

/// Circulants and cosines as large as layers, square and not: catches a fast form that is another matrix than the slow one, one that
/// is taken where it takes longer, and one that saves nothing.
#[test]
fn large_transforms_are_fast() {
    let mut cpu = Cpu::<f64>::new();
    for (m, n) in [(120, 200), (200, 120), (151, 151)] {
        let operators: [Operator; 3] = [
            Box::new(Circulant::new(m, n)),
            recipes::skew_circulant(m, n),
            Box::new(Dct::new(n)),
        ];
        for operator in operators {
            conformance::check(operator.as_ref(), &mut cpu, f64::EPSILON, SEED).unwrap();
        }
    }
    let flops = |operator: &dyn LinearOperator| cost(operator, 64).flops as f64;
    let dense = flops(&Dense::new(1000, 1000));
    assert!(flops(&Circulant::new(1000, 1000)) < dense / 15.0);
    assert!(flops(recipes::skew_circulant(1000, 1000).as_ref()) < dense / 7.0);
    assert!(flops(&Dct::new(1000)) < dense / 60.0);
    // few rows of many columns are less work than transforms
    let thin = Circulant::new(8, 500);
    assert!(flops(&thin) < 1.01 * flops(&Dense::new(8, 500)));
}

/// A diagonal with one thing wrong.
struct Faulty(&'static str);

impl std::fmt::Display for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl LinearOperator for Faulty {
    fn shape(&self) -> (usize, usize) {
        (4, 4)
    }

    fn parameters(&self) -> usize {
        4
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let inner = Diagonal::new(4, 4);
        match self.0 {
            "affine" => record.add(y, Map::copy(parameters.across_columns(x.columns))),
            "nonlinear" => {
                let x = record.push(Map::new(Function::Tanh, x));
                inner.emit(record, parameters, x, y);
            }
            "frozen" => {
                let values = record.constant("p", 4, 1, [1.0; 4]);
                inner.emit(record, values, x, y);
            }
            "packed" => {
                let first = View { offset: 0, ..x };
                inner.emit(record, parameters, first, y);
            }
            _ => inner.emit(record, parameters, x, y),
        }
    }

    fn dense(&self, parameters: &[f64]) -> faer::Mat<f64> {
        let mut twin = Diagonal::new(4, 4).dense(parameters);
        match self.0 {
            "scaled" => twin[(2, 2)] *= 1.0 + 1e-12,
            "shape" => return faer::Mat::zeros(4, 3),
            _ => {}
        }
        twin
    }
}

/// Each fault is found and named: catches a check that checks nothing.
#[test]
fn faults_are_named() {
    let law = |fault| {
        let mut cpu = Cpu::<f64>::new();
        match conformance::check(&Faulty(fault), &mut cpu, f64::EPSILON, SEED) {
            Err(Violation::Broken { law, .. }) => Some(law),
            Err(Violation::TwinShape { found, .. }) => panic!("{found:?}"),
            other => panic!("{fault}: {other:?}"),
        }
    };
    assert_eq!(law("affine"), Some(Broken::Operations));
    assert_eq!(law("nonlinear"), Some(Broken::Action));
    assert_eq!(law("frozen"), Some(Broken::Action));
    assert_eq!(law("scaled"), Some(Broken::Action));
    assert_eq!(law("packed"), Some(Broken::Place));
    let shape = conformance::check(&Faulty("shape"), &mut Cpu::<f64>::new(), 1e-16, SEED);
    assert!(matches!(
        shape,
        Err(Violation::TwinShape { found: (4, 3), .. })
    ));
    let sound = conformance::check(&Faulty("sound"), &mut Cpu::<f64>::new(), 1e-15, SEED);
    assert_eq!(sound, Ok(()));
}

/// A machine that adds a millionth to the last number of one output.
struct Faulting {
    cpu: Cpu<f64>,
    output: &'static str,
    wrong: Option<Buffer>,
}

impl Exec for Faulting {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        let name = |buffer: &&Buffer| plan.buffers()[buffer.index()].name.as_deref();
        let outputs = plan.outputs().iter();
        self.wrong = outputs.copied().find(|b| name(&b) == Some(self.output));
        self.cpu.prepare(plan)
    }

    fn write(&mut self, buffer: Buffer, data: &[f64]) {
        self.cpu.write(buffer, data);
    }

    fn run(&mut self) -> Result<(), ExecError> {
        self.cpu.run()
    }

    fn follow(&mut self, buffer: Buffer) {
        self.cpu.follow(buffer);
    }

    fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
        self.cpu.followed(values, all)
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
        let mut values = self.cpu.read(buffer)?;
        if self.wrong == Some(buffer) {
            *values.last_mut().unwrap() += 1e-6;
        }
        Ok(values)
    }
}

/// Catches an adjoint or a gradient that is computed but not compared to its last entry.
#[test]
fn faults_of_machines_are_named() {
    for (output, expected) in [
        ("y", Broken::Action),
        ("dx", Broken::Adjoint),
        ("dp", Broken::Gradient),
    ] {
        let mut machine = Faulting {
            cpu: Cpu::new(),
            output,
            wrong: None,
        };
        let found = conformance::check(&Dense::new(4, 3), &mut machine, f64::EPSILON, SEED);
        match found {
            Err(Violation::Broken { law, .. }) => assert_eq!(law, expected),
            other => panic!("{output}: {other:?}"),
        }
    }
}

/// Catches a lost parenthesis.
#[test]
fn formulas() {
    let sum = || -> Operator { Box::new(Sum::new(vec![dense(2, 2), dense(2, 2)])) };
    let d = "dense(2×2)";
    let product = Product::new(vec![sum(), dense(2, 2)]);
    assert_eq!(product.to_string(), format!("({d} + {d}) {d}"));
    let adjoint = Adjoint::new(Box::new(product));
    assert_eq!(adjoint.to_string(), format!("(({d} + {d}) {d})ᵀ"));
    let scaled = Scaled::new(2.0, sum());
    assert_eq!(scaled.to_string(), format!("2 ({d} + {d})"));
}

/// Ten factors of 784 × 784 that end in ten columns are never worked out in more columns than ten:
/// catches an association from the thick side, and an adjoint whose dead forward part is counted.
#[test]
fn products_go_from_the_thin_side() {
    let (n, thin, samples) = (784, 10, 600);
    let product = |tall: bool| -> Operator {
        let factor = |i: usize| match (tall, i) {
            (true, 3) => dense(n, thin),
            (false, 0) => dense(thin, n),
            _ => dense(n, n),
        };
        Box::new(Product::new((0..4).map(factor).collect()))
    };
    let square = 2 * n * n * thin;
    let formed = 3 * square + 2 * n * thin * thin;
    let expected = (formed + 2 * n * thin * samples) as u64;
    assert_eq!(cost(product(true).as_ref(), samples).flops, expected);
    assert_eq!(cost(product(false).as_ref(), samples).flops, expected);
    let adjoint = Adjoint::new(product(false));
    assert_eq!(cost(&adjoint, samples).flops, expected);
    let few = 3 * 2 * n * n + 2 * n * thin;
    assert_eq!(cost(product(true).as_ref(), 1).flops, few as u64);
}

/// Every family of fits is an operator: catches a term that differs from the sum it is a part of.
#[test]
fn bases_conform() {
    let place = basis::Place {
        seed: SEED,
        layer: 0,
        factor: 1,
    };
    let mut cpu = Cpu::<f64>::new();
    for &family in BasisFamily::all() {
        for shape in [(5, 7), (7, 3), (4, 4)] {
            let basis = family.build(shape, 3, None, place).unwrap();
            let operator = BasisSum::new(basis);
            if let Err(violation) = conformance::check(&operator, &mut cpu, f64::EPSILON, SEED) {
                panic!("{} of {shape:?}: {violation}", family.name());
            }
        }
    }
}

/// A sum of random matrices is the one that fits make from the same seed, entry by entry: catches
/// a path, an order of entries or a scale that is not the basis's.
#[test]
fn random_sums_are_those_of_fits() {
    use basis::Basis;
    let place = basis::Place {
        seed: SEED,
        layer: 4,
        factor: 7,
    };
    let [what, layer, factor, _] = place.path(0);
    let (rows, columns, terms) = (30, 40, 5);
    let coefficients = [0.5, -1.0, 2.0, 0.25, 3.0];
    for law in [Distribution::Normal, Distribution::Sign] {
        let operator = RandomSum::new(Generated {
            law,
            seed: SEED,
            path: [what, layer, factor],
            rows,
            columns,
            terms,
            scale: 1.0,
        });
        let fitted = match law {
            Distribution::Normal => basis::Dense::gaussian(rows, columns, terms, place),
            Distribution::Sign => basis::Dense::rademacher(rows, columns, terms, place),
        };
        let identity = faer::Mat::<f64>::identity(columns, columns);
        let mut cpu = Cpu::<f64>::new();
        let a = apply(&operator, &coefficients, identity.as_ref(), &mut cpu).unwrap();
        let expected = fitted.combine(&coefficients);
        // a sum of five products, twice
        let tolerance = 10.0 * f64::EPSILON * expected.norm_max() * 7.0;
        assert!((a - expected).norm_max() <= tolerance);
    }
}
