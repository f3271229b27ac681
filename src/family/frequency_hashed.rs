//! Filters whose cosines share parameters by a hash.

use super::Family;
use super::dct::spread;
use super::hashed::check_parameters;
use super::weight::Planes;
use super::weight::positive;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use crate::operator::recipes::draw_signed;
use crate::operator::{LinearOperator, Product, Signed};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<FrequencyHashedSettings>()),
    ..Family::NONE
};

/// `family = "frequency-hashed"`: each h × w filter is the inverse orthonormal DCT of coefficients that are
/// parameters shared by a hash, with random signs, among the coefficients of the same frequency `i + j`
/// (FreshNets: Chen et al. 2016). A fully connected layer has the images of its inputs as filters, or one
/// row of pixels.
///
/// Of the parameters, frequency `f` of F gets a share like the number of its coefficients times
/// `x^(α−1) (1−x)^(β−1)` at `x = (f + ½)/F`, but at least one and at most one a coefficient; α = β = 1 treats
/// all alike, a larger β favours low frequencies.
/// The transform is orthonormal: coefficients of variance 1/n make entries of variance 1/n.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FrequencyHashedSettings {
    /// Buckets of all frequencies.
    pub parameters: usize,
    /// α.
    #[serde(default = "even")]
    pub alpha: f64,
    /// β.
    #[serde(default = "even")]
    pub beta: f64,
    /// The initial law of the entries.
    #[serde(default)]
    pub initial: Initial,
}

fn even() -> f64 {
    1.0
}

impl TrainedFamily for FrequencyHashedSettings {
    const NAME: &'static str = "frequency-hashed";

    const EXAMPLES: &'static [&'static str] = &["parameters = 30", "parameters = 30, beta = 2.5"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        positive("alpha", self.alpha)?;
        positive("beta", self.beta)?;
        let &Slot { rows, columns, .. } = slot;
        let planes = slot.planes();
        let mut coefficients = vec![0; planes.height + planes.width - 1];
        (0..columns).for_each(|j| coefficients[frequency(planes, j)] += rows);
        check_parameters(self.parameters, coefficients.len(), slot)?;
        let buckets = self.buckets(&coefficients);
        let starts: Vec<usize> = buckets
            .iter()
            .scan(0, |next, count| {
                Some(std::mem::replace(next, *next + count))
            })
            .collect();
        let mut stream = draws.stream(0, 0);
        let hashed = Signed::new(rows, columns, self.parameters, |_, j| {
            let own = frequency(planes, j);
            let (place, negative) = draw_signed(buckets[own], &mut stream);
            (starts[own] + place, negative)
        });
        let fans = slot.fans();
        let stream = draws.initial(0);
        let initial = self.initial.draw(fans, |v| v, self.parameters, stream);
        let mut factors: Vec<Box<dyn LinearOperator>> = vec![Box::new(hashed)];
        factors.extend(spread(planes));
        Ok(Weight::new(Product::new(factors), initial))
    }
}

impl FrequencyHashedSettings {
    /// How many parameters each frequency gets, which add up to all.
    fn buckets(&self, coefficients: &[usize]) -> Vec<usize> {
        let count = coefficients.len() as f64;
        let weight = |(f, &number): (usize, &usize)| {
            let x = (f as f64 + 0.5) / count;
            number as f64 * libm::pow(x, self.alpha - 1.0) * libm::pow(1.0 - x, self.beta - 1.0)
        };
        let weights: Vec<f64> = coefficients.iter().enumerate().map(weight).collect();
        let least = weights.iter().fold(f64::INFINITY, |a, &b| a.min(b));
        let at = |multiple: f64| -> Vec<usize> {
            let pairs = weights.iter().zip(coefficients);
            let of = |(w, &most): (&f64, &usize)| ((multiple * w) as usize).clamp(1, most);
            pairs.map(of).collect()
        };
        let total = |buckets: &[usize]| buckets.iter().sum::<usize>();
        // the largest multiple that spends no more than all
        let most = *coefficients.iter().max().expect("a frequency") as f64;
        let (mut low, mut high) = (0.0, 2.0 * most / least);
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            if total(&at(middle)) <= self.parameters {
                low = middle
            } else {
                high = middle
            }
        }
        let mut buckets = at(low);
        let mut rest = self.parameters - total(&buckets);
        // what rounding leaves goes to the lowest frequencies with room
        while rest > 0 {
            for (bucket, &most) in buckets.iter_mut().zip(coefficients) {
                if rest > 0 && *bucket < most {
                    *bucket += 1;
                    rest -= 1;
                }
            }
        }
        buckets
    }
}

/// The frequency i + j of a coefficient: those of a channel lie as its pixels do, channel by channel.
fn frequency(planes: Planes, column: usize) -> usize {
    let place = column % planes.area();
    place / planes.width + place % planes.width
}
