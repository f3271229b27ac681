//! Times of a layer's products: in diagonal blocks, dense, and with as many entries at random places.

use super::file::Products;
use crate::device::Cpu;
use crate::operator::{BlockDiagonal, LinearOperator};
use crate::program::{Combination, Exec, Function, Map, Plan, Record, Zip};
use crate::random::Stream;
use rayon::prelude::*;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// How long the products of a layer are repeated, all kinds in turns.
const BUDGET: Duration = Duration::from_millis(1500);

/// Fewest and most rounds.
const ROUNDS: std::ops::RangeInclusive<usize> = 5..=400;

/// The times of `layer` on the CPU in single precision, as a record with its numbers, each the median over rounds in
/// which all kinds have their turn: seconds of the product alone (`forward`) and of the three products of a step
/// (`step`), each dense (`dense-forward`, `dense-step`); `csr-forward` of compressed sparse rows; `penalty` of an L1
/// penalty on the dense gradient; how many times faster than dense they are (`speed-up`, `step-speed-up`,
/// `csr-speed-up`); `pruning-bound`, (dense step - step) / penalty: how many penalties a step in blocks saves.
///
/// # Errors
///
/// What the CPU says.
pub(super) fn time_products(layer: &Products) -> Result<Json, String> {
    let Products {
        rows,
        columns,
        blocks,
        batch,
    } = *layer;
    let mut kinds: Vec<Box<dyn FnMut() -> Result<(), String>>> = vec![
        product(rows, columns, 1, batch, false)?,
        product(rows, columns, 1, batch, true)?,
        product(rows, columns, blocks, batch, false)?,
        product(rows, columns, blocks, batch, true)?,
        sparse(rows, columns, rows * columns / blocks, batch),
        penalty(rows * columns)?,
    ];
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); kinds.len()];
    for kind in &mut kinds {
        kind()?;
    }
    let start = Instant::now();
    for round in 0..*ROUNDS.end() {
        if round >= *ROUNDS.start() && start.elapsed() > BUDGET {
            break;
        }
        for (kind, times) in kinds.iter_mut().zip(&mut times) {
            let start = Instant::now();
            kind()?;
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    let [dense, dense_step, forward, step, csr, penalty] = medians[..] else {
        unreachable!("six kinds");
    };
    Ok(json!({
        "ended": { "how": "finished" },
        "device": "processor",
        "threads": rayon::current_num_threads(),
        "numbers": {
            "forward": forward,
            "step": step,
            "dense-forward": dense,
            "dense-step": dense_step,
            "csr-forward": csr,
            "penalty": penalty,
            "speed-up": dense / forward,
            "step-speed-up": dense_step / step,
            "csr-speed-up": dense / csr,
            "pruning-bound": (dense_step - step) / penalty,
        },
    }))
}

/// The numbers that [`time_products`] has.
pub(super) const NUMBERS: [&str; 10] = [
    "forward",
    "step",
    "dense-forward",
    "dense-step",
    "csr-forward",
    "penalty",
    "speed-up",
    "step-speed-up",
    "csr-speed-up",
    "pruning-bound",
];

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A run of a product, or of the three products of a step.
fn product(
    rows: usize,
    columns: usize,
    blocks: usize,
    batch: usize,
    step: bool,
) -> Result<Box<dyn FnMut() -> Result<(), String>>, String> {
    let sizes = vec![(rows / blocks, columns / blocks); blocks];
    let operator = BlockDiagonal::new(sizes);
    let mut record = Record::new();
    let parameters = record.input("weights", operator.parameters(), 1);
    let x = record.input("x", columns, batch);
    let dy = record.input("dy", rows, batch);
    let y = record.zeros(rows, batch);
    operator.emit(&mut record, parameters, x, y);
    record.output("y", y);
    if step {
        for gradient in record.backward(y, dy, &[x, parameters]) {
            record.output("gradient", gradient);
        }
    }
    let inputs = [(parameters, 1), (x, 2), (dy, 3)].map(|(view, path)| {
        let mut stream = Stream::new(7, &[path]);
        let numbers: Vec<f64> = (0..view.entries()).map(|_| stream.normal()).collect();
        (view.buffer, numbers)
    });
    let plan = Plan::new(&record);
    let mut exec = Cpu::<f32>::new();
    exec.prepare(&plan).map_err(|error| error.to_string())?;
    for (buffer, numbers) in &inputs {
        exec.write(*buffer, numbers);
    }
    Ok(Box::new(move || {
        exec.run().map_err(|error| error.to_string())
    }))
}

/// A run of an L1 penalty on a dense gradient, and of the mask that keeps zeros.
fn penalty(entries: usize) -> Result<Box<dyn FnMut() -> Result<(), String>>, String> {
    let mut record = Record::new();
    let weights = record.input("weights", entries, 1);
    let strengths = record.input("strengths", entries, 1);
    let gradient = record.input("gradient", entries, 1);
    let sign = record.push(Map::new(Function::Sign, weights));
    let slope = record.push(Zip::new(Combination::Multiply, sign, strengths));
    let penalized = record.push(Zip::new(Combination::Add, gradient, slope));
    record.output("penalized", penalized);
    let kept = record.push(Zip::new(Combination::Multiply, weights, strengths));
    record.output("kept", kept);
    let mut exec = Cpu::<f32>::new();
    exec.prepare(&Plan::new(&record))
        .map_err(|error| error.to_string())?;
    let mut stream = Stream::new(7, &[4]);
    let numbers: Vec<f64> = (0..entries).map(|_| stream.normal()).collect();
    exec.write(weights.buffer, &numbers);
    exec.write(gradient.buffer, &numbers);
    exec.write(strengths.buffer, &vec![1e-4; entries]);
    Ok(Box::new(move || {
        exec.run().map_err(|error| error.to_string())
    }))
}

/// A run of `y = A x` with A in compressed sparse rows, `count` entries at random places, samples side by side.
fn sparse(
    rows: usize,
    columns: usize,
    count: usize,
    batch: usize,
) -> Box<dyn FnMut() -> Result<(), String>> {
    let mut stream = Stream::new(7, &[5]);
    let mut places: Vec<usize> = (0..count)
        .map(|_| (stream.uniform() * (rows * columns) as f64) as usize)
        .collect();
    places.sort_unstable();
    let x: Vec<f32> = (0..columns * batch)
        .map(|_| stream.normal() as f32)
        .collect();
    let mut y = vec![0.0f32; rows * batch];
    let mut starts = vec![0; rows + 1];
    for place in &places {
        starts[place / columns + 1] += 1;
    }
    for row in 0..rows {
        starts[row + 1] += starts[row];
    }
    let entries: Vec<(usize, f32)> = places
        .iter()
        .map(|place| (place % columns, stream.normal() as f32))
        .collect();
    Box::new(move || {
        y.par_chunks_mut(batch).enumerate().for_each(|(row, y)| {
            y.fill(0.0);
            for &(column, a) in &entries[starts[row]..starts[row + 1]] {
                let x = &x[column * batch..(column + 1) * batch];
                y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
            }
        });
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::{NUMBERS, time_products};
    use crate::study::file::Products;

    /// Catches a number that is missing or none, and blocks that cost more than a dense layer of 64 times the work.
    #[test]
    fn all_numbers_are_there() {
        let layer = Products {
            rows: 512,
            columns: 512,
            blocks: 64,
            batch: 64,
        };
        let times = time_products(&layer).unwrap();
        for name in NUMBERS {
            assert!(
                times["numbers"][name].as_f64().is_some_and(f64::is_finite),
                "{name}"
            );
        }
        assert_eq!(times["numbers"].as_object().unwrap().len(), NUMBERS.len());
    }
}
