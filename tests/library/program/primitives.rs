//! Values and gradients of primitives against formulas.

use super::{dot, mapped, normals, run};
use spectra::program::*;
use std::sync::Arc;

/// A program of twelve numbers, and the same by hand.
struct Case {
    name: &'static str,
    program: fn(&mut Record, View) -> View,
    formula: fn(&[f64]) -> Vec<f64>,
}

/// Twelve numbers as two 2 × 3 matrices.
fn halves(p: View) -> (View, View) {
    let half = |at: usize| p.row_range(at..at + 6).reshaped([2, 3, 1]);
    (half(0), half(6))
}

/// A new primitive is one case here, unless the operators' check runs it.
const CASES: &[Case] = &[
    Case {
        name: "scale",
        program: |r, p| mapped(r, Function::Scale(-2.5), p),
        formula: |p| p.iter().map(|x| -2.5 * x).collect(),
    },
    Case {
        name: "exp",
        program: |r, p| mapped(r, Function::Exp, p),
        formula: |p| p.iter().map(|x| x.exp()).collect(),
    },
    Case {
        name: "tanh",
        program: |r, p| mapped(r, Function::Tanh, p),
        formula: |p| p.iter().map(|x| x.tanh()).collect(),
    },
    Case {
        name: "sigmoid",
        program: |r, p| mapped(r, Function::Sigmoid, p),
        formula: |p| p.iter().map(|x| 0.5 + 0.5 * (x / 2.0).tanh()).collect(),
    },
    Case {
        name: "square",
        program: |r, p| mapped(r, Function::Square, p),
        formula: |p| p.iter().map(|x| x.powi(2)).collect(),
    },
    Case {
        name: "relu",
        program: |r, p| mapped(r, Function::Relu, p),
        formula: |p| p.iter().map(|x| (x + x.abs()) / 2.0).collect(),
    },
    Case {
        name: "inverse root",
        program: |r, p| {
            let square = mapped(r, Function::Square, p);
            mapped(r, Function::InverseRoot(0.5), square)
        },
        formula: |p| p.iter().map(|x| (x * x + 0.5).powf(-0.5)).collect(),
    },
    Case {
        name: "cosine",
        program: |r, p| mapped(r, Function::Cosine, p),
        formula: |p| p.iter().map(|x| x.cos()).collect(),
    },
    Case {
        name: "sine",
        program: |r, p| mapped(r, Function::Sine, p),
        formula: |p| p.iter().map(|x| x.sin()).collect(),
    },
    Case {
        name: "sign",
        program: |r, p| mapped(r, Function::Sign, p),
        formula: |p| p.iter().map(|x| x.signum()).collect(),
    },
    Case {
        name: "add a column, subtract a row",
        program: |r, p| {
            let (x, _) = halves(p);
            let column = p.row_range(6..8).across_columns(3);
            let row = p.row_range(8..11).t().across_rows(2);
            let sum = r.push(Zip::new(Combination::Add, x, column));
            r.push(Zip::new(Combination::Subtract, sum, row))
        },
        formula: |p| (0..6).map(|i| p[i] + p[6 + i % 2] - p[8 + i / 2]).collect(),
    },
    Case {
        name: "multiply by one number",
        program: |r, p| {
            let (x, _) = halves(p);
            let one = p.row_range(7..8).across_columns(3).across_rows(2);
            r.push(Zip::new(Combination::Multiply, one, x))
        },
        formula: |p| (0..6).map(|i| p[i] * p[7]).collect(),
    },
    Case {
        name: "a square read twice, the result transposed",
        program: |r, p| {
            let (x, z) = halves(p);
            let square = mapped(r, Function::Square, x);
            let y = r.zeros(3, 2);
            r.add(y.t(), Zip::new(Combination::Multiply, square, z));
            r.add(y.t(), Zip::new(Combination::Multiply, z, square));
            y
        },
        formula: |p| {
            let at = |i: usize, j: usize| 2.0 * p[i + 2 * j].powi(2) * p[6 + i + 2 * j];
            (0..6).map(|k| at(k / 3, k % 3)).collect()
        },
    },
    Case {
        name: "sum over rows",
        program: |r, p| r.push(Reduce::new(Axis::Rows, halves(p).1)),
        formula: |p| (0..3).map(|j| p[6 + 2 * j] + p[7 + 2 * j]).collect(),
    },
    Case {
        name: "sum over columns of a transpose",
        program: |r, p| r.push(Reduce::new(Axis::Columns, halves(p).1.t())),
        formula: |p| (0..3).map(|j| p[6 + 2 * j] + p[7 + 2 * j]).collect(),
    },
    Case {
        name: "fill, then add",
        program: |r, p| {
            let y = r.push(Fill {
                value: 2.5,
                rows: 12,
                columns: 1,
            });
            r.add(y, Map::copy(p));
            y
        },
        formula: |p| p.iter().map(|x| x + 2.5).collect(),
    },
    Case {
        name: "gather with repetition and gaps",
        program: |r, p| {
            let table = [Some(3), None, Some(0), Some(3)];
            let x = p.reshaped([4, 3, 1]);
            r.push(Gather::new(Arc::new(Lists::from_table(4, table)), x))
        },
        formula: |p| {
            let column = |x: &[f64]| [x[3], 0.0, x[0], x[3]];
            p.chunks(4).flat_map(column).collect()
        },
    },
    Case {
        name: "the largest of lists that share rows",
        program: |r, p| {
            let lists = Lists::new(4, [vec![0, 1], vec![3, 1, 2], vec![2]]);
            r.push(Maximum::new(Arc::new(lists), p.reshaped([4, 3, 1])))
        },
        formula: |p| {
            let column = |x: &[f64]| [x[0].max(x[1]), x[3].max(x[1]).max(x[2]), x[2]];
            p.chunks(4).flat_map(column).collect()
        },
    },
    Case {
        name: "cross-entropy",
        program: |r, p| {
            let classes = r.constant("classes", 1, 3, [2.0, 0.0, 3.0]);
            r.push(CrossEntropy::new(p.reshaped([4, 3, 1]), classes))
        },
        formula: |p| {
            let loss = |(x, class): (&[f64], usize)| {
                let sum: f64 = x.iter().map(|x| x.exp()).sum();
                -(x[class].exp() / sum).ln()
            };
            p.chunks(4).zip([2, 0, 3]).map(loss).collect()
        },
    },
    Case {
        name: "transforms into parts of a column",
        program: |r, p| {
            let y = r.zeros(9, 1);
            r.add(
                y.row_range(1..5),
                HadamardTransform::new(0.5, p.row_range(3..7)),
            );
            r.add(
                y.row_range(4..6),
                HadamardTransform::new(1.0, p.row_range(0..2)),
            );
            y
        },
        formula: |p| {
            let [a, b, c, d] = [p[3], p[4], p[5], p[6]].map(|x| x / 2.0);
            let first = [a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d];
            let [s, t, u, v] = first;
            vec![0.0, s, t, u, v + p[0] + p[1], p[0] - p[1], 0.0, 0.0, 0.0]
        },
    },
    Case {
        name: "one matrix times a batch",
        program: |r, p| {
            let a = p.row_range(0..4).reshaped([2, 2, 1]).repeated(2);
            let b = p.row_range(4..12).reshaped([2, 2, 2]);
            let y = r.push(Gemm::new(1.5, a, b));
            y.reshaped([8, 1, 1])
        },
        formula: |p| {
            let at = |i: usize, x: &[f64]| 1.5 * (p[i] * x[0] + p[i + 2] * x[1]);
            p[4..]
                .chunks(2)
                .flat_map(|x| [at(0, x), at(1, x)])
                .collect()
        },
    },
    Case {
        name: "a gradient step with decay",
        program: |r, p| {
            let (gradient, weight) = halves(p);
            r.push(Descent::new(gradient, weight, p.row_range(3..4), 0.25))
        },
        formula: |p| (0..6).map(|i| p[3] * (p[i] + 0.25 * p[6 + i])).collect(),
    },
    Case {
        name: "a gradient step of Adam",
        program: |r, p| {
            let (m, v) = halves(p);
            let square = mapped(r, Function::Square, v);
            r.push(AdamStep::new(m.t(), square.t(), p.row_range(2..4)))
        },
        formula: |p| {
            let step = |i: usize| p[2] * p[i] / (p[6 + i].abs() + p[3]);
            [0, 2, 4, 1, 3, 5].map(step).to_vec()
        },
    },
    Case {
        name: "a gradient: Aᵀ (dy ∘ 2 A x)",
        program: |r, p| {
            let a = p.row_range(0..6).reshaped([2, 3, 1]);
            let x = r.constant("x", 3, 1, [0.3, -0.4, 0.5]);
            let ax = r.push(Gemm::new(1.0, a, x));
            let y = mapped(r, Function::Square, ax);
            let dy = p.row_range(6..8);
            r.backward(y, dy, &[x])[0]
        },
        // the derivative in A of a chain rule would be a second derivative: tested below
        formula: |p| {
            let ax = |i: usize| p[i] * 0.3 - p[i + 2] * 0.4 + p[i + 4] * 0.5;
            let d = [0, 1].map(|i| 2.0 * ax(i) * p[6 + i]);
            (0..3)
                .map(|j| p[2 * j] * d[0] + p[2 * j + 1] * d[1])
                .collect()
        },
    },
];

