//! All singular values: this project's two stages and faer's one, over sizes, types and threads.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::{Mat, Par};
use spectra::linalg::{Real, bidiagonal_singular_values, singular_values};

const SHAPES: [(usize, usize); 9] = [
    (10, 10),
    (64, 64),
    (128, 128),
    (384, 384),
    (512, 512),
    (800, 500),
    (1024, 1024),
    (1536, 384),
    (4096, 1024),
];

/// Numbers in [−1/2, 1/2) from a linear congruential generator.
fn uniform(count: usize) -> impl Iterator<Item = f64> {
    let mut state = 1u64;
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    })
    .take(count)
}

fn random<T: Real>(m: usize, n: usize) -> Mat<T> {
    let entries: Vec<f64> = uniform(m * n).collect();
    Mat::from_fn(m, n, |i, j| T::from_f64(entries[i * n + j]))
}

fn dense<T: Real>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(2));
    for (m, n) in SHAPES {
        let a = random::<T>(m, n);
        for (label, par) in [("one thread", Par::Seq), ("two threads", Par::rayon(2))] {
            let id = BenchmarkId::new(label, format!("{m}x{n}"));
            group.bench_with_input(id, &a, |bencher, a| {
                bencher.iter(|| singular_values(black_box(a.as_ref()), par));
            });
        }
        group.bench_with_input(
            BenchmarkId::new("faer", format!("{m}x{n}")),
            &a,
            |bencher, a| {
                faer::set_global_parallelism(Par::Seq);
                bencher.iter(|| black_box(a.as_ref()).singular_values());
            },
        );
    }
    group.finish();
}

fn bidiagonal(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bidiagonal");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(2));
    for n in [64, 384, 1024, 2048] {
        // the bidiagonal form of a Gaussian matrix has chi-distributed entries: √(n − i) and a
        // deviation
        let noise: Vec<f64> = uniform(2 * n).collect();
        let entry = |i: usize, x: f64| (((n - i) as f64).sqrt() + x).abs();
        let diagonal: Vec<f64> = (0..n).map(|i| entry(i, noise[i])).collect();
        let above: Vec<f64> = (1..n).map(|i| entry(i, noise[n + i])).collect();
        group.bench_function(BenchmarkId::new("f64", n), |bencher| {
            bencher.iter(|| bidiagonal_singular_values(black_box(&diagonal), black_box(&above)));
        });
    }
    group.finish();
}

fn all(criterion: &mut Criterion) {
    dense::<f32>(criterion, "f32");
    dense::<f64>(criterion, "f64");
    bidiagonal(criterion);
}

criterion_group!(benches, all);
criterion_main!(benches);
