//! Losses and gradients of every layer against the reference.

use super::reference::{self, Sample};
use crate::device::Cpu;
use crate::program::Exec;
use crate::random::Stream;
use crate::train::recipe::{Bias, Extent, LayerSettings, Momentum, Optimizer, Pooling, Rounding};
use crate::train::weight::WeightSettings;
use crate::train::{Network, Parameters, step};

const SAMPLES: usize = 4;
const CLASSES: usize = 3;

fn weight(text: &str) -> WeightSettings {
    toml::from_str(text).unwrap()
}

fn linear(outputs: usize, family: &str) -> LayerSettings {
    LayerSettings::Linear {
        name: None,
        outputs,
        weight: weight(family),
        bias: Bias::Value(0.1),
    }
}

fn convolution(outputs: usize, kernel: [usize; 2], stride: usize, padding: usize) -> LayerSettings {
    LayerSettings::Convolution {
        name: None,
        outputs,
        kernel: Extent::Sides(kernel),
        stride: Extent::Square(stride),
        padding: Extent::Square(padding),
        weight: WeightSettings::default(),
        bias: Bias::Value(-0.2),
    }
}

fn pooling(size: usize, stride: usize, round: Rounding) -> Pooling {
    Pooling {
        size: Extent::Square(size),
        stride: Some(Extent::Square(stride)),
        round,
    }
}

/// Steps of plain descent at rate 1, so that a step's change is the gradient.
const PLAIN: Optimizer = Optimizer::Sgd {
    momentum: 0.0,
    form: Momentum::Caffe,
    decay: 0.0,
    bias_rate: 1.0,
};

/// The program's loss and gradient, by one step at rate 1.
fn program(
    network: &Network,
    parameters: &Parameters,
    samples: &[Sample],
    classes: &[usize],
) -> (f64, Parameters) {
    let step = step::training(network, SAMPLES, &PLAIN, &[]);
    let mut exec = Cpu::<f64>::new();
    exec.prepare(&step.plan).unwrap();
    let x: Vec<f64> = samples
        .iter()
        .flat_map(|s| s.values.iter().copied())
        .collect();
    let classes: Vec<f64> = classes.iter().map(|&class| class as f64).collect();
    exec.write(step.x, &x);
    exec.write(step.classes, &classes);
    exec.write(step.rate.unwrap(), &[1.0]);
    for drawn in &step.drawn {
        // everything kept, every block in its place
        let count = drawn.view.entries();
        let diagonal = drawn.view.rows == drawn.view.columns;
        let one = |i: usize| f64::from(!diagonal || i.is_multiple_of(drawn.view.rows + 1));
        exec.write(drawn.view.buffer, &(0..count).map(one).collect::<Vec<_>>());
    }
    let [weights, biases] = [&step.shared[0], &step.shared[1]].map(|variable| variable.buffer);
    exec.write(weights, &parameters.weights);
    exec.write(biases, &parameters.biases);
    exec.run().unwrap();
    let change =
        |before: &[f64], after: Vec<f64>| before.iter().zip(after).map(|(b, a)| b - a).collect();
    let gradient = Parameters {
        weights: change(&parameters.weights, exec.read(weights).unwrap()),
        biases: change(&parameters.biases, exec.read(biases).unwrap()),
    };
    (exec.read(step.loss).unwrap()[0], gradient)
}

/// Checks the loss, and the gradient in random directions: a central difference of the reference's loss with
/// step h is within h²/6 of the third derivative, and rounding adds ε/h.
fn check(name: &str, shape: [usize; 3], layers: &[LayerSettings]) {
    let network = Network::new(layers, shape, 5).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut stream = Stream::new(6, &[1]);
    let mut draw = |count: usize| -> Vec<f64> { (0..count).map(|_| stream.normal()).collect() };
    let samples: Vec<Sample> = (0..SAMPLES)
        .map(|_| Sample {
            shape,
            values: draw(shape.iter().product()),
        })
        .collect();
    let classes: Vec<usize> = (0..SAMPLES).map(|i| i % CLASSES).collect();
    let mut parameters = network.initial();
    for (value, noise) in parameters
        .biases
        .iter_mut()
        .zip(draw(network.parameters()[1]))
    {
        *value += 0.1 * noise;
    }
    let of = |parameters: &Parameters| {
        let scores = reference::scores(layers, &network, parameters, samples.clone());
        reference::loss(&scores, &classes)
    };
    let (loss, gradient) = program(&network, &parameters, &samples, &classes);
    let expected = of(&parameters);
    assert!(
        (loss - expected).abs() < 1e-13 * (1.0 + expected),
        "{name}: loss {loss}, by definition {expected}"
    );
    for _ in 0..3 {
        let [w, b] = network.parameters().map(&mut draw);
        let h = 1e-6;
        let moved = |h: f64| {
            let along = |x: &[f64], d: &[f64]| x.iter().zip(d).map(|(x, d)| x + h * d).collect();
            of(&Parameters {
                weights: along(&parameters.weights, &w),
                biases: along(&parameters.biases, &b),
            })
        };
        let difference = (moved(h) - moved(-h)) / (2.0 * h);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let slope = dot(&gradient.weights, &w) + dot(&gradient.biases, &b);
        let size = dot(&w, &w).sqrt() + dot(&b, &b).sqrt();
        assert!(
            (slope - difference).abs() < 1e-8 * (size + difference.abs()),
            "{name}: slope {slope}, difference {difference}"
        );
    }
}

