//! Writes the first generated digits for another program: `images.npy`, 1,000 x 1 x 28 x 28, and `labels.npy`, bytes
//! both, into the folder that is named. `analysis/versus/training_twin.py` reads them.

use anyhow::{Context, Result, bail};
use spectra::data::{Pixels, digits};
use std::fs::{create_dir_all, write};
use std::path::Path;

const COUNT: usize = 1000;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("name a folder")?;
    let folder = Path::new(&folder);
    let samples = digits(0, COUNT, 10).train;
    let Pixels::Bytes(pixels) = samples.pixels else {
        bail!("the digits are no bytes")
    };
    let labels: Vec<u8> = samples
        .labels
        .iter()
        .map(|&label| u8::try_from(label))
        .collect::<Result<_, _>>()?;
    let [channels, height, width] = samples.shape;
    let shape = format!("{COUNT}, {channels}, {height}, {width}");
    create_dir_all(folder)?;
    write(folder.join("images.npy"), npy(&shape, &pixels))?;
    write(
        folder.join("labels.npy"),
        npy(&format!("{COUNT},"), &labels),
    )?;
    Ok(())
}

/// An array of bytes in NumPy's format, version 1.0: its header ends at a multiple of 64.
fn npy(shape: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape})}}");
    let length = (head.len() + 11).next_multiple_of(64) - 10;
    let magic: &[u8] = b"\x93NUMPY\x01\x00";
    let sizes = (length as u16).to_le_bytes();
    let line = format!("{head:<width$}\n", width = length - 1);
    [magic, sizes.as_slice(), line.as_bytes(), bytes].concat()
}
