//! What the options of `sketch` may be.

use crate::sketch::Ensemble;
use clap::ValueEnum;
use clap::builder::PossibleValue;

/// Steps and padding beyond are no convolution's.
const FAR: usize = 65_536;

pub(super) fn stride(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (1..=FAR).contains(n));
    number.ok_or_else(|| format!("a whole number from 1 to {FAR}"))
}

pub(super) fn padding(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| *n <= FAR);
    number.ok_or_else(|| format!("a whole number from 0 to {FAR}"))
}

pub(super) fn rows_of_sketches(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(rows @ 1..=1_000_000) => Ok(rows),
        _ => Err("a whole number from 1 to 1000000".into()),
    }
}

pub(super) fn trials(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(trials @ (0 | 2..=10_000_000)) => Ok(trials),
        _ => {
            Err("0, or a whole number from 2, the fewest that have an interval, to 10000000".into())
        }
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if share > 0.0 && share <= 0.999_999 => Ok(share),
        _ => Err("a number between 0 and 0.999999, as 0.95".into()),
    }
}

pub(super) fn relative(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(error) if error > 0.0 && error <= 1e6 => Ok(error),
        _ => Err("a number above 0 and at most 1e6, as 0.05 for 5 %".into()),
    }
}

pub(super) fn image(text: &str) -> Result<[usize; 2], String> {
    let size = |text: &str| text.parse().ok().filter(|size| (1..=65_536).contains(size));
    let sizes = text.split_once('x').and_then(|(h, w)| size(h).zip(size(w)));
    let (height, width) = sizes.ok_or("a height and a width up to 65536, as 28x28")?;
    Ok([height, width])
}

impl ValueEnum for Ensemble {
    fn value_variants<'a>() -> &'a [Self] {
        &Ensemble::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Ensemble::Sign => "Independent signs; the published bounds are theirs",
            Ensemble::Gaussian => "Independent normal entries",
            Ensemble::Hadamard => "Different rows of a randomised Hadamard transform",
            Ensemble::Count => "One sign a column, in a random row",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}
