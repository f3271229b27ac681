//! The processor against slow twins, and its bits.

use super::{SEED, dot, network, normals, run};
use spectra::program::*;
use spectra::random::Distribution;

/// The bits of a step that is cut into many tasks, on one, two and three threads: catches a cut
/// that depends on who is there, and numbers that two tasks add to.
#[test]
fn bits_do_not_depend_on_threads() {
    let mut record = Record::new();
    let samples = 700;
    let (p, x, dy, [y, dp]) = network(&mut record, samples);
    let coefficients = record.input("a", 6, 1);
    let matrices = Generated {
        law: Distribution::Normal,
        seed: SEED,
        path: [0, 0, 0],
        rows: 256,
        columns: 130,
        terms: 6,
        scale: 1.0,
    };
    let sum = record.push(GeneratedSum::new(matrices, coefficients));
    let transformed = record.push(HadamardTransform::new(1.0, sum));
    let product = record.push(Gemm::new(1.0, transformed, sum.t()));
    let reduced = record.push(Reduce::new(Axis::Columns, product));
    let da = record.backward(reduced, reduced, &[coefficients])[0];
    let (reduced, da) = (record.output("sums", reduced), record.output("da", da));
    let plan = Plan::new(&record);
    let inputs = [
        (p, normals(4, p.rows)),
        (x, normals(5, 70 * samples)),
        (dy, normals(6, 5 * samples)),
        (coefficients, normals(7, 6)),
    ];
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let inputs: Vec<_> = inputs.iter().map(|(v, x)| (v.buffer, &x[..])).collect();
        let outputs = pool
            .unwrap()
            .install(|| run(&plan, &inputs, &[y, dp, reduced, da]));
        let bits = outputs.into_iter().flatten().map(f64::to_bits);
        bits.collect::<Vec<u64>>()
    };
    let one = bits(1);
    assert_eq!(bits(2), one);
    assert_eq!(bits(3), one);
}

/// Products of odd sizes, cut into tasks, in every layout of the three matrices, against sums by
/// hand: catches a wrong stride, a gap or an overlap between tasks, a batch laid wrongly.
#[test]
fn products_of_all_layouts() {
    let (m, k, n) = (173, 61, 259);
    for layout in 0..16 {
        let bit = |i: usize| layout >> i & 1 == 1;
        let batch = if bit(3) { 3 } else { 1 };
        let mut record = Record::new();
        let mut operand = |name: &str, rows: usize, columns: usize, transposed: bool| {
            let (r, c) = if transposed {
                (columns, rows)
            } else {
                (rows, columns)
            };
            let view = record.input(name, r + 1, c * batch);
            let view = View {
                rows: r,
                columns: c,
                batch,
                offset: 1,
                batch_stride: (r + 1) * c,
                ..view
            };
            if transposed { view.t() } else { view }
        };
        let a = operand("a", m, k, bit(0));
        let b = operand("b", k, n, bit(1));
        // rows of each matrix contiguous, or blocks of rows of one matrix
        let (whole, c) = if bit(2) {
            let whole = record.zeros(n, m * batch);
            (whole, whole.reshaped([n, m, batch]).t())
        } else {
            let whole = record.zeros(m * batch, n);
            (whole, whole.row_blocks(batch))
        };
        record.add(c, Gemm::new(0.5, a, b));
        record.add(c, Gemm::new(0.5, a, b));
        let out = record.output("c", whole);
        let size = |v: View, r: usize, c: usize| (r + 1) * c * v.batch;
        let values = |path: u64, v: View, transposed: bool| {
            if transposed {
                normals(path, size(v, v.columns, v.rows))
            } else {
                normals(path, size(v, v.rows, v.columns))
            }
        };
        let (av, bv) = (values(8, a, bit(0)), values(9, b, bit(1)));
        let plan = Plan::new(&record);
        let found = run(&plan, &[(a.buffer, &av), (b.buffer, &bv)], &[out]);
        let at = |v: View, values: &[f64], i: usize, j: usize, q: usize| {
            values[v.offset + i * v.row_stride + j * v.column_stride + q * v.batch_stride]
        };
        for q in 0..batch {
            for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                let terms = (0..k).map(|l| at(a, &av, i, l, q) * at(b, &bv, l, j, q));
                let (sum, size) = terms.fold((0.0, 0.0), |(s, t), x| (s + x, t + x.abs()));
                let found = at(c, &found[0], i, j, q);
                let tolerance = (k + 2) as f64 * f64::EPSILON * size;
                assert!((found - sum).abs() <= tolerance, "{layout}: {i} {j} {q}");
            }
        }
    }
}

