//! Programs put together at random: memory that buffers share, chains, what is kept.

use super::trial::on_machine;
use super::{EPSILON, poisoned};
use libtest_mimic::Trial;
use rand::Rng;
use rand::seq::IndexedRandom;
use spectra::device::Cpu;
use spectra::device::Machine;
use spectra::program::{
    Axis, Buffer, Combination, Descent, Exec, Function, Gather, Gemm, Lists, Map, Plan, Primitive,
    Record, Reduce, View, Zip,
};
use spectra::random::Stream;
use std::sync::Arc;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![on_machine(programs_put_together_at_random)]
}

const FUNCTIONS: [Function; 6] = [
    Function::Scale(0.5),
    Function::Scale(1.0),
    Function::Tanh,
    Function::Sigmoid,
    Function::Relu,
    Function::Cosine,
];

/// A program being written, and what it can read.
struct Writer {
    record: Record,
    stream: Stream,
    known: Vec<View>,
    given: Vec<View>,
}

impl Writer {
    fn below(&mut self, end: usize) -> usize {
        (self.stream.next_u64() % end as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// Something known of this shape: a matrix, a part of one, a row or column many times.
    fn read(&mut self, rows: usize, columns: usize) -> View {
        for _ in 0..20 {
            let view = *self.known.choose(&mut self.stream).expect("inputs");
            let view = if self.one_in(2) { view } else { view.t() };
            if [view.rows, view.columns] == [rows, columns] {
                return view;
            }
            if view.rows >= rows && view.columns >= columns && self.one_in(2) {
                let (top, left) = (
                    self.below(view.rows - rows + 1),
                    self.below(view.columns - columns + 1),
                );
                return view
                    .row_range(top..top + rows)
                    .column_range(left..left + columns);
            }
            if view.rows == rows && self.one_in(2) {
                let column = self.below(view.columns);
                return view
                    .column_range(column..column + 1)
                    .across_columns(columns);
            }
        }
        let one = self.given[0].row_range(0..1).column_range(0..1);
        one.across_columns(columns).across_rows(rows)
    }

    /// A matrix that a product takes.
    fn factor(&mut self, rows: usize, columns: usize) -> View {
        let x = self.read(rows, columns);
        self.record.push(Map::new(Function::Scale(0.25), x))
    }

    fn primitive(&mut self, rows: usize, columns: usize) -> Primitive {
        match self.below(12) {
            0 => {
                let inner = 1 + self.below(9);
                let a = self.factor(rows, inner);
                let b = self.factor(inner, columns);
                Gemm::new(0.5, a, b).into()
            }
            1 if columns == 1 => {
                let count = 1 + self.below(7);
                Reduce::new(Axis::Columns, self.factor(rows, count)).into()
            }
            2 => {
                let sources = 1 + self.below(8);
                let table: Vec<_> = (0..rows)
                    .map(|_| (!self.one_in(4)).then_some(self.below(sources)))
                    .collect();
                let x = self.read(sources, columns);
                Gather::new(Arc::new(Lists::from_table(sources, table)), x).into()
            }
            3..=6 => {
                let combinations = [
                    Combination::Add,
                    Combination::Subtract,
                    Combination::Multiply,
                    Combination::Chain(Function::Tanh),
                ];
                let combination = *combinations.choose(&mut self.stream).expect("some");
                let (x, z) = (self.read(rows, columns), self.read(rows, columns));
                Zip::new(combination, x, z).into()
            }
            _ => {
                let function = *FUNCTIONS.choose(&mut self.stream).expect("some");
                Map::new(function, self.read(rows, columns)).into()
            }
        }
    }

    /// A new matrix, sometimes summed up of several, sometimes part by part.
    fn step(&mut self) {
        const SIDES: [usize; 4] = [1, 4, 6, 8];
        let sides = [(); 2].map(|()| *SIDES.choose(&mut self.stream).expect("some"));
        let [rows, columns] = sides;
        if self.one_in(4) {
            let y = self.record.zeros(rows + 2, columns);
            for place in [y.row_range(0..rows), y.row_range(2..rows + 2)] {
                let primitive = self.primitive(rows, columns);
                self.record.add(place, primitive);
            }
            return self.known.push(y);
        }
        let first = self.primitive(rows, columns);
        let y = self.record.push(first);
        while self.one_in(3) {
            let more = self.primitive(rows, columns);
            self.record.add(y, more);
        }
        // what is read is written no more
        self.known.push(y);
    }
}

/// The plan of `seed`, with its inputs and states and what can be read after a run.
fn written(seed: u64) -> (Plan, Vec<View>, Vec<Buffer>) {
    let mut record = Record::new();
    let given = vec![
        record.input("a", 8, 6),
        record.input("b", 6, 4),
        record.state("weights", 24, 1),
        record.state("speed", 24, 1),
    ];
    let mut writer = Writer {
        record,
        stream: Stream::new(seed, &[77]),
        known: given[..3].to_vec(),
        given,
    };
    let steps = 3 + writer.below(20);
    (0..steps).for_each(|_| writer.step());
    let gradient = writer.read(24, 1);
    let gradient = writer.record.push(Map::new(Function::Tanh, gradient));
    let rate = writer.given[0].row_range(1..2).column_range(0..1);
    let [weights, speed] = [writer.given[2], writer.given[3]];
    let mut results = vec![weights.buffer, speed.buffer];
    for _ in 0..3 {
        let view = *writer.known.choose(&mut writer.stream).expect("some");
        results.push(writer.record.output("result", view));
    }
    let descent = Descent::new(gradient, weights, rate, 0.125);
    writer.record.update(speed, 0.5, descent);
    writer
        .record
        .update(weights, 1.0, Map::new(Function::Scale(-1.0), speed));
    (Plan::new(&writer.record), writer.given, results)
}

fn results(exec: &mut dyn Exec, plan: &Plan, given: &[View], outputs: &[Buffer]) -> Vec<f64> {
    exec.prepare(plan).unwrap();
    for (path, view) in (0..).zip(given) {
        exec.write(view.buffer, &super::normals(path, view.entries()));
    }
    (0..2).for_each(|_| exec.run().unwrap());
    let read = |&buffer: &Buffer| exec.read(buffer).unwrap();
    outputs.iter().flat_map(read).collect()
}

/// Two runs each of many programs, whole and in parts, no further from double precision than the processor in single
/// precision at a GPU's unit: catches a chain that reads what it or a neighbour has overwritten, memory taken by a new
/// buffer while another thread still reads the old one, and a result that is dropped though it is read later.
fn programs_put_together_at_random(machine: Machine) {
    for seed in 0..150 {
        let (plan, given, outputs) = written(seed);
        let exact = results(&mut Cpu::<f64>::new(), &plan, &given, &outputs);
        let single = results(&mut Cpu::<f32>::new(), &plan, &given, &outputs);
        let size = exact.iter().fold(1.0f64, |size, x| size.max(x.abs()));
        let apart = |numbers: &[f64]| -> f64 {
            let pairs = numbers.iter().zip(&exact);
            pairs.map(|(x, exact)| (x - exact).abs()).sum()
        };
        let allowed = 10.0 * apart(&single) + plan.roundings() as f64 * EPSILON * size;
        for mut gpu in [poisoned(&machine), poisoned(&machine).with_bindings_of(16)] {
            let found = results(&mut gpu, &plan, &given, &outputs);
            let own = apart(&found);
            assert!(own <= allowed, "seed {seed}: {own:e} > {allowed:e}\n{plan}");
        }
    }
}
