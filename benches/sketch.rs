//! Sketches: a matrix sketched by each law, and a trial of the estimates.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use faer::Mat;
use spectra::random::Entries;
use spectra::sketch::{Activations, Draws, Ensemble, Sketch, SketchedLayer, measure};

const SHAPE: (usize, usize) = (500, 800);

fn normal() -> Mat<f64> {
    let (m, n) = SHAPE;
    let mut numbers = vec![0.0; m * n];
    Entries::new(1, &[]).normals(0, &mut numbers);
    Mat::from_fn(m, n, |i, j| numbers[i + m * j])
}

/// `W Uᵀ` with 64 rows, and the product with the dense matrix beside it.
fn applied(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("500 x 800 sketched to 64");
    let w = normal();
    for &ensemble in Ensemble::all() {
        let sketch = Sketch::draw(ensemble, 64, SHAPE.1, 0, &[]);
        group.bench_function(ensemble.name(), |bencher| {
            bencher.iter(|| sketch.apply(black_box(w.as_ref())));
        });
    }
    let dense = Sketch::draw(Ensemble::SIGN, 64, SHAPE.1, 0, &[]).dense();
    group.bench_function("dense", |bencher| {
        bencher.iter(|| black_box(&w) * dense.transpose());
    });
    group.finish();
}

/// 32 trials of one pair of sketches of 64 rows.
fn trials(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("32 trials of 500 x 800");
    group.sample_size(10);
    let w = normal();
    let isotropic = Activations::isotropic(SHAPE.1);
    let layer = SketchedLayer::new(w.as_ref(), 1, isotropic).expect("inputs that meet");
    for &ensemble in Ensemble::all() {
        group.bench_function(ensemble.name(), |bencher| {
            bencher.iter(|| {
                measure(
                    &layer,
                    &Draws {
                        ensemble,
                        rows: 64,
                        pairs: 1,
                        trials: 32,
                        seed: 0,
                    },
                    |_| true,
                )
            });
        });
    }
    group.finish();
}

criterion_group!(benches, applied, trials);
criterion_main!(benches);
