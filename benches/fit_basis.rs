//! Fits of products of sums: every family at one factor, three factors with an exact solution, the
//! generator of entries, and butterflies.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faer::Mat;
use spectra::family::butterfly::Butterfly;
use spectra::family::terms::BasisFamily;
use spectra::fit::product::{ProductPlan, ProductSettings};
use spectra::operator::basis::Place;
use spectra::random::Entries;

fn normal(rows: usize, columns: usize, path: u64) -> Mat<f64> {
    let mut numbers = vec![0.0; rows * columns];
    Entries::new(1, &[path]).normals(0, &mut numbers);
    Mat::from_fn(rows, columns, |i, j| numbers[i + rows * j])
}

/// A sum of 40 terms of each family, 64 × 96.
fn sums(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one factor");
    group.sample_size(10);
    let w = normal(64, 96, 1);
    for &family in BasisFamily::all() {
        let settings = ProductSettings {
            terms: vec![40],
            families: vec![family],
            controls: false,
            ..ProductSettings::default()
        };
        let plan = ProductPlan::new(&settings, w.shape()).expect("40 terms");
        group.bench_function(family.name(), |bencher| {
            bencher.iter(|| plan.fit(black_box(w.as_ref()), None, &mut |_| true));
        });
    }
    group.finish();
}

/// Three sums of eight Gaussian terms, fitted to a product of three.
fn planted(criterion: &mut Criterion) {
    let sizes = [64, 64, 64, 48];
    let mut w = Mat::identity(64, 64);
    for (j, sizes) in sizes.windows(2).enumerate() {
        let place = Place {
            seed: 0,
            layer: 0,
            factor: j as u64,
        };
        let shape = (sizes[0], sizes[1]);
        let basis = BasisFamily::GAUSSIAN.build(shape, 8, None, place);
        let a = normal(8, 1, 2 + j as u64);
        w = w * basis.expect("8 terms").combine(a.col_as_slice(0));
    }
    let settings = ProductSettings {
        factors: 3,
        terms: vec![8],
        restarts: Some(1),
        controls: false,
        ..ProductSettings::default()
    };
    let plan = ProductPlan::new(&settings, w.shape()).expect("24 terms");
    criterion.bench_function("three factors/planted 64x48", |bencher| {
        bencher.iter(|| plan.fit(black_box(w.as_ref()), None, &mut |_| true));
    });
}

fn entries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("entries");
    let mut out = vec![0.0; 1 << 14];
    group.throughput(Throughput::Elements(out.len() as u64));
    let entries = Entries::new(1, &[2]);
    group.bench_function("normal", |bencher| {
        bencher.iter(|| entries.normals(0, black_box(&mut out)));
    });
    group.bench_function("sign", |bencher| {
        bencher.iter(|| entries.signs(0, black_box(&mut out)));
    });
    group.finish();
}

fn butterflies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("butterfly");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(2));
    for n in [256, 1024] {
        let sign = |i: usize, j: usize| 1.0 - 2.0 * f64::from((i & j).count_ones() % 2);
        for (name, w) in [
            ("hadamard", Mat::from_fn(n, n, sign)),
            ("noise", normal(n, n, 9)),
        ] {
            group.bench_with_input(BenchmarkId::new(name, n), &w, |bencher, w| {
                bencher.iter(|| Butterfly::nearest(black_box(w.as_ref())));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, sums, planted, entries, butterflies);
criterion_main!(benches);
