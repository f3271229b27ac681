//! Kernels of plans: networks, operators, every primitive in all its forms.

use crate::families_of_operators::check_all;
use crate::networks;
use spectra::device::{Cpu, kernels};
use spectra::program::{
    AdamStep, Axis, Buffer, Combination, CrossEntropy, Descent, Exec, ExecError, Fill, Function,
    Gather, Gemm, Generated, GeneratedProducts, GeneratedSum, HadamardTransform, Lists, Map,
    Maximum, Plan, Primitive, Record, Reduce, TrigonometricTransform, View, Waves, Zip,
};
use spectra::random::Distribution;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Kernels of plans, by text.
#[derive(Default)]
pub struct Collected {
    pub names: BTreeMap<String, &'static str>,
    primitives: BTreeSet<usize>,
}

impl Collected {
    fn add(&mut self, plan: &Plan) {
        let kinds = plan.instructions().iter();
        self.primitives
            .extend(kinds.map(|instruction| kind(&instruction.primitive)));
        let own = kernels(plan).into_iter();
        self.names.extend(own.map(|(name, text)| (text, name)));
    }

    /// What `write` records.
    fn record(&mut self, write: impl FnOnce(&mut Record)) {
        let mut record = Record::new();
        write(&mut record);
        self.add(&Plan::new(&record));
    }
}

/// One number for each primitive, from zero. A new one is a line here.
fn kind(primitive: &Primitive) -> usize {
    match primitive {
        Primitive::Gemm(_) => 0,
        Primitive::GeneratedSum(_) => 1,
        Primitive::GeneratedProducts(_) => 2,
        Primitive::Map(_) => 3,
        Primitive::Zip(_) => 4,
        Primitive::Reduce(_) => 5,
        Primitive::Gather(_) => 6,
        Primitive::Maximum(_) => 7,
        Primitive::MaximumGradient(_) => 8,
        Primitive::CrossEntropy(_) => 9,
        Primitive::CrossEntropyGradient(_) => 10,
        Primitive::Hadamard(_) => 11,
        Primitive::Fill(_) => 12,
        Primitive::Descent(_) => 13,
        Primitive::AdamStep(_) => 14,
        Primitive::Trigonometric(_) => 15,
    }
}

const KINDS: usize = 16;

/// The processor, which is handed every plan of the operators' check.
struct Collecting {
    cpu: Cpu<f64>,
    collected: Collected,
}

impl Exec for Collecting {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.collected.add(plan);
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
        self.cpu.read(buffer)
    }
}

/// Products of all layouts, and of sizes for which each tile is best for some.
fn products(collected: &mut Collected) {
    let sides = [1, 4, 12, 32, 100, 512, 4096];
    for (m, n) in sides.iter().flat_map(|m| sides.map(|n| (*m, n))) {
        for (k, batch) in [(1, 1), (25, 1), (1000, 1), (40_000, 1), (32, 100)] {
            if (m + n) * k * batch > 16 << 20 {
                continue;
            }
            for layout in 0..4 {
                collected.record(|record| {
                    let mut matrices = |rows: usize, columns: usize, turned: bool| {
                        if !turned {
                            record.input("x", rows * batch, columns).row_blocks(batch)
                        } else {
                            record
                                .input("x", columns, rows * batch)
                                .t()
                                .row_blocks(batch)
                        }
                    };
                    let a = matrices(m, k, layout & 1 == 1);
                    let b = matrices(k, n, layout & 2 == 2);
                    let c = record.zeros(m * batch, n);
                    record.add(c.row_blocks(batch), Gemm::new(0.5, a, b));
                    record.output("c", c);
                });
            }
        }
    }
}

fn sums(collected: &mut Collected) {
    for length in [1, 2, 3, 7, 20, 100, 300, 5000, 300_000] {
        for count in [1, 5, 64, 3000] {
            for over in [Axis::Rows, Axis::Columns] {
                collected.record(|record| {
                    let x = match over {
                        Axis::Rows => record.input("x", length, count),
                        Axis::Columns => record.input("x", count, length),
                    };
                    let y = record.push(Reduce::new(over, x));
                    record.add(y, Reduce::new(over, x));
                    record.output("y", y);
                });
            }
        }
    }
}

fn transforms(collected: &mut Collected) {
    for levels in 0..22 {
        for columns in [1, 3, 64] {
            collected.record(|record| {
                let x = record.input("x", 1 << levels, columns);
                let y = record.push(HadamardTransform::new(0.5, x));
                record.output("y", y);
            });
        }
    }
}