/// Against the definition, all sizes to 1,024: catches a level left out, an order of bits.
#[test]
fn hadamard_is_its_definition() {
    for n in (0..=10).map(|level| 1usize << level) {
        let mut record = Record::new();
        let x = record.input("x", n, 2);
        let y = record.push(HadamardTransform::new(1.0 / (n as f64).sqrt(), x));
        let out = record.output("y", y);
        let values = normals(10, 2 * n);
        let found = &run(&Plan::new(&record), &[(x.buffer, &values)], &[out])[0];
        for (x, y) in values.chunks(n).zip(found.chunks(n)) {
            let norm = dot(x, x).sqrt();
            for (i, y) in y.iter().enumerate() {
                let sign = |j: usize| 1.0 - 2.0 * f64::from((i & j).count_ones() % 2);
                let terms = (0..n).map(|j| sign(j) * x[j]);
                let expected = terms.sum::<f64>() / (n as f64).sqrt();
                // log₂ n roundings in the transform, n in the sum by hand
                let tolerance = (n + 11) as f64 * f64::EPSILON * norm;
                assert!((y - expected).abs() <= tolerance, "{n}: {y} {expected}");
            }
        }
    }
}

/// Against the definition, of orders even, odd, prime and products, of x with fewer rows and into fewer rows, added to
/// what is there: catches a sign, a scale, a wave left out or half a wave too many.
#[test]
fn cosines_and_sines_are_their_definition() {
    let entry = |waves: Waves, n: usize, i: usize, j: usize| -> f64 {
        let turns = |part: usize, of: usize| std::f64::consts::TAU * (part % of) as f64 / of as f64;
        match waves {
            Waves::Fourier if i <= n / 2 => turns(i * j, n).cos(),
            Waves::Fourier => turns((i - n / 2) * j, n).sin(),
            Waves::Cosine if i == 0 => (1.0 / n as f64).sqrt(),
            Waves::Cosine => (2.0 / n as f64).sqrt() * turns((2 * j + 1) * i, 4 * n).cos(),
        }
    };
    for n in (1..=33usize).chain([64, 97, 100, 784]) {
        for used in [n.div_ceil(3), n] {
            for (waves, transposed) in [
                (Waves::Fourier, false),
                (Waves::Fourier, true),
                (Waves::Cosine, false),
                (Waves::Cosine, true),
            ] {
                let mut record = Record::new();
                let [rows, given] = if transposed { [used, n] } else { [n, used] };
                let x = record.input("x", given, 2);
                let transform = if !transposed {
                    TrigonometricTransform::new(waves, n, x)
                } else {
                    TrigonometricTransform::transposed(waves, used, x)
                };
                let y = record.zeros(rows + 1, 2);
                record.add(y.row_range(1..1 + rows), transform);
                record.add(y.row_range(1..1 + rows), transform);
                let out = record.output("y", y);
                let plan = Plan::new(&record);
                let values = normals(n as u64, 2 * given);
                let found = &run(&plan, &[(x.buffer, &values)], &[out])[0];
                for (x, y) in values.chunks(given).zip(found.chunks(rows + 1)) {
                    assert_eq!(y[0], 0.0);
                    let size: f64 = x.iter().map(|x| x.abs()).sum();
                    for (place, y) in y[1..].iter().enumerate() {
                        let terms = x.iter().enumerate().map(|(k, x)| {
                            if !transposed {
                                x * entry(waves, n, place, k)
                            } else {
                                x * entry(waves, n, k, place)
                            }
                        });
                        let expected = 2.0 * terms.sum::<f64>();
                        // as many roundings again in the sum by hand, and those of its entries
                        let roundings = 2 * plan.roundings() + 4;
                        let tolerance = 2.0 * roundings as f64 * f64::EPSILON * size;
                        let name = format!("{waves:?} {n} {used} {transposed} at {place}");
                        assert!((y - expected).abs() <= tolerance, "{name}: {y} {expected}");
                    }
                }
            }
        }
    }
}

/// A product that is added up in parts, stored and added, into columns and rows, against sums by hand: catches a part
/// lost, given twice, or laid over another.
#[test]
fn long_products_are_sums_of_their_parts() {
    let (m, k, n) = (7, 20_000, 33);
    let mut record = Record::new();
    let a = record.input("a", m, k);
    let b = record.input("b", n, k);
    let c = record.zeros(m, n);
    let ct = record.zeros(n, m);
    for c in [c, ct.t()] {
        record.add(c, Gemm::new(0.5, a, b.t()));
        record.add(c, Gemm::new(0.25, a, b.t()));
    }
    let outputs = [c, ct].map(|view| record.output("c", view));
    let (av, bv) = (normals(11, m * k), normals(12, n * k));
    let inputs = [(a.buffer, &av[..]), (b.buffer, &bv[..])];
    let found = run(&Plan::new(&record), &inputs, &outputs);
    for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
        let terms = (0..k).map(|l| 0.75 * av[i + l * m] * bv[j + l * n]);
        let (sum, size) = terms.fold((0.0, 0.0), |(s, t), x| (s + x, t + x.abs()));
        for found in [found[0][i + j * m], found[1][j + i * n]] {
            let tolerance = (k + 3) as f64 * f64::EPSILON * size;
            assert!((found - sum).abs() <= tolerance, "{i} {j}: {found} {sum}");
        }
    }
}