/// Values against the formula, gradients against its central differences: catches a wrong kernel,
/// a wrong rule, a lost contribution of an operand read twice or repeated.
#[test]
fn values_and_gradients_are_those_of_the_formula() {
    for case in CASES {
        let mut record = Record::new();
        let p = record.input("p", 12, 1);
        let y = (case.program)(&mut record, p);
        let values = normals(1, 12);
        let expected = (case.formula)(&values);
        let weights = normals(2, expected.len());
        let w = record.constant("w", y.rows, y.columns, &weights[..]);
        let differentiable = !case.name.starts_with("a gradient");
        let wrt: &[View] = if differentiable { &[p] } else { &[] };
        let gradients = record.backward(y, w, wrt);
        let out = record.output("y", y);
        let outs: Vec<Buffer> = gradients.iter().map(|g| record.output("dp", *g)).collect();
        let plan = Plan::new(&record);
        let found = run(&plan, &[(p.buffer, &values)], &[&[out], &outs[..]].concat());
        let size = expected.iter().fold(1.0, |s: f64, x| s.max(x.abs()));
        let tolerance = (plan.roundings() + 12) as f64 * f64::EPSILON * size;
        for (found, expected) in found[0].iter().zip(&expected) {
            let error = (found - expected).abs();
            assert!(error <= tolerance, "{}: {found} {expected}", case.name);
        }
        for (i, found) in found.get(1).into_iter().flatten().enumerate() {
            let difference = |h: f64| {
                let at = |step: f64| {
                    let mut moved = values.clone();
                    moved[i] += step;
                    dot(&(case.formula)(&moved), &weights)
                };
                (at(h) - at(-h)) / (2.0 * h)
            };
            let h = 1.0 / 512.0;
            let expected = (4.0 * difference(h) - difference(2.0 * h)) / 3.0;
            let error = (found - expected).abs();
            // rounding over the step, and what extrapolation leaves: the fifth derivative times h⁴
            let bound = 12.0 * tolerance / h + 100.0 * size * h.powi(4);
            assert!(error <= bound, "{} at {i}: {found} {expected}", case.name);
        }
    }
}

