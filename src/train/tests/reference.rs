//! The reference implementation of a network: every layer by its definition, one sample at a time.

use crate::train::layer::Action;
use crate::train::recipe::{LayerSettings, Pooling, Rounding};
use crate::train::{Network, Parameters, Shape};
use faer::Mat;

/// An image or a vector, always channel by channel.
#[derive(Debug, Clone)]
pub struct Sample {
    pub shape: [usize; 3],
    pub values: Vec<f64>,
}

impl Sample {
    fn flat(values: Vec<f64>) -> Sample {
        Sample {
            shape: [1, 1, values.len()],
            values,
        }
    }

    /// A pixel, 0 outside.
    fn at(&self, channel: usize, row: isize, column: isize) -> f64 {
        let [_, height, width] = self.shape;
        let inside = (0..height as isize).contains(&row) && (0..width as isize).contains(&column);
        if inside {
            self.values[(channel * height + row as usize) * width + column as usize]
        } else {
            0.0
        }
    }
}

/// The scores of `samples` in training, dropout left out.
pub fn scores(
    settings: &[LayerSettings],
    network: &Network,
    parameters: &Parameters,
    samples: Vec<Sample>,
) -> Vec<Vec<f64>> {
    let mut samples = samples;
    for ((layer, settings), [w, b]) in network.layers.iter().zip(settings).zip(network.places()) {
        let (weights, biases) = (&parameters.weights[w], &parameters.biases[b]);
        let dense = layer.affine().map(|affine| affine.weight().dense(weights));
        samples = match settings {
            LayerSettings::BatchNorm { epsilon, .. } => {
                batch_norm(samples, layer.input, biases, *epsilon)
            }
            _ => samples
                .into_iter()
                .map(|sample| one(settings, &layer.action, dense.as_ref(), biases, sample))
                .collect(),
        };
    }
    samples.into_iter().map(|sample| sample.values).collect()
}

/// Mean cross-entropy.
pub fn loss(scores: &[Vec<f64>], classes: &[usize]) -> f64 {
    let each = scores.iter().zip(classes).map(|(scores, &class)| {
        let sum: f64 = scores.iter().map(|score| score.exp()).sum();
        sum.ln() - scores[class]
    });
    each.sum::<f64>() / classes.len() as f64
}

fn one(
    settings: &LayerSettings,
    action: &Action,
    dense: Option<&Mat<f64>>,
    biases: &[f64],
    sample: Sample,
) -> Sample {
    let map = |f: fn(f64) -> f64| Sample {
        shape: sample.shape,
        values: sample.values.iter().map(|&x| f(x)).collect(),
    };
    match settings {
        LayerSettings::Linear { .. } => {
            Sample::flat(linear(dense.unwrap(), biases, &sample.values))
        }
        LayerSettings::Convolution {
            kernel,
            stride,
            padding,
            ..
        } => {
            let [stride, padding] = [stride.sides(), padding.sides()];
            convolution(
                dense.unwrap(),
                biases,
                &sample,
                kernel.sides(),
                stride,
                padding,
            )
        }
        LayerSettings::MaxPool(pooling) => pool(&sample, pooling, |window| {
            window.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        }),
        LayerSettings::AveragePool(pooling) => pool(&sample, pooling, |window| {
            window.iter().sum::<f64>() / window.len() as f64
        }),
        LayerSettings::GlobalAveragePool => {
            let area = sample.shape[1] * sample.shape[2];
            let channels = sample.values.chunks(area);
            Sample::flat(
                channels
                    .map(|c| c.iter().sum::<f64>() / area as f64)
                    .collect(),
            )
        }
        LayerSettings::Relu => map(|x| x.max(0.0)),
        LayerSettings::Sigmoid => map(|x| 1.0 / (1.0 + (-x).exp())),
        LayerSettings::Tanh => map(f64::tanh),
        LayerSettings::Fourier => {
            let scale = (sample.values.len() as f64).sqrt();
            let waves = [f64::cos, f64::sin]
                .map(|wave| sample.values.iter().map(move |&x| wave(x) / scale));
            Sample::flat(waves.into_iter().flatten().collect())
        }
        LayerSettings::Dropout { .. } | LayerSettings::BlockShuffle { .. } => {
            assert!(matches!(
                action,
                Action::Dropout { .. } | Action::BlockShuffle { .. }
            ));
            sample
        }
        LayerSettings::BatchNorm { .. } => unreachable!("it needs the whole batch"),
    }
}

