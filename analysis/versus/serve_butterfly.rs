//! Factorises matrices into butterflies for another program: the stopwatch is on the other side.
//!
//! A request on standard input is a line `rows columns`, then the entries row by row, 64-bit,
//! little-endian. The answer is a line `ready`; after a line `go` the factors are found, and the answer
//! is a line `done`, then the entries of their product. `analysis/versus/fits.py` asks.

use std::io::{BufRead, Read, Write, stdin, stdout};

use anyhow::{Context, Result, bail};
use faer::MatRef;
use spectra::family::butterfly::Butterfly;

fn main() -> Result<()> {
    let (mut input, mut output) = (stdin().lock(), stdout().lock());
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let sizes: Vec<usize> = line
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let &[rows, columns] = sizes.as_slice() else {
            bail!("a request has two numbers, not {line:?}")
        };
        let mut bytes = vec![0; rows * columns * 8];
        input
            .read_exact(&mut bytes)
            .context("the entries end early")?;
        let entries = bytes.as_chunks().0.iter().map(|x| f64::from_le_bytes(*x));
        let entries: Vec<f64> = entries.collect();
        let w = MatRef::from_row_major_slice(&entries, rows, columns);
        writeln!(output, "ready")?;
        output.flush()?;
        input.read_line(&mut String::new())?;
        let butterfly = Butterfly::nearest(w);
        writeln!(output, "done")?;
        for row in butterfly.matrix().row_iter() {
            for x in row.iter() {
                output.write_all(&x.to_le_bytes())?;
            }
        }
        output.flush()?;
        line.clear();
    }
    Ok(())
}
