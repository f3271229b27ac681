//! Steps of training in single precision: forward, backward and update; layers in blocks.

mod networks;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use spectra::device::Cpu;
use spectra::program::Exec;

/// Images a second.
fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(2));
    for name in [
        "lenet", "mlp", "quick", "layer-1", "layer-4", "layer-16", "layer-64",
    ] {
        let step = networks::step(name);
        let mut cpu = Cpu::<f32>::new();
        step.start(&mut cpu);
        group.throughput(Throughput::Elements(step.batch as u64));
        group.bench_function(name, |bencher| bencher.iter(|| cpu.run()));
    }
    group.finish();
}

/// Operations a second of one product: what the steps can reach at most.
fn product(criterion: &mut Criterion) {
    let step = networks::step("product");
    let mut cpu = Cpu::<f32>::new();
    step.start(&mut cpu);
    let mut group = criterion.benchmark_group("peak");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(step.product_flops));
    group.bench_function("product", |bencher| bencher.iter(|| cpu.run()));
    group.finish();
}

criterion_group!(benches, steps, product);
criterion_main!(benches);