fn linear(dense: &Mat<f64>, biases: &[f64], x: &[f64]) -> Vec<f64> {
    let row = |i: usize| -> f64 { (0..x.len()).map(|j| dense[(i, j)] * x[j]).sum() };
    (0..dense.nrows())
        .map(|i| row(i) + biases.get(i).copied().unwrap_or(0.0))
        .collect()
}

fn convolution(
    dense: &Mat<f64>,
    biases: &[f64],
    sample: &Sample,
    [height, width]: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
) -> Sample {
    let [channels, rows, columns] = sample.shape;
    let places = |axis: usize, pixels: usize, kernel: usize| {
        (pixels + 2 * padding[axis] - kernel) / stride[axis] + 1
    };
    let (down, across) = (places(0, rows, height), places(1, columns, width));
    let mut values = Vec::new();
    for output in 0..dense.nrows() {
        for (top, left) in (0..down).flat_map(|r| (0..across).map(move |c| (r, c))) {
            let mut sum = biases.get(output).copied().unwrap_or(0.0);
            for channel in 0..channels {
                for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                    let row = (top * stride[0] + y) as isize - padding[0] as isize;
                    let column = (left * stride[1] + x) as isize - padding[1] as isize;
                    let weight = dense[(output, (channel * height + y) * width + x)];
                    sum += weight * sample.at(channel, row, column);
                }
            }
            values.push(sum);
        }
    }
    Sample {
        shape: [dense.nrows(), down, across],
        values,
    }
}

fn pool(sample: &Sample, pooling: &Pooling, of: impl Fn(&[f64]) -> f64) -> Sample {
    let [channels, rows, columns] = sample.shape;
    let size = pooling.size.sides();
    let stride = pooling.stride.unwrap_or(pooling.size).sides();
    let windows = |axis: usize, pixels: usize| match pooling.round {
        Rounding::Down => (pixels - size[axis]) / stride[axis] + 1,
        Rounding::Up => (pixels - size[axis]).div_ceil(stride[axis]) + 1,
    };
    let (down, across) = (windows(0, rows), windows(1, columns));
    let mut values = Vec::new();
    for channel in 0..channels {
        for (top, left) in (0..down).flat_map(|r| (0..across).map(move |c| (r, c))) {
            let (top, left) = (top * stride[0], left * stride[1]);
            let mut window = Vec::new();
            for row in top..(top + size[0]).min(rows) {
                for column in left..(left + size[1]).min(columns) {
                    window.push(sample.at(channel, row as isize, column as isize));
                }
            }
            values.push(of(&window));
        }
    }
    Sample {
        shape: [channels, down, across],
        values,
    }
}

fn batch_norm(samples: Vec<Sample>, shape: Shape, biases: &[f64], epsilon: f64) -> Vec<Sample> {
    let features = match shape {
        Shape::Flat(count) => count,
        Shape::Image(image) => image.channels,
    };
    let area = shape.numbers() / features;
    let mut samples = samples;
    for feature in 0..features {
        let range = feature * area..(feature + 1) * area;
        let all: Vec<f64> = samples
            .iter()
            .flat_map(|s| s.values[range.clone()].to_vec())
            .collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / all.len() as f64;
        for sample in &mut samples {
            for x in &mut sample.values[range.clone()] {
                let normal = (*x - mean) / (variance + epsilon).sqrt();
                *x = biases[feature] * normal + biases[features + feature];
            }
        }
    }
    samples
}
