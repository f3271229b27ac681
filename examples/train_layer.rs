//! Trains a network whose first layer is dense, then one whose first layer is block-diagonal, and compares them.
//!
//!     cargo run --release --example train_layer

use anyhow::Result;
use spectra::data;
use spectra::device::Device;
use spectra::train::{Event, Recipe, Trainer, recipe};
use std::ops::ControlFlow;

/// A perceptron on digits that a generator draws. `spectra train` takes the same text as a file.
fn perceptron(weight: &str) -> Result<Recipe> {
    let text = format!(
        r#"
        [data]
        set = "digits"
        train = 2000
        [training]
        iterations = 200
        batch = 32
        rate = {{ schedule = "fixed", base = 0.1 }}
        [[layer]]
        kind = "linear"
        name = "hidden"
        outputs = 128
        weight = {{ {weight} }}
        [[layer]]
        kind = "relu"
        [[layer]]
        kind = "linear"
        outputs = 10
        "#
    );
    Ok(recipe::read(&text)?)
}

pub fn main() -> Result<()> {
    let digits = data::open("digits", None)?;
    for weight in [
        r#"family = "dense""#,
        r#"family = "block-diagonal", blocks = 16"#,
    ] {
        let recipe = perceptron(weight)?;
        let trainer = Trainer::new(&recipe, &digits)?;
        let trained = trainer.run(&Device::cpu(), &mut |event| {
            if let Event::Row(row) = event {
                eprintln!("{} {:?}", row.iteration, row.test_accuracy);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let record = trained.record;
        let accuracy = record.rows.last().and_then(|row| row.test_accuracy);
        println!(
            "{weight}: {} weights, test accuracy {accuracy:?}",
            record.parameters.weights
        );
    }
    Ok(())
}
