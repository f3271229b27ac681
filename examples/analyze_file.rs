//! Analyses the weights in a file: what each matrix has learned, and what noise explains.
//!
//!     cargo run --release --example analyze_file

use anyhow::{Error, Result};
use spectra::spectrum::{Analyzer, Settings, analyze_sources};
use spectra::weights::{OpenOptions, Selection, Source, ViewRules};
use std::path::Path;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mlp-short.npz");

pub fn main() -> Result<()> {
    // Reads headers alone; tensors are read one at a time, when they are analysed.
    let source = Source::open(Path::new(FILE), &OpenOptions::default())?;
    for tensor in source.tensors() {
        println!("{} {:?}", tensor.name, tensor.shape);
    }

    // Every matrix whose name matches, as its layout is guessed.
    let selection = Selection::new(vec!["*.weight".into()], ViewRules::default());
    let selection = selection.map_err(Error::msg)?;
    let analyzer = Analyzer::new(Settings {
        seed: 1,
        ..Settings::default()
    });
    let analysis = analyze_sources(&[source], &selection, &analyzer, |progress| {
        eprintln!("{} of {}", progress.done, progress.total);
        true // go on
    });

    for layer in &analysis.rows {
        // A tensor without a spectrum has a status and a reason instead.
        let Some(spectrum) = &layer.spectrum else {
            println!("{}: {:?}", layer.name, layer.reason);
            continue;
        };
        // None is what the matrix does not define, such as the effective rank of zeros.
        let rank = spectrum.effective_rank.unwrap_or(f64::NAN);
        println!(
            "{}: effective rank {rank:.1}, {}",
            layer.name, spectrum.verdict.text
        );
    }
    Ok(())
}
