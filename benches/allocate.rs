//! One budget over many layers: as many as a small encoder, a large language model and one of experts have.

use criterion::{Criterion, criterion_group, criterion_main};
use spectra::allocate::{Choice, allocate};
use spectra::random::Stream;
use std::hint::black_box;

/// Partial allocations that are kept to prove an optimum.
const STATES: usize = 1 << 20;

/// Returns layers whose errors fall with their costs, each at a rate of its own.
fn layers(count: usize, sizes: usize) -> Vec<Vec<Choice>> {
    let mut stream = Stream::new(1, &[count as u64]);
    let mut layer = || -> Vec<Choice> {
        let (scale, rate) = ((3.0 * stream.normal()).exp(), stream.normal().exp());
        let dense = 147_456.0 * (1.0 + 3.0 * (stream.normal() > 0.0) as u64 as f64);
        let mut choices: Vec<Choice> = (1..sizes)
            .map(|size| {
                let share = size as f64 / sizes as f64;
                let noise = 1.0 + 0.01 * stream.normal().abs();
                Choice {
                    cost: (share * dense) as u64,
                    error: scale * (1.0 - share) * (-9.0 * rate * share).exp() * noise,
                }
            })
            .collect();
        choices.push(Choice {
            cost: dense as u64,
            error: 0.0,
        });
        choices
    };
    (0..count).map(|_| layer()).collect()
}

fn allocations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("allocate");
    group.sample_size(10);
    for (count, sizes) in [(36, 300), (224, 124), (20_000, 32)] {
        let layers = layers(count, sizes);
        let dense: u64 = layers.iter().map(|layer| layer[sizes - 1].cost).sum();
        group.bench_function(format!("{count} x {sizes}"), |bencher| {
            bencher.iter(|| allocate(black_box(&layers), dense * 2 / 5, STATES).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, allocations);
criterion_main!(benches);
