//! The exact power-law fit against the classic O(n²) search, on lognormal and Pareto samples.

#[path = "classic/power_law.rs"]
mod classic;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use spectra::spectrum::{KsSide, fit_power_law};

/// Values whose logarithms are the golden-ratio sequence through a quantile function.
fn sample(n: usize, quantile: impl Fn(f64) -> f64) -> Vec<f64> {
    (1..=n)
        .map(|i| quantile((i as f64 * 0.618_033_988_749_894_9).fract()))
        .collect()
}

fn power_law(c: &mut Criterion) {
    let mut group = c.benchmark_group("power_law");
    group.sample_size(10);
    for n in [1_000, 10_000, 100_000] {
        for (name, values) in [
            ("pareto", sample(n, |u| (1.0 - u).powf(-0.5))),
            ("logistic", sample(n, |u| (u / (1.0 - u)).powf(1.5))),
        ] {
            let ours = BenchmarkId::new(format!("ours, {name}"), n);
            group.bench_function(ours, |b| {
                b.iter(|| fit_power_law(black_box(&values), KsSide::Two, 8));
            });
            if n <= 10_000 {
                let classic = BenchmarkId::new(format!("classic, {name}"), n);
                group.bench_function(classic, |b| {
                    b.iter(|| classic::classic_power_law(black_box(&values), true, 8));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, power_law);
criterion_main!(benches);
