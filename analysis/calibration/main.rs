//! How often each sentence of `spectra analyze` is made wrongly, and how often it is missed: matrices
//! with known truth are simulated and judged as a layer is.
//!
//!     cargo run --release --example calibration -- [--seed N] [--scale X] [--only TEXT]
//!
//! The tables are Markdown, for `reports/calibration/`. `--scale 0.1` takes a tenth of the matrices.

mod cases;
mod matrices;
mod tally;

use std::time::Instant;

use cases::Case;
use rayon::prelude::*;
use spectra::random::Stream;
use spectra::spectrum::{Analyzer, Settings};
use tally::Tally;

struct Options {
    seed: u64,
    scale: f64,
    only: String,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        seed: 2026,
        scale: 1.0,
        only: String::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        let wrong = |_| format!("{name} {value}: not a number");
        match name.as_str() {
            "--seed" => options.seed = value.parse().map_err(|_| wrong(()))?,
            "--scale" => options.scale = value.parse().map_err(|_| wrong(()))?,
            "--only" => options.only = value,
            _ => return Err(format!("{name}: --seed, --scale and --only are known")),
        }
    }
    Ok(options)
}

fn main() -> Result<(), String> {
    let options = options()?;
    let analyzer = Analyzer::new(Settings {
        draws: 39,
        ..Settings::default()
    });
    let start = Instant::now();
    println!("Seed {}, level 1 %, counts times {}.", options.seed, options.scale);
    for (section, cases) in cases::all() {
        let chosen = |case: &&Case| format!("{section} {}", case.name).contains(&options.only);
        let cases: Vec<&Case> = cases.iter().filter(chosen).collect();
        if cases.is_empty() {
            continue;
        }
        println!("\n## {section}\n\n{}", Tally::HEAD);
        for case in cases {
            let count = ((case.count as f64 * options.scale) as usize).max(1);
            let spectra: Vec<_> = (0..count)
                .into_par_iter()
                .map(|i| {
                    let path = [tally::hash(&case.name), case.m as u64, case.n as u64, i as u64];
                    let mut stream = Stream::new(options.seed, &path);
                    case.judge(&analyzer, &mut stream)
                })
                .collect();
            println!("{}", Tally::of(case, &spectra));
        }
    }
    eprintln!("{:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