fn waves(collected: &mut Collected) {
    for waves in [Waves::Fourier, Waves::Cosine] {
        for (order, used, columns) in [(1, 1, 1), (7, 3, 5), (1000, 784, 64)] {
            collected.record(|record| {
                let x = record.input("x", used, columns);
                let y = record.push(TrigonometricTransform::new(waves, order, x));
                let back = TrigonometricTransform::transposed(waves, used, y);
                let back = record.push(back);
                record.output("back", back);
            });
        }
    }
}

fn generated(collected: &mut Collected) {
    for law in [Distribution::Normal, Distribution::Sign] {
        for (rows, columns, terms) in [(3, 2, 1), (500, 300, 70)] {
            let matrices = Generated {
                law,
                seed: 1,
                path: [1, 2, 3],
                rows,
                columns,
                terms,
                scale: 1.0,
            };
            collected.record(|record| {
                let a = record.input("a", terms, 1);
                let d = record.input("d", rows, columns);
                let sum = record.push(GeneratedSum::new(matrices, a));
                let products = record.push(GeneratedProducts::new(matrices, d));
                record.output("sum", sum);
                record.output("products", products);
            });
        }
    }
}

/// Every function, lists of all forms, losses, both optimisers, and more elementwise work in a row than one kernel has
/// bindings for.
fn entries(collected: &mut Collected) {
    for function in [
        Function::Scale(-1.5),
        Function::Exp,
        Function::Tanh,
        Function::Sigmoid,
        Function::Square,
        Function::Relu,
        Function::InverseRoot(0.25),
        Function::Cosine,
        Function::Sine,
        Function::Sign,
    ] {
        collected.record(|record| {
            let [x, dy] = ["x", "dy"].map(|name| record.input(name, 30, 20));
            let y = record.push(Map::new(function, x));
            let slope = record.push(Zip::new(Combination::Chain(function), dy, x));
            record.output("y", y);
            record.output("slope", slope);
        });
    }
    let lists = Arc::new(Lists::new(30, (0..9).map(|i| [i, 3 * i, i + 20])));
    let single = Arc::new(Lists::from_table(30, (0..9).map(|i| (i != 4).then_some(i))));
    collected.record(|record| {
        let x = record.input("x", 30, 20);
        let classes = record.input("classes", 1, 20);
        let largest = record.push(Maximum::new(Arc::clone(&lists), x));
        let losses = record.push(CrossEntropy::new(largest, classes));
        let ones = record.constant("ones", 1, 20, vec![1.0; 20]);
        let gradient = record.backward(losses, ones, &[x])[0];
        record.output("losses", losses);
        record.output("gradient", gradient);
        for lists in [lists, single] {
            let rows = record.push(Gather::new(lists, x));
            record.output("rows", rows);
        }
    });
    collected.record(|record| {
        let weight = record.state("weight", 500, 1);
        let [m, v, speed] = ["m", "v", "speed"].map(|name| record.state(name, 500, 1));
        let settings = record.input("settings", 2, 1);
        let gradient = record.input("gradient", 500, 1);
        let square = record.push(Map::new(Function::Square, gradient));
        let rate = settings.row_range(0..1);
        record.update(speed, 0.9, Descent::new(gradient, weight, rate, 1e-3));
        record.update(m, 0.9, Map::new(Function::Scale(0.1), gradient));
        record.update(v, 0.999, Map::new(Function::Scale(1e-3), square));
        record.update(weight, 1.0, AdamStep::new(m, v, settings));
    });
    collected.record(|record| {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let inputs: Vec<View> = names.map(|name| record.input(name, 40, 3)).to_vec();
        let mut sum = record.push(Fill {
            rows: 40,
            columns: 3,
            value: 0.5,
        });
        for x in inputs {
            sum = record.push(Zip::new(Combination::Add, sum, x));
            record.output("sum", sum);
        }
    });
}

/// The kernels of networks, of every family of operators, and of every primitive in all its forms.
pub fn all() -> Collected {
    let mut collecting = Collecting {
        cpu: Cpu::new(),
        collected: Collected::default(),
    };
    check_all(&mut collecting, f64::EPSILON, &[(5, 7), (1, 1)]);
    let mut collected = collecting.collected;
    for step in [
        networks::lenet(64),
        networks::mlp(64),
        networks::quick(100),
        networks::block_layer([1024, 1024], 4, 100, true),
        networks::block_layer([1024, 1024], 32, 100, true),
    ] {
        collected.add(&step.plan);
    }
    products(&mut collected);
    sums(&mut collected);
    transforms(&mut collected);
    waves(&mut collected);
    generated(&mut collected);
    entries(&mut collected);
    let known: BTreeSet<usize> = (0..KINDS).collect();
    assert_eq!(collected.primitives, known);
    collected
}
