//! Whole steps of training: their bits, their memory, and convolutions in parts against slow twins.

use super::memory::asked;
use crate::networks::{self, Step};
use spectra::device::Cpu;
use spectra::operator::{Convolution, Dense, Geometry, Kernel, LinearOperator};
use spectra::program::{Buffer, Exec, Plan, Record};
use spectra::random::Stream;

fn pool(threads: usize) -> rayon::ThreadPool {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().expect("threads")
}

fn steps() -> [(&'static str, Step); 4] {
    [
        ("lenet", networks::lenet(6)),
        ("mlp", networks::mlp(5)),
        ("quick", networks::quick(4)),
        ("layer", networks::block_layer([512, 512], 4, 9, true)),
    ]
}

/// Weights after three steps on one, two and three threads, in single precision: catches a cut or a sum that depends
/// on who is there, and numbers that two tasks add to.
#[test]
fn bits_do_not_depend_on_threads() {
    for (name, step) in steps() {
        let bits = |threads: usize| {
            let mut cpu = Cpu::<f32>::new();
            pool(threads).install(|| {
                step.start(&mut cpu);
                (0..3).for_each(|_| cpu.run().unwrap());
            });
            let results = step.results.iter();
            let numbers = results.flat_map(|&result| cpu.read(result).unwrap());
            numbers.map(f64::to_bits).collect::<Vec<u64>>()
        };
        let one = bits(1);
        assert!(one.iter().all(|&x| f64::from_bits(x).is_finite()), "{name}");
        assert!(bits(2) == one, "{name}: two threads");
        assert!(bits(3) == one, "{name}: three threads");
    }
}

/// Catches a copy, a list or a closure in a box on the way of a step. On the only thread of a pool, which then does
/// all there is to do: from outside, the queue of the pool itself takes memory now and then.
#[test]
fn a_warm_step_asks_for_no_memory() {
    let pool = pool(1);
    for (name, step) in steps() {
        let mut cpu = Cpu::<f32>::new();
        step.start(&mut cpu);
        let one = |&&result: &&Buffer| {
            let planned = &step.plan.buffers()[result.index()];
            step.plan.outputs().contains(&result) && (planned.rows, planned.columns) == (1, 1)
        };
        let loss = step.results.iter().find(one);
        loss.into_iter().for_each(|&loss| cpu.follow(loss));
        assert_eq!(loss.is_some(), name != "layer");
        let mut losses = Vec::with_capacity(1);
        let mut run = || {
            cpu.run().unwrap();
            losses.clear();
            cpu.followed(&mut losses, false).unwrap();
            assert_eq!(losses.len(), usize::from(loss.is_some()));
        };
        let requests = pool.install(|| {
            (0..2).for_each(|_| run());
            asked(|| (0..3).for_each(|_| run())).1.requests
        });
        assert_eq!(requests, 0, "{name}");
    }
}

fn normals(path: u64, count: usize) -> Vec<f64> {
    let mut stream = Stream::new(3, &[path]);
    (0..count).map(|_| stream.normal()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Results, gradients of the images and of the kernel against the matrix of the convolution; the kernel's in random
/// directions. Catches a part of an image lost, given twice or given to a neighbour, rows of a patch in another order than the kernel's, and a gradient that a part
/// overwrites. The plan must gather the patches twice, or there are no parts to test.
#[test]
fn convolutions_in_parts_are_their_matrices() {
    for (padding, kernel_last, image_last, samples) in [
        (0, true, true, 9),
        (2, true, true, 5),
        (1, false, false, 17),
        (0, false, true, 9),
        (2, false, true, 5),
    ] {
        let kernel = Kernel {
            channels: 4,
            height: 5,
            width: 5,
            channels_last: kernel_last,
        };
        let geometry = Geometry {
            image: [12, 12],
            stride: [1, 1],
            padding: [padding; 2],
            channels_last: image_last,
        };
        let operator = Convolution::new(kernel, geometry, Box::new(Dense::new(6, 100))).unwrap();
        let (m, n) = operator.shape();
        let mut record = Record::new();
        let p = record.input("p", 600, 1);
        let x = record.input("x", n, samples);
        let dy = record.input("dy", m, samples);
        let y = record.zeros(m, samples);
        operator.emit(&mut record, p, x, y);
        let gradients = record.backward(y, dy, &[x, p]);
        let results = [y, gradients[0], gradients[1]].map(|view| record.output("result", view));
        let plan = Plan::new(&record);
        assert_eq!(plan.to_string().matches("= gather ").count(), 3, "{plan}");
        let values = [(p, 600), (x, n * samples), (dy, m * samples)];
        let values = values.map(|(view, count)| (view, normals(count as u64, count)));
        let mut cpu = Cpu::<f64>::new();
        cpu.prepare(&plan).unwrap();
        for (view, values) in &values {
            cpu.write(view.buffer, values);
        }
        cpu.run().unwrap();
        let [y, dx, dp] = results.map(|result| cpu.read(result).unwrap());
        let [(_, p), (_, x), (_, dy)] = &values;
        let dense = operator.dense(p);
        // each number is a sum of at most 6·25·4 products of numbers of size one
        let tolerance = |size: f64| 1000.0 * f64::EPSILON * size;
        for sample in 0..samples {
            let [x, dx] = [x, &dx].map(|all| &all[sample * n..(sample + 1) * n]);
            let [y, dy] = [&y, dy].map(|all| &all[sample * m..(sample + 1) * m]);
            for i in 0..m {
                let expected: f64 = (0..n).map(|j| dense[(i, j)] * x[j]).sum();
                assert!(
                    (y[i] - expected).abs() <= tolerance(100.0),
                    "y {sample} {i}"
                );
            }
            for j in 0..n {
                let expected: f64 = (0..m).map(|i| dense[(i, j)] * dy[i]).sum();
                assert!(
                    (dx[j] - expected).abs() <= tolerance(150.0),
                    "dx {sample} {j}"
                );
            }
        }
        for direction in 0..6 {
            let v = normals(20 + direction, 600);
            let moved = operator.dense(&v);
            let of = |sample: usize, i: usize| -> f64 {
                let x = &x[sample * n..];
                (0..n).map(|j| moved[(i, j)] * x[j]).sum()
            };
            let places = (0..samples).flat_map(|s| (0..m).map(move |i| (s, i)));
            let expected: f64 = places.map(|(s, i)| dy[s * m + i] * of(s, i)).sum();
            let found = dot(&dp, &v);
            let size = (m * samples) as f64 * 100.0;
            assert!(
                (found - expected).abs() <= tolerance(size),
                "{found} {expected}"
            );
        }
    }
}
