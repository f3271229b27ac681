//! Primitives against closed forms, plans against their records, the processor against slow twins.

mod plans;
mod primitives;
mod processor;

use spectra::device::Cpu;
use spectra::program::*;
use spectra::random::Stream;

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

fn mapped(record: &mut Record, function: Function, x: View) -> View {
    record.push(Map::new(function, x))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
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
