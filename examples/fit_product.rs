//! Fits a matrix by a product of two sums of fixed random matrices, and says whether that is more than chance.
//!
//!     cargo run --release --example fit_product

use anyhow::Result;
use faer::MatRef;
use spectra::fit::product::{ProductPlan, ProductSettings};
use spectra::weights::{OpenOptions, Source};
use std::path::Path;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mnist-linear.npy");

pub fn main() -> Result<()> {
    let weights = Source::open(Path::new(FILE), &OpenOptions::default())?.read(0)?;
    let (rows, columns) = (weights.shape[0], weights.shape[1]);
    let w = MatRef::from_row_major_slice(&weights.data, rows, columns);

    // W ≈ F₁ F₂, each factor a sum of 8 matrices that the seed makes; 64 rows and columns between them.
    let settings = ProductSettings {
        factors: 2,
        terms: vec![8],
        inner: vec![64],
        seed: 1,
        ..ProductSettings::default()
    };
    let plan = ProductPlan::new(&settings, (rows, columns))?;
    let fit = plan.fit(w, None, &mut |progress| {
        eprintln!("residual {:.4}", progress.residual);
        true // go on
    })?;

    println!(
        "{} coefficients for {} entries",
        fit.parameters,
        rows * columns
    );
    println!("residual        {:.4}", fit.relative_residual);
    println!("chance          {:.4}", fit.null_residual);
    // The same fit to W with its entries in random order: what their places are worth.
    println!(
        "entries shuffled {:.4}",
        fit.shuffled_residual.unwrap_or(f64::NAN)
    );
    Ok(())
}
