//! Primitives against closed forms, plans against their records, the processor against slow twins.

use spectra::device::Cpu;
use spectra::program::*;
use spectra::random::Stream;
use std::sync::Arc;

const SEED: u64 = 5;

fn normals(path: u64, count: usize) -> Vec<f64> {
    let mut stream = Stream::new(SEED, &[path]);
    (0..count).map(|_| stream.normal()).collect()
}

fn run(plan: &Plan, inputs: &[(Buffer, &[f64])], outputs: &[Buffer]) -> Vec<Vec<f64>> {
    let mut cpu = Cpu::<f64>::new();
    cpu.prepare(plan).unwrap();
    for (buffer, values) in inputs {
        cpu.write(*buffer, values);
    }
    cpu.run().unwrap();
    outputs.iter().map(|b| cpu.read(*b).unwrap()).collect()
}

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

fn mapped(record: &mut Record, function: Function, x: View) -> View {
    record.push(Map::new(function, x))
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

fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

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

/// A step of a network with everything in it.
fn network(record: &mut Record, samples: usize) -> (View, View, View, [Buffer; 2]) {
    let p = record.input("p", 40 * 70 + 40 + 40 * 5, 1);
    let x = record.input("x", 70, samples);
    let dy = record.input("dy", 5, samples);
    let a = p.row_range(0..2800).reshaped([40, 70, 1]);
    let bias = p.row_range(2800..2840).across_columns(samples);
    let b = p.row_range(2840..3040).reshaped([5, 40, 1]);
    let h = record.push(Gemm::new(1.0, a, x));
    record.add(h, Map::copy(bias));
    let h = mapped(record, Function::Relu, h);
    let y = record.push(Gemm::new(1.0, b, h));
    let dp = record.backward(y, dy, &[p])[0];
    let outputs = [record.output("y", y), record.output("dp", dp)];
    (p, x, dy, outputs)
}

/// What is read is what was last written there: catches a slot given away too early, and an
/// instruction that reads the slot it writes.
#[test]
fn slots_hold_what_is_read() {
    let mut record = Record::new();
    network(&mut record, 9);
    let plan = Plan::new(&record);
    let slot = |view: &View| plan.buffers()[view.buffer.index()].slot.unwrap();
    let mut owner: Vec<Option<Buffer>> = vec![None; plan.slots().len()];
    let mut begun = Vec::new();
    for instruction in plan.instructions() {
        let to = slot(&instruction.to);
        for operand in instruction.primitive.rule().operands() {
            let role = &plan.buffers()[operand.buffer.index()].role;
            let from = slot(&operand);
            assert_ne!(from, to, "{instruction}");
            // what comes from outside stays
            let computed = matches!(role, Role::Computed);
            let expected = computed.then_some(operand.buffer);
            assert_eq!(owner[from], expected, "{instruction}");
        }
        let buffer = instruction.to.buffer;
        if begun.contains(&buffer) {
            assert_eq!(owner[to], Some(buffer), "{instruction}");
        } else {
            assert!(!instruction.add, "{instruction}");
            begun.push(buffer);
        }
        owner[to] = Some(buffer);
    }
    for output in plan.outputs() {
        let slot = plan.buffers()[output.index()].slot.unwrap();
        assert_eq!(owner[slot], Some(*output));
    }
}

/// Ten maps one after another need two slots between input and output, and running twice gives the
/// same: catches memory that grows with the program, and sums that are not begun anew.
#[test]
fn memory_is_used_again() {
    let mut record = Record::new();
    let x = record.input("x", 100, 1);
    let mut y = x;
    for _ in 0..10 {
        y = mapped(&mut record, Function::Tanh, y);
    }
    let out = record.output("y", y);
    let plan = Plan::new(&record);
    assert_eq!(plan.slots(), [100; 4]);
    let mut cpu = Cpu::<f64>::new();
    cpu.prepare(&plan).unwrap();
    cpu.write(x.buffer, &normals(3, 100));
    cpu.run().unwrap();
    let first = cpu.read(out).unwrap();
    cpu.run().unwrap();
    assert_eq!(cpu.read(out).unwrap(), first);
}

/// The text of a small plan: catches a product that nobody reads, a needless fill, a lost one.
#[test]
fn plans_are_printed() {
    let mut record = Record::new();
    let a = record.input("a", 4, 3);
    let x = record.input("x", 3, 2);
    let y = record.zeros(6, 2);
    record.push(Gemm::new(1.0, a, x));
    record.add(y.row_range(0..4), Gemm::new(-1.0, a, x));
    let z = record.zeros(3, 2);
    record.add(z, Map::copy(x));
    record.add(z, Map::new(Function::Exp, x));
    record.output("y", y);
    record.output("z", z);
    let expected = "\
input    b0 a 4×3
input    b1 x 3×2
output   b2 y 6×2
output   b4 z 3×2
b2[6×2] = fill 0
b2[4×2 by 1,6] += gemm -1 b0[4×3] b1[3×2]
b4[3×2] = copy b1[3×2]
b4[3×2] += exp b1[3×2]
4 steps, 68 operations, 76 numbers moved, 0 drawn; 36 numbers in 4 slots";
    assert_eq!(Plan::new(&record).to_string(), expected);
}

/// The bits of a step that is cut into many tasks, on one, two and three threads: catches a cut
/// that depends on who is there, and numbers that two tasks add to.
#[test]
fn bits_do_not_depend_on_threads() {
    let mut record = Record::new();
    let samples = 700;
    let (p, x, dy, [y, dp]) = network(&mut record, samples);
    let coefficients = record.input("a", 6, 1);
    let matrices = Generated {
        law: Law::Normal,
        seed: SEED,
        path: [0, 0, 0],
        rows: 256,
        columns: 130,
        terms: 6,
        scale: 1.0,
    };
    let sum = record.push(GeneratedSum::new(matrices, coefficients));
    let transformed = record.push(HadamardTransform::new(1.0, sum));
    let product = record.push(Gemm::new(1.0, transformed, sum.t()));
    let reduced = record.push(Reduce::new(Axis::Columns, product));
    let da = record.backward(reduced, reduced, &[coefficients])[0];
    let (reduced, da) = (record.output("sums", reduced), record.output("da", da));
    let plan = Plan::new(&record);
    let inputs = [
        (p, normals(4, p.rows)),
        (x, normals(5, 70 * samples)),
        (dy, normals(6, 5 * samples)),
        (coefficients, normals(7, 6)),
    ];
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let inputs: Vec<_> = inputs.iter().map(|(v, x)| (v.buffer, &x[..])).collect();
        let outputs = pool
            .unwrap()
            .install(|| run(&plan, &inputs, &[y, dp, reduced, da]));
        let bits = outputs.into_iter().flatten().map(f64::to_bits);
        bits.collect::<Vec<u64>>()
    };
    let one = bits(1);
    assert_eq!(bits(2), one);
    assert_eq!(bits(3), one);
}

