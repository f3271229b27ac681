//! Computes singular values for another program: the stopwatch is on the other side.
//!
//! A request on standard input is a line `f32|f64 rows columns threads repeats`, then the entries row by row,
//! little-endian. The answer is a line `ready`; after a line `go` the values are computed `repeats` times,
//! and the answer is a line `done`, then the values, little-endian. `analysis/versus/singular_values.py` asks.

use std::io::{BufRead, Read, Write, stdin, stdout};

use anyhow::{Context, Result, bail};
use faer::{MatRef, Par};
use spectra::linalg::{Real, singular_values};

fn main() -> Result<()> {
    let mut input = stdin().lock();
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [dtype, sizes @ ..] = fields.as_slice() else {
            bail!("an empty request")
        };
        let sizes: Vec<usize> = sizes.iter().map(|x| x.parse()).collect::<Result<_, _>>()?;
        let &[rows, columns, threads, repeats] = sizes.as_slice() else {
            bail!("a request has a type and four numbers, not {line:?}")
        };
        let par = if threads > 1 {
            Par::rayon(threads)
        } else {
            Par::Seq
        };
        match *dtype {
            "f32" => {
                let entries = read(&mut input, rows * columns, f32::from_le_bytes)?;
                answer(
                    &mut input,
                    &entries,
                    rows,
                    columns,
                    par,
                    repeats,
                    f32::to_le_bytes,
                )?;
            }
            "f64" => {
                let entries = read(&mut input, rows * columns, f64::from_le_bytes)?;
                answer(
                    &mut input,
                    &entries,
                    rows,
                    columns,
                    par,
                    repeats,
                    f64::to_le_bytes,
                )?;
            }
            other => bail!("{other} is neither f32 nor f64"),
        }
        line.clear();
    }
    Ok(())
}

fn read<T, const N: usize>(
    input: &mut impl Read,
    count: usize,
    convert: fn([u8; N]) -> T,
) -> Result<Vec<T>> {
    let mut bytes = vec![0; count * N];
    input
        .read_exact(&mut bytes)
        .context("the entries end early")?;
    Ok(bytes
        .as_chunks::<N>()
        .0
        .iter()
        .map(|x| convert(*x))
        .collect())
}

fn answer<T: Real, const N: usize>(
    input: &mut impl BufRead,
    entries: &[T],
    rows: usize,
    columns: usize,
    par: Par,
    repeats: usize,
    convert: fn(T) -> [u8; N],
) -> Result<()> {
    let a = MatRef::from_row_major_slice(entries, rows, columns);
    let mut output = stdout().lock();
    writeln!(output, "ready")?;
    output.flush()?;
    input.read_line(&mut String::new())?;
    let mut values = Vec::new();
    for _ in 0..repeats {
        values = singular_values(a, par)?;
    }
    writeln!(output, "done")?;
    for x in values {
        output.write_all(&convert(x))?;
    }
    output.flush()?;
    Ok(())
}
