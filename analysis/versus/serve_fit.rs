//! Fits a matrix by a product of sums of given matrices for another program: the stopwatch is on the
//! other side.
//!
//! Arguments are the matrix and the file of the fixed matrices, which are read once; then comes a line
//! `ready`. A line `SEED TOLERANCE TARGET` on standard input asks for one search, which ends at the
//! target at the latest, and the answer is a line with its relative residual and its iterations.
//! `analysis/versus/fits.py` asks.

use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;

use anyhow::{Context, Error, Result};
use faer::MatRef;
use spectra::fit::product::{ProductPlan, ProductSettings, given_bases};
use spectra::weights::{OpenOptions, Source};

fn main() -> Result<()> {
    let mut paths = std::env::args().skip(1);
    let mut open = |what| {
        let path = paths.next().context(what)?;
        Source::open(Path::new(&path), &OpenOptions::default()).map_err(Error::from)
    };
    let weights = open("a matrix is named first")?.read(0)?;
    let basis = given_bases(&open("a basis is named second")?).map_err(Error::msg)?;
    let &[rows, columns] = weights.shape.as_slice() else {
        anyhow::bail!("the shape is {:?}, not a matrix", weights.shape)
    };
    let w = MatRef::from_row_major_slice(&weights.data, rows, columns);
    let mut output = stdout().lock();
    writeln!(output, "ready")?;
    output.flush()?;
    for line in stdin().lock().lines() {
        let line = line?;
        let &[seed, tolerance, target] = line.split(' ').collect::<Vec<_>>().as_slice() else {
            anyhow::bail!("a request has a seed, a tolerance and a target, not {line:?}")
        };
        let target: f64 = target.parse()?;
        let settings = ProductSettings {
            factors: basis.len(),
            restarts: Some(1),
            controls: false,
            seed: seed.parse()?,
            tolerance: tolerance.parse()?,
            ..ProductSettings::default()
        };
        let mut plan = ProductPlan::given(&settings, (rows, columns), &basis)?;
        plan.keep_terms();
        let fit = plan.fit(w, None, &mut |progress| progress.residual > target)?;
        writeln!(output, "{} {}", fit.relative_residual, fit.iterations)?;
        output.flush()?;
    }
    Ok(())
}