/// Sums over many columns and over many rows against sums by hand: catches a part or what is left of a block lost.
#[test]
fn wide_and_tall_sums() {
    for (rows, columns) in [(21, 4001), (5003, 18), (85, 1), (1, 70_000)] {
        let mut record = Record::new();
        let x = record.input("x", rows, columns);
        let sums = [Axis::Rows, Axis::Columns].map(|over| {
            let sum = record.push(Reduce::new(over, x));
            record.output("sum", sum)
        });
        let values = normals(13, rows * columns);
        let found = run(&Plan::new(&record), &[(x.buffer, &values)], &sums);
        let mut expected = [vec![0.0; columns], vec![0.0; rows]];
        for (place, x) in values.iter().enumerate() {
            expected[0][place / rows] += x;
            expected[1][place % rows] += x;
        }
        for (found, expected) in found.iter().zip(&expected) {
            for (found, expected) in found.iter().zip(expected) {
                let size = 5.0 * rows.max(columns) as f64;
                let tolerance = rows.max(columns) as f64 * f64::EPSILON * size;
                assert!((found - expected).abs() <= tolerance, "{rows}×{columns}");
            }
        }
    }
}

/// Windows of images with 21 channels side by side, and of single ones, against loops: catches a channel lost between
/// blocks, a window cut off wrongly, a gradient that goes to another than the first of the largest.
#[test]
fn windows_of_neighbouring_channels() {
    for channels in [1, 21] {
        let (side, samples) = (7, 3);
        let at = |y: usize, x: usize, channel: usize| (y * side + x) * channels + channel;
        let window = |place: usize| {
            let (top, left, channel) = (
                2 * (place / channels / 3),
                2 * (place / channels % 3),
                place % channels,
            );
            let pixels = (top..top + 3).flat_map(move |y| (left..left + 3).map(move |x| (y, x)));
            pixels.map(move |(y, x)| at(y, x, channel))
        };
        let windows: Vec<Vec<usize>> = (0..9 * channels).map(|i| window(i).collect()).collect();
        let lists = std::sync::Arc::new(Lists::new(side * side * channels, windows.clone()));
        let (rows, places) = (lists.sources(), lists.len());
        let mut record = Record::new();
        let x = record.input("x", rows, samples);
        let dy = record.input("dy", places, samples);
        let largest = record.zeros(places, samples);
        record.add(largest, Maximum::new(lists.clone(), x));
        record.add(largest, Maximum::new(lists.clone(), x));
        let sums = record.push(Gather::new(lists, x));
        let to_largest = record.backward(largest, dy, &[x])[0];
        let to_all = record.backward(sums, dy, &[x])[0];
        let views = [largest, sums, to_largest, to_all];
        let outputs = views.map(|view| record.output("result", view));
        // few values, so that many are equal
        let few = |x: &f64| (2.0 * x).round();
        let values: Vec<f64> = normals(14, rows * samples).iter().map(few).collect();
        let weights: Vec<f64> = normals(15, places * samples).iter().map(few).collect();
        let inputs = [(x.buffer, &values[..]), (dy.buffer, &weights[..])];
        let found = run(&Plan::new(&record), &inputs, &outputs);
        let mut expected = [places, places, rows, rows].map(|n| vec![0.0; n * samples]);
        for (sample, x) in values.chunks(rows).enumerate() {
            for (i, window) in windows.iter().enumerate() {
                let largest = window.iter().map(|&j| x[j]).fold(f64::MIN, f64::max);
                let winner = *window.iter().find(|&&j| x[j] == largest).unwrap();
                let place = i + sample * places;
                expected[0][place] = 2.0 * largest;
                expected[1][place] = window.iter().map(|&j| x[j]).sum();
                expected[2][winner + sample * rows] += 2.0 * weights[place];
                for &j in window {
                    expected[3][j + sample * rows] += weights[place];
                }
            }
        }
        assert!(found[..] == expected, "{channels} channels");
    }
}

/// Tall sums of generated matrices in the middle of a larger matrix are those that lie packed: catches columns left
/// out where each is drawn in several tiles.
#[test]
fn generated_sums_in_their_place() {
    for (rows, columns) in [(300, 7), (1000, 41), (9000, 3)] {
        let mut record = Record::new();
        let a = record.input("a", 2, 1);
        let matrices = Generated {
            law: Distribution::Normal,
            seed: SEED,
            path: [9, 0, 0],
            rows,
            columns,
            terms: 2,
            scale: 1.0,
        };
        let packed = record.push(GeneratedSum::new(matrices, a));
        let wide = record.zeros(rows + 2, columns);
        let sum = GeneratedSum::new(matrices, a);
        record.add(wide.row_range(1..1 + rows), sum);
        let inside = record.push(Map::copy(wide.row_range(1..1 + rows)));
        let outputs = [packed, inside].map(|view| record.output("sum", view));
        let found = run(&Plan::new(&record), &[(a.buffer, &[0.5, -2.0])], &outputs);
        assert!(found[0] == found[1], "{rows}×{columns}");
    }
}
