//! GPUs against the processor in double precision, and the commands that use one.
//!
//! Where not said otherwise every place of the GPU's memory holds no number until it is stored, so that an entry
//! which is never written, or read too early, shows.

#[path = "../common/mod.rs"]
mod common;
#[path = "../families_of_operators/mod.rs"]
mod families_of_operators;
#[allow(dead_code)]
#[path = "../library/golden_losses.rs"]
mod golden_losses;
#[allow(dead_code, unused_imports)]
#[path = "../library/machines.rs"]
mod machines;
#[path = "../../benches/networks/mod.rs"]
mod networks;

mod devices;
mod entries;
mod fits;
mod limits;
mod losses;
mod products;
mod programs;
mod random_plans;
mod robust;
mod sketches;
mod steps;
mod sums;
mod trainings;
mod trial;

use families_of_operators::check_all;
use libtest_mimic::{Arguments, Trial};
use spectra::device::{Cpu, Gpu, Machine};
use spectra::program::{Buffer, Exec, Plan, Record, View};
use spectra::random::Stream;
use trial::on_machine;

fn main() {
    let trials = [
        vec![on_machine(families_conform)],
        devices::trials(),
        entries::trials(),
        fits::trials(),
        limits::trials(),
        losses::trials(),
        products::trials(),
        random_plans::trials(),
        robust::trials(),
        sketches::trials(),
        steps::trials(),
        sums::trials(),
        trainings::trials(),
    ];
    let trials: Vec<Trial> = trials.into_iter().flatten().collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Every operation of a GPU is within 2.5 units in the last place: division, the coarsest.
const EPSILON: f64 = 2.5 * f32::EPSILON as f64;

/// Numbers that both precisions hold.
fn normals(path: u64, count: usize) -> Vec<f64> {
    let mut stream = Stream::new(11, &[path]);
    (0..count)
        .map(|_| f64::from(stream.normal() as f32))
        .collect()
}

/// What `exec` makes of the inputs.
fn run(exec: &mut dyn Exec, plan: &Plan, inputs: &[(View, Vec<f64>)]) -> Vec<Vec<f64>> {
    exec.prepare(plan).unwrap();
    for (view, values) in inputs {
        exec.write(view.buffer, values);
    }
    exec.run().unwrap();
    let read = |&output: &Buffer| exec.read(output).unwrap();
    plan.outputs().iter().map(read).collect()
}

/// A program without differences: results of `gpu` are within k ε of those of the processor at the sizes of the
/// inputs, k roundings on any path (Higham 2002, chapter 3).
fn agrees(gpu: &mut Gpu, record: &Record, inputs: &[(View, Vec<f64>)], what: &str) {
    let plan = Plan::new(record);
    let mut cpu = Cpu::<f64>::new();
    let expected = run(&mut cpu, &plan, inputs);
    let size =
        |(view, values): &(View, Vec<f64>)| (*view, values.iter().map(|x| x.abs()).collect());
    let sizes: Vec<(View, Vec<f64>)> = inputs.iter().map(size).collect();
    let sizes = run(&mut cpu, &plan, &sizes);
    let found = run(gpu, &plan, inputs);
    let unit = (plan.roundings() + 1) as f64 * EPSILON;
    for (output, expected) in expected.iter().enumerate() {
        for (place, &expected) in expected.iter().enumerate() {
            let found = found[output][place];
            let allowed = unit * sizes[output][place].abs();
            assert!(
                (found - expected).abs() <= allowed,
                "{what}, output {output} at {place}: {found} for {expected}, allowed {allowed:e}"
            );
        }
    }
}

/// Small integers, whose products single precision holds.
fn integers(path: u64, count: usize) -> Vec<f64> {
    let mut stream = Stream::new(12, &[path]);
    let mut one = || (7.0 * stream.uniform()).floor() - 3.0;
    (0..count).map(|_| one()).collect()
}

/// A program whose numbers are all integers below 2²⁴ times one power of two: any order of summation gives the same.
fn is_exact(gpu: &mut Gpu, record: &Record, inputs: &[(View, Vec<f64>)], what: &str) {
    let plan = Plan::new(record);
    let expected = run(&mut Cpu::<f64>::new(), &plan, inputs);
    let found = run(gpu, &plan, inputs);
    for (found, expected) in found.iter().zip(&expected) {
        let wrong = (0..expected.len()).find(|&i| found[i] != expected[i]);
        let wrong = wrong.map(|i| (i, found[i], expected[i]));
        assert_eq!(wrong, None, "{what}: place, found, expected");
    }
}

fn poisoned(machine: &Machine) -> Gpu {
    Gpu::new(machine).poisoned()
}

/// Catches a wrong kernel, an entry that is never stored and one that is read before.
fn families_conform(machine: Machine) {
    check_all(&mut poisoned(&machine), EPSILON, &[(5, 4), (1, 1)]);
}