/// Catches a backward pass that silently drops a second derivative.
#[test]
#[should_panic(expected = "no second derivative of tanh")]
fn functions_have_one_derivative() {
    let mut record = Record::new();
    let x = record.input("x", 2, 1);
    let y = mapped(&mut record, Function::Tanh, x);
    let dx = record.backward(y, x, &[x])[0];
    record.backward(dx, dx, &[x]);
}

/// Of equal rows only the first is given a gradient: catches one given twice.
#[test]
fn of_equal_rows_the_first_is_the_largest() {
    let mut record = Record::new();
    let x = record.input("x", 3, 1);
    let lists = Lists::new(3, [[2, 0, 1], [1, 2, 0]]);
    let y = record.push(Maximum::new(Arc::new(lists), x));
    let dy = record.constant("dy", 2, 1, [10.0, 1.0]);
    let dx = record.backward(y, dy, &[x])[0];
    let dx = record.output("dx", dx);
    let plan = Plan::new(&record);
    assert_eq!(
        run(&plan, &[(x.buffer, &[5.0; 3])], &[dx])[0],
        [0.0, 1.0, 10.0]
    );
    assert_eq!(
        run(&plan, &[(x.buffer, &[5.0, 6.0, 5.0])], &[dx])[0],
        [0.0, 11.0, 0.0]
    );
}

/// Scores beyond the range of the exponential, and a class that is none.
#[test]
fn cross_entropy_neither_overflows_nor_guesses() {
    let mut record = Record::new();
    let x = record.input("x", 2, 3);
    let classes = record.input("classes", 1, 3);
    let y = record.push(CrossEntropy::new(x, classes));
    let ones = record.constant("ones", 1, 3, [1.0; 3]);
    let dx = record.backward(y, ones, &[x])[0];
    let (y, dx) = (record.output("y", y), record.output("dx", dx));
    let scores = [2000.0, -2000.0, 2000.0, -2000.0, 0.0, 0.0];
    let found = run(
        &Plan::new(&record),
        &[(x.buffer, &scores), (classes.buffer, &[0.0, 1.0, 2.0])],
        &[y, dx],
    );
    assert_eq!(found[0][..2], [0.0, 4000.0]);
    assert_eq!(found[1][..4], [0.0, 0.0, 1.0, -1.0]);
    assert!(found[0][2].is_nan() && found[1][4].is_nan());
}
