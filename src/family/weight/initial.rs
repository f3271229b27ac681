//! Initial values.

use super::WeightError;
use crate::random::Stream;
use serde::{Deserialize, Serialize};

/// From what the initial parameters are drawn.
///
/// The first three name the variance that the *matrix's* entries shall have; families of fewer parameters
/// derive that of their parameters from it. The others are the law of the *parameters* themselves.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initial {
    /// Uniform, variance 1/fan-in: between ±√(3/fan-in) (Caffe's `xavier`). Of blocks, the block's fan-in.
    #[default]
    Xavier,
    /// Uniform, variance 2/(fan-in + fan-out) (Glorot, Bengio 2010); the fan-out of a convolution counts the
    /// places of its kernel.
    XavierAverage,
    /// Normal, variance 2/fan-in (He et al. 2015).
    He,
    /// Normal with this deviation.
    Gaussian(f64),
    /// Normal with this deviation, drawn again beyond two deviations.
    TruncatedNormal(f64),
    /// Uniform between plus and minus this number.
    Uniform(f64),
    /// All zero.
    Zero,
}

/// A law of independent numbers of mean 0.
enum Law {
    Uniform(f64),
    Normal(f64),
    Truncated(f64),
    Zero,
}

impl Initial {
    /// Refuses a scale that is no positive number.
    pub(in crate::family) fn check(self) -> Result<(), WeightError> {
        let (name, value) = match self {
            Initial::Gaussian(value) => ("gaussian", value),
            Initial::TruncatedNormal(value) => ("truncated-normal", value),
            Initial::Uniform(value) => ("uniform", value),
            _ => return Ok(()),
        };
        positive(name, value)
    }

    /// `count` parameters. `variance` is that of the parameters at which the entries of a matrix of this
    /// fan-in and fan-out have a variance given.
    pub(in crate::family) fn draw(
        self,
        fans: [usize; 2],
        variance: impl Fn(f64) -> f64,
        count: usize,
        stream: Stream,
    ) -> Vec<f64> {
        self.law(fans, variance).draw(count, stream)
    }

    /// As [`draw`](Initial::draw), normal wherever the variance is derived.
    pub(in crate::family) fn draw_normal(
        self,
        fans: [usize; 2],
        variance: impl Fn(f64) -> f64,
        count: usize,
        stream: Stream,
    ) -> Vec<f64> {
        let law = match self.law(fans, variance) {
            Law::Uniform(bound) if self.is_derived() => Law::Normal(bound / 3f64.sqrt()),
            law => law,
        };
        law.draw(count, stream)
    }

    /// Whether it names the variance of the matrix and not the law of the parameters.
    pub(in crate::family) fn is_derived(self) -> bool {
        matches!(self, Initial::Xavier | Initial::XavierAverage | Initial::He)
    }

    /// The variance of the matrix's entries over 1/fan-in; 1 where the parameters' law is given.
    pub(in crate::family) fn gain(self, [fan_in, fan_out]: [usize; 2]) -> f64 {
        match self {
            Initial::XavierAverage => 2.0 * fan_in as f64 / (fan_in + fan_out) as f64,
            Initial::He => 2.0,
            _ => 1.0,
        }
    }

    fn law(self, fans: [usize; 2], variance: impl Fn(f64) -> f64) -> Law {
        let deviation = || variance(self.gain(fans) / fans[0] as f64).sqrt();
        match self {
            Initial::Xavier | Initial::XavierAverage => Law::Uniform(3f64.sqrt() * deviation()),
            Initial::He => Law::Normal(deviation()),
            Initial::Gaussian(deviation) => Law::Normal(deviation),
            Initial::TruncatedNormal(deviation) => Law::Truncated(deviation),
            Initial::Uniform(bound) => Law::Uniform(bound),
            Initial::Zero => Law::Zero,
        }
    }
}

impl Law {
    fn draw(&self, count: usize, mut stream: Stream) -> Vec<f64> {
        let mut one = || match *self {
            Law::Uniform(bound) => bound * (2.0 * stream.uniform() - 1.0),
            Law::Normal(deviation) => deviation * stream.normal(),
            Law::Truncated(deviation) => loop {
                let x = stream.normal();
                if x.abs() <= 2.0 {
                    return deviation * x;
                }
            },
            Law::Zero => 0.0,
        };
        (0..count).map(|_| one()).collect()
    }
}

/// Refuses a setting that is no positive finite number.
pub(in crate::family) fn positive(name: &'static str, value: f64) -> Result<(), WeightError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(WeightError::Positive {
            name,
            value: value.to_string(),
        })
    }
}

/// Most factors of a product, and pairs of sketches.
pub(in crate::family) const MOST_FACTORS: usize = 1000;

/// Refuses a product of none, or of more factors than anyone trains.
pub(in crate::family) fn number_of_factors(
    name: &'static str,
    found: usize,
) -> Result<(), WeightError> {
    let most = MOST_FACTORS;
    if (1..=most).contains(&found) {
        Ok(())
    } else {
        Err(WeightError::Factors { name, found, most })
    }
}
