//! Whole steps of training, written out by hand: three networks, and one layer in blocks.
// each program that takes this file in uses a part of it
#![allow(dead_code)]

use spectra::operator::{BlockDiagonal, Convolution, Dense, Geometry, Kernel, LinearOperator};
use spectra::program::{
    Buffer, Combination, CrossEntropy, Descent, Exec, Function, Gather, Gemm, Lists, Map, Maximum,
    Plan, Record, View, Zip,
};
use spectra::random::Stream;
use std::sync::Arc;

/// A plan and what it needs from outside.
pub struct Step {
    pub plan: Plan,
    /// Images a step.
    pub batch: usize,
    /// The images, or what is multiplied.
    pub images: Buffer,
    /// Operations of its matrix products.
    pub product_flops: u64,
    /// Results to compare: losses, or gradients.
    pub results: Vec<Buffer>,
    inputs: Vec<(Buffer, Vec<f64>)>,
}

impl Step {
    /// Numbers of a result.
    pub fn numbers(&self, result: usize) -> usize {
        let planned = &self.plan.buffers()[self.results[result].index()];
        planned.rows * planned.columns
    }

    /// Prepares `exec` and writes weights, images and classes.
    pub fn start(&self, exec: &mut dyn Exec) {
        exec.prepare(&self.plan).expect("memory for the step");
        for (buffer, values) in &self.inputs {
            exec.write(*buffer, values);
        }
    }
}

/// The step of this name.
///
/// # Panics
/// If there is none.
pub fn step(name: &str) -> Step {
    match name {
        "lenet" => lenet(64),
        "mlp" => mlp(64),
        "quick" => quick(100),
        "tiny" => tiny(64),
        "product" => product_of([2048; 3]),
        "product-4096" => product_of([4096; 3]),
        _ => {
            let layer = name.strip_prefix("layer-").expect("a known name");
            let numbers: Vec<usize> = layer.split('-').map_while(|n| n.parse().ok()).collect();
            match numbers[..] {
                [blocks] => block_layer([4096, 4096], blocks, 100, true),
                [rows, columns, blocks, batch] => {
                    block_layer([rows, columns], blocks, batch, !layer.ends_with("forward"))
                }
                _ => panic!("a number of blocks, or rows, columns, blocks and batch"),
            }
        }
    }
}

/// Caffe's LeNet on 28×28 images.
pub fn lenet(batch: usize) -> Step {
    let mut net = Net::new(431_080 - 580, 580, 784, batch, 5e-4);
    let x = net.convolution(net.images, [28, 28, 1], 0, 20);
    let x = net.largest(x, [24, 24, 20], 2);
    let x = net.convolution(x, [12, 12, 20], 0, 50);
    let x = net.largest(x, [8, 8, 50], 2);
    let x = net.channel_major(x, [4, 4, 50]);
    let x = net.dense(x, 500);
    let x = net.relu(x);
    let x = net.dense(x, 10);
    net.finish(x)
}

/// 784-1024-512-10 with ReLU.
pub fn mlp(batch: usize) -> Step {
    let weights = 784 * 1024 + 1024 * 512 + 512 * 10;
    let mut net = Net::new(weights, 1024 + 512 + 10, 784, batch, 5e-4);
    let x = net.dense(net.images, 1024);
    let x = net.relu(x);
    let x = net.dense(x, 512);
    let x = net.relu(x);
    let x = net.dense(x, 10);
    net.finish(x)
}

/// Caffe's quick network on 32×32×3 images.
pub fn quick(batch: usize) -> Step {
    let mut net = Net::new(145_578 - 202, 202, 3072, batch, 4e-3);
    let x = net.convolution(net.images, [32, 32, 3], 2, 32);
    let x = net.largest(x, [32, 32, 32], 3);
    let x = net.relu(x);
    let x = net.convolution(x, [16, 16, 32], 2, 32);
    let x = net.relu(x);
    let x = net.average(x, [16, 16, 32], 3);
    let x = net.convolution(x, [8, 8, 32], 2, 64);
    let x = net.relu(x);
    let x = net.average(x, [8, 8, 64], 3);
    let x = net.channel_major(x, [4, 4, 64]);
    let x = net.dense(x, 64);
    let x = net.dense(x, 10);
    net.finish(x)
}