/// Products of odd sizes, cut into tasks, in every layout of the three matrices, against sums by
/// hand: catches a wrong stride, a gap or an overlap between tasks, a batch laid wrongly.
#[test]
fn products_of_all_layouts() {
    let (m, k, n) = (173, 61, 259);
    for layout in 0..16 {
        let bit = |i: usize| layout >> i & 1 == 1;
        let batch = if bit(3) { 3 } else { 1 };
        let mut record = Record::new();
        let mut operand = |name: &str, rows: usize, columns: usize, transposed: bool| {
            let (r, c) = match transposed {
                true => (columns, rows),
                false => (rows, columns),
            };
            let view = record.input(name, r + 1, c * batch);
            let view = View {
                rows: r,
                columns: c,
                batch,
                offset: 1,
                batch_stride: (r + 1) * c,
                ..view
            };
            if transposed { view.t() } else { view }
        };
        let a = operand("a", m, k, bit(0));
        let b = operand("b", k, n, bit(1));
        // rows of each matrix contiguous, or blocks of rows of one matrix
        let (whole, c) = match bit(2) {
            true => {
                let whole = record.zeros(n, m * batch);
                (whole, whole.reshaped([n, m, batch]).t())
            }
            false => {
                let whole = record.zeros(m * batch, n);
                (whole, whole.row_blocks(batch))
            }
        };
        record.add(c, Gemm::new(0.5, a, b));
        record.add(c, Gemm::new(0.5, a, b));
        let out = record.output("c", whole);
        let size = |v: View, r: usize, c: usize| (r + 1) * c * v.batch;
        let values = |path: u64, v: View, transposed: bool| match transposed {
            true => normals(path, size(v, v.columns, v.rows)),
            false => normals(path, size(v, v.rows, v.columns)),
        };
        let (av, bv) = (values(8, a, bit(0)), values(9, b, bit(1)));
        let plan = Plan::new(&record);
        let found = run(&plan, &[(a.buffer, &av), (b.buffer, &bv)], &[out]);
        let at = |v: View, values: &[f64], i: usize, j: usize, q: usize| {
            values[v.offset + i * v.row_stride + j * v.column_stride + q * v.batch_stride]
        };
        for q in 0..batch {
            for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                let terms = (0..k).map(|l| at(a, &av, i, l, q) * at(b, &bv, l, j, q));
                let (sum, size) = terms.fold((0.0, 0.0), |(s, t), x| (s + x, t + x.abs()));
                let found = at(c, &found[0], i, j, q);
                let tolerance = (k + 2) as f64 * f64::EPSILON * size;
                assert!((found - sum).abs() <= tolerance, "{layout}: {i} {j} {q}");
            }
        }
    }
}

