//! Runs steps of training for another program: the stopwatch is on the other side.
//!
//! A line `NAME` on standard input prepares the step of that name and the answer is a line with its images
//! and the operations of its products; a line with a number runs so many steps, and the answer is the loss, or
//! the first number of the result. An argument `gpu` runs them on the first adapter.
//! `analysis/versus/train_steps.py` asks.

#[path = "../../benches/networks/mod.rs"]
mod networks;

use anyhow::{Context, Result, bail};
use spectra::device::{Cpu, Gpu, adapters};
use spectra::program::Exec;
use std::io::{BufRead, Write, stdin, stdout};

fn main() -> Result<()> {
    // on a thread of the pool, as trainings are
    rayon::scope(|_| serve())
}

fn serve() -> Result<()> {
    let mut output = stdout().lock();
    let mut exec: Box<dyn Exec> = match std::env::args().nth(1).as_deref() {
        None | Some("cpu") => Box::new(Cpu::<f32>::new()),
        Some("gpu") => {
            let adapter = adapters().into_iter().next().context("no adapter")?;
            eprintln!("{} ({})", adapter.info().name, adapter.info().driver);
            Box::new(Gpu::new(&adapter.open()?))
        }
        Some(other) => bail!("{other}: cpu or gpu is needed"),
    };
    let mut current = None;
    for line in stdin().lock().lines() {
        let line = line?;
        if let Ok(steps) = line.parse::<usize>() {
            let step: &networks::Step = current.as_ref().context("a name comes first")?;
            for _ in 0..steps {
                exec.run()?;
            }
            writeln!(output, "{}", exec.read(step.results[0])?[0])?;
        } else {
            let step = networks::step(&line);
            step.start(exec.as_mut());
            writeln!(output, "{} {}", step.batch, step.product_flops)?;
            current = Some(step);
        }
        output.flush()?;
    }
    Ok(())
}
