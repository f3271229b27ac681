//! The first ten losses of three recipes on the generated digits against torch's in double precision
//! (`fixtures/golden/losses`).

use spectra::data::open;
use spectra::device::Device;
use spectra::train::recipe::{Precision, read};
use spectra::train::{Event, Trainer};
use std::ops::ControlFlow;
use std::path::Path;

/// The losses of the recipe `name`, here in these numbers and torch's.
fn losses(name: &str, precision: Precision, machines: &Device<'_>) -> (Vec<f64>, Vec<f64>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/losses");
    let text = |file: String| std::fs::read_to_string(folder.join(file)).unwrap();
    let mut recipe = read(&text(format!("{name}.toml"))).unwrap();
    recipe.training.precision = precision;
    let data = open(&recipe.data.set, None).unwrap();
    let mut ours = Vec::new();
    let trainer = Trainer::new(&recipe, &data).unwrap();
    let mut listener = |event: Event<'_>| {
        if let Event::Step { loss, .. } = event {
            ours.push(loss);
        }
        Ok(ControlFlow::Continue(()))
    };
    trainer.run(machines, &mut listener).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&text("losses.json".into())).unwrap();
    let theirs = golden["losses"][name].as_array().unwrap();
    let theirs: Vec<f64> = theirs.iter().map(|loss| loss.as_f64().unwrap()).collect();
    assert_eq!((ours.len(), theirs.len()), (10, 10));
    (ours, theirs)
}

/// Longest sum and number of layers with sums: of lenet the kernel's gradient, 64 samples of 24 x 24 places.
pub const NETWORKS: [(&str, usize, usize); 3] = [
    ("lenet", 64 * 24 * 24, 4),
    ("norm", 32 * 14 * 14, 4),
    ("perceptron", 784, 3),
];

/// A sum of n numbers in arithmetic of unit u has a relative error of √n u where roundings are independent.
/// Each layer with sums does one forward and one backward, and the errors of t + 1 steps add up:
/// 2 layers √n u (t + 1), and another factor of four for what is not a sum.
pub fn deviates(name: &str, precision: Precision, machines: &Device<'_>, unit: f64) {
    let (_, sum, layers) = NETWORKS.into_iter().find(|row| row.0 == name).unwrap();
    let (ours, theirs) = losses(name, precision, machines);
    let step = 4.0 * 2.0 * layers as f64 * (sum as f64).sqrt() * unit;
    for (t, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let deviation = (ours / theirs - 1.0).abs();
        let bound = step * (t + 1) as f64;
        assert!(
            deviation <= bound,
            "{name}, step {t}: {ours} and {theirs}, {deviation:e} apart, allowed {bound:e}"
        );
    }
}

/// Catches any deviation of forward, derivative, step, rate, order of samples or initial values.
#[test]
fn losses_are_torchs_in_double_precision() {
    for (name, ..) in NETWORKS {
        let processor = Device::cpu();
        deviates(name, Precision::Double, &processor, f64::EPSILON / 2.0);
    }
}

/// Catches a kernel of single precision that another one of double precision hides.
#[test]
fn losses_are_torchs_in_single_precision() {
    for (name, ..) in NETWORKS {
        let unit = f64::from(f32::EPSILON) / 2.0;
        deviates(name, Precision::Single, &Device::cpu(), unit);
    }
}