/// Against the definition, all sizes to 1,024: catches a level left out, an order of bits.
#[test]
fn hadamard_is_its_definition() {
    for n in (0..=10).map(|level| 1usize << level) {
        let mut record = Record::new();
        let x = record.input("x", n, 2);
        let y = record.push(HadamardTransform::new(1.0 / (n as f64).sqrt(), x));
        let out = record.output("y", y);
        let values = normals(10, 2 * n);
        let found = &run(&Plan::new(&record), &[(x.buffer, &values)], &[out])[0];
        for (x, y) in values.chunks(n).zip(found.chunks(n)) {
            let norm = dot(x, x).sqrt();
            for (i, y) in y.iter().enumerate() {
                let sign = |j: usize| 1.0 - 2.0 * f64::from((i & j).count_ones() % 2);
                let terms = (0..n).map(|j| sign(j) * x[j]);
                let expected = terms.sum::<f64>() / (n as f64).sqrt();
                // log₂ n roundings in the transform, n in the sum by hand
                let tolerance = (n + 11) as f64 * f64::EPSILON * norm;
                assert!((y - expected).abs() <= tolerance, "{n}: {y} {expected}");
            }
        }
    }
}

/// Catches memory asked for without a way to say no.
#[test]
fn memory_that_is_refused_is_an_error() {
    let mut record = Record::new();
    record.input("x", 1 << 40, 1 << 20);
    let error = Cpu::<f32>::new().prepare(&Plan::new(&record)).unwrap_err();
    let bytes = 1 << 62;
    let device = "processor";
    assert_eq!(error, ExecError::OutOfMemory { device, bytes });
}

/// Catches a mistake that is let through, or a message without the shapes.
#[test]
fn mistakes_name_the_shapes() {
    fn message(mistake: fn(&mut Record, View)) -> String {
        let caught = std::panic::catch_unwind(|| {
            let mut record = Record::new();
            let x = record.input("x", 4, 3);
            mistake(&mut record, x);
        });
        *caught.unwrap_err().downcast::<String>().unwrap()
    }
    let found = [
        message(|_, x| {
            let _ = Gemm::new(1.0, x, x);
        }),
        message(|_, x| {
            let _ = Gemm::new(1.0, x, x.row_range(0..1).across_rows(3));
        }),
        message(|r, x| {
            let y = r.zeros(3, 4);
            r.add(y, Map::copy(x));
        }),
        message(|r, x| {
            let y = mapped(r, Function::Exp, x);
            mapped(r, Function::Exp, y);
            r.add(y, Map::copy(x));
        }),
        message(|r, x| r.add(x, Map::copy(x))),
        message(|r, x| {
            let _ = r.push(Map::copy(View { offset: 1, ..x }));
        }),
        message(|r, x| {
            let y = r.zeros(4, 1);
            r.add(y.across_columns(3), Map::copy(x));
        }),
        message(|_, x| {
            let _ = x.row_range(3..5);
        }),
        message(|_, x| {
            let _ = Zip::new(Combination::Add, x, x.t());
        }),
        message(|_, x| {
            let _ = HadamardTransform::new(1.0, x.t());
        }),
    ];
    let expected = [
        "gemm: b0[4×3] times b0[4×3]",
        "gemm: b0[3×3 by 0,4] has no contiguous rows or columns",
        "add: copy b0[4×3] to b1[3×4]",
        "add: copy b0[4×3]: b1[4×3] has been read",
        "add: copy b0[4×3]: b0[4×3] comes from outside",
        "add: copy b0+1[4×3]: b0+1[4×3] is empty or leaves its buffer",
        "add: copy b0[4×3]: b1[4×3 by 1,0] overlaps itself",
        "row_range: 3..5 of b0[4×3]",
        "zip: add of b0[4×3] and b0[3×4 by 4,1]",
        "hadamard: b0[3×4 by 4,1] has not a power of two rows",
    ];
    assert_eq!(found, expected);
}