/// 64-10: so little that a step is all starting.
pub fn tiny(batch: usize) -> Step {
    let mut net = Net::new(640, 10, 64, batch, 5e-4);
    let x = net.dense(net.images, 10);
    net.finish(x)
}

/// One product, m × n × k.
pub fn product_of([m, n, k]: [usize; 3]) -> Step {
    let mut record = Record::new();
    let a = record.input("a", m, k);
    let b = record.input("b", k, n);
    let product = record.push(Gemm::new(1.0, a, b));
    let result = record.output("product", product);
    let drawn = |view: View, path: u64| (view.buffer, uniform(path, view.entries(), 1.0));
    let plan = Plan::new(&record);
    Step {
        batch: 1,
        images: b.buffer,
        product_flops: plan.cost().flops,
        plan,
        results: vec![result],
        inputs: vec![drawn(a, 1), drawn(b, 2)],
    }
}

/// A layer in equal blocks: the product, and with `all` those of both gradients too.
pub fn block_layer([rows, columns]: [usize; 2], blocks: usize, batch: usize, all: bool) -> Step {
    let operator = BlockDiagonal::equal(rows, columns, blocks);
    let mut record = Record::new();
    let parameters = record.input("weights", operator.parameters(), 1);
    let x = record.input("x", columns, batch);
    let dy = record.input("dy", rows, batch);
    let y = record.zeros(rows, batch);
    operator.emit(&mut record, parameters, x, y);
    let mut outputs = vec![y];
    if all {
        outputs.extend(record.backward(y, dy, &[x, parameters]));
    }
    let outputs = outputs.into_iter();
    let results = outputs.map(|view| record.output("result", view)).collect();
    let drawn = |view: View, path: u64| (view.buffer, uniform(path, view.entries(), 1.0));
    let plan = Plan::new(&record);
    Step {
        batch,
        images: x.buffer,
        product_flops: plan.cost().flops,
        plan,
        results,
        inputs: vec![drawn(parameters, 1), drawn(x, 2), drawn(dy, 3)],
    }
}

fn uniform(path: u64, count: usize, half_width: f64) -> Vec<f64> {
    let mut stream = Stream::new(7, &[path]);
    (0..count)
        .map(|_| (2.0 * stream.uniform() - 1.0) * half_width)
        .collect()
}

/// A network being written: weights and biases are taken from two vectors in order.
struct Net {
    record: Record,
    batch: usize,
    decay: f64,
    images: View,
    weights: View,
    biases: View,
    next: [usize; 2],
    drawn: Vec<f64>,
    product_flops: u64,
}

impl Net {
    fn new(weights: usize, biases: usize, pixels: usize, batch: usize, decay: f64) -> Net {
        let mut record = Record::new();
        Net {
            images: record.input("images", pixels, batch),
            weights: record.state("weights", weights, 1),
            biases: record.state("biases", biases, 1),
            next: [0, 0],
            drawn: Vec::new(),
            product_flops: 0,
            batch,
            decay,
            record,
        }
    }

    fn operator(&mut self, operator: &dyn LinearOperator, x: View, outputs: usize) -> View {
        let (rows, columns) = operator.shape();
        let count = operator.parameters();
        let weight = self.weights.row_range(self.next[0]..self.next[0] + count);
        let bias = self.biases.row_range(self.next[1]..self.next[1] + outputs);
        self.next = [self.next[0] + count, self.next[1] + outputs];
        let path = self.next[0] as u64;
        let inputs = count / outputs;
        let half_width = (3.0 / inputs as f64).sqrt();
        self.drawn.extend(uniform(path, count, half_width));
        let y = self.record.zeros(rows, self.batch);
        operator.emit(&mut self.record, weight, x, y);
        let places = rows / outputs * self.batch;
        let each = y.reshaped([outputs, places, 1]);
        self.record
            .add(each, Map::copy(bias.across_columns(places)));
        // forward, and two gradients but for that of the images
        let products = if columns == self.images.rows { 2 } else { 3 };
        self.product_flops += products * 2 * (count * places) as u64;
        y
    }

