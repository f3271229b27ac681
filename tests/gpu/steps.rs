//! Whole steps of training.

use super::networks::{self, Step};
use super::trial::on_machine;
use super::{EPSILON, poisoned};
use libtest_mimic::Trial;
use spectra::device::{Cpu, Gpu, Machine};
use spectra::program::{Buffer, Exec};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(steps_are_the_processors),
        on_machine(one_device_gives_the_same_bits),
        on_machine(a_step_is_one_submission),
    ]
}

pub(super) fn steps() -> [(&'static str, Step); 5] {
    [
        ("lenet", networks::lenet(6)),
        ("mlp", networks::mlp(5)),
        ("quick", networks::quick(4)),
        ("layer", networks::block_layer([512, 512], 4, 9, true)),
        ("blocks", networks::block_layer([512, 512], 64, 9, true)),
    ]
}

pub(super) fn after(exec: &mut dyn Exec, step: &Step, runs: usize) -> Vec<Vec<f64>> {
    step.start(exec);
    (0..runs).for_each(|_| exec.run().unwrap());
    let read = |&result: &Buffer| exec.read(result).unwrap();
    step.results.iter().map(read).collect()
}

/// Three steps of three networks and of layers in blocks, no further from double precision than the processor in
/// single precision at a GPU's unit, and another summation: catches any kernel that is wrong in company, a chain
/// that reads what it overwrote, and memory shared too early.
fn steps_are_the_processors(machine: Machine) {
    agree(|| poisoned(&machine));
}

/// The steps on machines that `make` makes.
pub(super) fn agree(make: impl Fn() -> Gpu) {
    for (name, step) in steps() {
        let exact = after(&mut Cpu::<f64>::new(), &step, 3);
        let single = after(&mut Cpu::<f32>::new(), &step, 3);
        let found = after(&mut make(), &step, 3);
        for (result, exact) in exact.iter().enumerate() {
            let apart = |numbers: &[f64]| {
                let pairs = numbers.iter().zip(exact);
                pairs
                    .map(|(x, exact)| (x - exact).abs())
                    .fold(0.0, f64::max)
            };
            let size = exact.iter().fold(0.0f64, |size, x| size.max(x.abs()));
            let allowed = 5.0 * apart(&single[result]) + EPSILON * size;
            let own = apart(&found[result]);
            assert!(
                own <= allowed,
                "{name}, result {result}: {own:e} > {allowed:e}"
            );
        }
    }
}

/// Catches sums whose order depends on which workgroup comes first.
fn one_device_gives_the_same_bits(machine: Machine) {
    for (name, step) in steps() {
        let bits = || {
            let numbers = after(&mut Gpu::new(&machine), &step, 2)
                .into_iter()
                .flatten();
            numbers.map(f64::to_bits).collect::<Vec<u64>>()
        };
        assert!(bits() == bits(), "{name}");
    }
}

/// Seventy steps with new images each, whose losses are followed, are seventy submissions; losses are fetched 32 at a
/// time, and nothing else. They come in order, as many as there were steps, and are those that reading after each step
/// gives.
fn a_step_is_one_submission(machine: Machine) {
    let step = networks::mlp(5);
    let mut gpu = Gpu::new(&machine);
    let loss = step.results[0];
    let steps = 70;
    let images = |t: usize| super::normals(t as u64, 784 * 5);
    step.start(&mut gpu);
    let mut read = Vec::new();
    for t in 0..steps {
        gpu.write(step.images, &images(t));
        gpu.run().unwrap();
        read.extend(gpu.read(loss).unwrap());
    }
    step.start(&mut gpu);
    gpu.follow(loss);
    let before = [machine.submissions(), machine.fetches()];
    let mut followed = Vec::new();
    for t in 0..steps {
        gpu.write(step.images, &images(t));
        gpu.run().unwrap();
        gpu.followed(&mut followed, false).unwrap();
    }
    let made = [
        machine.submissions() - before[0],
        machine.fetches() - before[1],
    ];
    assert_eq!(made, [steps as u64, steps as u64 / 32]);
    gpu.followed(&mut followed, true).unwrap();
    assert_eq!(followed, read);
    gpu.followed(&mut followed, true).unwrap();
    assert_eq!(followed.len(), steps);
}