/// Catches a layer that computes or differentiates something else than its definition, in every order of
/// pixels and with windows that hang over the edge.
#[test]
fn losses_and_gradients_are_those_of_the_definitions() {
    use LayerSettings::{
        AveragePool, BatchNorm, BlockShuffle, Dropout, Fourier, GlobalAveragePool, MaxPool, Relu,
        Sigmoid, Tanh,
    };
    let dense = || linear(CLASSES, r#"family = "dense""#);
    let norm = || BatchNorm {
        name: None,
        epsilon: 1e-3,
        momentum: 0.1,
    };
    let (down, up) = (Rounding::Down, Rounding::Up);
    let image = [2, 7, 6];
    let networks: Vec<(&str, [usize; 3], Vec<LayerSettings>)> = vec![
        ("linear", [1, 3, 4], vec![dense()]),
        ("an image of two channels", image, vec![dense()]),
        (
            "tanh",
            [1, 1, 5],
            vec![linear(4, r#"family = "dense""#), Tanh, dense()],
        ),
        (
            "sigmoid",
            [1, 1, 5],
            vec![linear(4, r#"family = "dense""#), Sigmoid, dense()],
        ),
        (
            "relu",
            [1, 1, 5],
            vec![linear(7, r#"family = "dense""#), Relu, dense()],
        ),
        (
            "fourier",
            [1, 1, 5],
            vec![linear(4, r#"family = "dense""#), Fourier, dense()],
        ),
        (
            "dropout that keeps all",
            [1, 1, 5],
            vec![Dropout { keep: 0.5 }, dense()],
        ),
        (
            "blocks in their places",
            [1, 1, 6],
            vec![BlockShuffle { blocks: 3 }, dense()],
        ),
        (
            "blocks",
            [1, 2, 3],
            vec![
                linear(4, "family = \"block-diagonal\"\nblocks = 2"),
                Tanh,
                dense(),
            ],
        ),
        (
            "convolution",
            image,
            vec![convolution(3, [3, 2], 1, 0), Tanh, dense()],
        ),
        (
            "stride and padding",
            image,
            vec![
                convolution(3, [3, 3], 2, 1),
                Tanh,
                convolution(2, [2, 2], 1, 1),
                dense(),
            ],
        ),
        (
            "max pooling",
            image,
            vec![
                convolution(3, [2, 2], 1, 0),
                MaxPool(pooling(2, 2, down)),
                dense(),
            ],
        ),
        (
            "max pooling of the input, overlapping, rounded up",
            image,
            vec![
                MaxPool(pooling(3, 2, up)),
                convolution(2, [2, 2], 1, 0),
                dense(),
            ],
        ),
        (
            "average pooling, rounded up",
            image,
            vec![
                convolution(3, [2, 2], 1, 0),
                AveragePool(pooling(3, 2, up)),
                dense(),
            ],
        ),
        (
            "average pooling",
            image,
            vec![
                AveragePool(pooling(2, 2, down)),
                convolution(2, [1, 1], 1, 0),
                dense(),
            ],
        ),
        (
            "global average pooling",
            image,
            vec![convolution(4, [3, 3], 1, 0), GlobalAveragePool, dense()],
        ),
        (
            "batch norm of numbers",
            [1, 1, 5],
            vec![linear(4, r#"family = "dense""#), norm(), Tanh, dense()],
        ),
        (
            "batch norm of channels",
            image,
            vec![norm(), convolution(3, [2, 2], 1, 0), norm(), Tanh, dense()],
        ),
    ];
    for (name, shape, layers) in networks {
        check(name, shape, &layers);
    }
}