    /// 5×5 on channels-last images.
    fn convolution(&mut self, x: View, image: [usize; 3], padding: usize, outputs: usize) -> View {
        let [height, width, channels] = image;
        let kernel = Kernel {
            channels,
            height: 5,
            width: 5,
            channels_last: true,
        };
        let geometry = Geometry {
            image: [height, width],
            stride: [1, 1],
            padding: [padding; 2],
            channels_last: true,
        };
        let weight = Box::new(Dense::new(outputs, kernel.columns()));
        let operator = Convolution::new(kernel, geometry, weight).expect("a large image");
        self.operator(&operator, x, outputs)
    }

    fn dense(&mut self, x: View, outputs: usize) -> View {
        self.operator(&Dense::new(outputs, x.rows), x, outputs)
    }

    fn relu(&mut self, x: View) -> View {
        self.record.push(Map::new(Function::Relu, x))
    }

    fn largest(&mut self, x: View, image: [usize; 3], size: usize) -> View {
        let lists = Arc::new(windows(image, size));
        self.record.push(Maximum::new(lists, x))
    }

    fn average(&mut self, x: View, image: [usize; 3], size: usize) -> View {
        let lists = Arc::new(windows(image, size));
        let shares = (0..lists.len()).map(|i| 1.0 / lists.list(i).len() as f64);
        let shares: Vec<f64> = shares.collect();
        let sums = self.record.push(Gather::new(lists, x));
        let shares = self.record.constant("shares", sums.rows, 1, shares);
        let shares = shares.across_columns(self.batch);
        self.record
            .push(Zip::new(Combination::Multiply, sums, shares))
    }

    fn channel_major(&mut self, x: View, [height, width, channels]: [usize; 3]) -> View {
        let area = height * width;
        let pixel = |i: usize| Some(i % area * channels + i / area);
        let lists = Lists::from_table(x.rows, (0..x.rows).map(pixel));
        self.record.push(Gather::new(Arc::new(lists), x))
    }

    /// The mean loss, and heavy-ball descent on both vectors, twice as fast on the biases.
    fn finish(mut self, scores: View) -> Step {
        let Net { batch, decay, .. } = self;
        let record = &mut self.record;
        let classes = record.input("classes", 1, batch);
        let losses = record.push(CrossEntropy::new(scores, classes));
        let share = record.constant("share", 1, batch, vec![1.0 / batch as f64; batch]);
        let rates = record.input("rates", 2, 1);
        let mean = record.push(Gemm::new(1.0, losses, share.t()));
        let loss = record.output("loss", mean);
        let parameters = [self.weights, self.biases];
        let gradients = record.backward(losses, share, &parameters);
        for (i, (parameter, gradient)) in parameters.into_iter().zip(gradients).enumerate() {
            let speed = record.state("speed", parameter.rows, 1);
            let rate = rates.row_range(i..i + 1);
            record.update(speed, 0.9, Descent::new(gradient, parameter, rate, decay));
            record.update(parameter, 1.0, Map::new(Function::Scale(-1.0), speed));
        }
        assert_eq!(self.next, [self.weights.rows, self.biases.rows]);
        let mut stream = Stream::new(7, &[0]);
        let labels = (0..batch).map(|_| (10.0 * stream.uniform()).floor());
        Step {
            batch,
            images: self.images.buffer,
            product_flops: self.product_flops,
            results: vec![loss, self.weights.buffer, self.biases.buffer],
            inputs: vec![
                (self.images.buffer, uniform(1, self.images.entries(), 1.0)),
                (classes.buffer, labels.collect()),
                (self.weights.buffer, self.drawn),
                (rates.buffer, vec![1e-3, 2e-3]),
            ],
            plan: Plan::new(record),
        }
    }
}

/// Square windows two apart on channels-last images, cut off at the edges; the number of places is rounded up.
fn windows([height, width, channels]: [usize; 3], size: usize) -> Lists {
    let places = |length: usize| (length - size).div_ceil(2) + 1;
    let mut lists = Vec::new();
    for top in (0..places(height)).map(|i| 2 * i) {
        for left in (0..places(width)).map(|i| 2 * i) {
            for channel in 0..channels {
                let rows = top..(top + size).min(height);
                let pixel = |y: usize, x: usize| (y * width + x) * channels + channel;
                let window =
                    rows.flat_map(|y| (left..(left + size).min(width)).map(move |x| pixel(y, x)));
                lists.push(window.collect::<Vec<usize>>());
            }
        }
    }
    Lists::new(height * width * channels, lists)
}
