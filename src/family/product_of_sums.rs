//! Products of weighted sums of fixed matrices.

use super::Family;
use super::terms::BasisFamily;
use super::weight::Factor;
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::weight::{number_of_factors, positive};
use crate::operator::basis::Image;
use crate::operator::{LinearOperator, Link, Product};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    weight: Some(WeightFamily::of::<ProductOfSumsSettings>()),
    ..Family::NONE
};

/// Most rows and columns between factors.
const MOST_INNER: usize = 1 << 16;

/// `family = "product-of-sums"`: `W = Π_{j=1…p} c_j Σ_{k=1…K_j} g_j(a_jk) M_jk`, the a trained and the M fixed, j
/// growing to the right; `Σ K_j` parameters, factor by factor (Wu 2018, equations 2 and 4). Unless the recipe says
/// otherwise, the link g is the identity.
///
/// The factor at the smaller side of W has its shape and the others are squares of the larger side, unless
/// `inner` has the sizes between them. `c_j = √(m_j/‖M_j‖²)`, with the mean square norm of a family's terms
/// (`1/√n_j` where their entries have variance 1) does not depend on the number of terms, and g(a) is normal of
/// variance 1/K_j: so each factor keeps the norm of what passes, and W's entries have variance 1/n. A link that has no
/// negative values starts at the absolute values, and a bounded one within its bounds ([`Link::near`]).
/// In a residual sum the coefficient of the identity, which goes through the link too, starts so that the identity holds 99 % of the
/// factor's square norm, and the others share the rest.
///
/// Gaussian and sign terms are made again from the seed at every pass unless they are `stored`, which is some ten
/// times as fast and takes `8 K m n` bytes a factor beside those of the machine. A pass forms each factor, `2 K m n`
/// operations whatever the number of samples, then multiplies from the thin side of W. Terms of the other families
/// but `fastfood` and `srht` are combined in their own form, at a cost that hardly grows with K.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProductOfSumsSettings {
    /// p.
    pub factors: usize,
    /// K: one number for all factors, or one a factor.
    pub terms: PerFactor<usize>,
    /// The terms: one family for all factors, or one a factor.
    #[serde(default = "gaussian")]
    pub basis: PerFactor<BasisFamily>,
    /// The identity is the first of the K terms of every factor.
    #[serde(default)]
    pub residual: bool,
    /// Gaussian and sign terms are kept in memory.
    #[serde(default)]
    pub stored: bool,
    /// Sizes between factors, p - 1 numbers, or none.
    #[serde(default)]
    pub inner: Vec<usize>,
    /// What the initial coefficients of the first factor, the one at the outputs, are multiplied by. Products of
    /// ten train from 0.3.
    #[serde(default = "one")]
    pub gain: f64,
    /// What each coefficient goes through before it multiplies its term: one link for all factors, or one a factor.
    #[serde(default = "identity", skip_serializing_if = "is_identity")]
    pub link: PerFactor<Link>,
    /// The initial law of the entries of W, or of all coefficients but an identity's, through their links.
    #[serde(default)]
    pub initial: Initial,
}

/// One value for all factors, or one a factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "one value for all factors, or a list of one each"
)]
pub enum PerFactor<T> {
    /// For all.
    All(T),
    /// One each.
    Each(Vec<T>),
}

fn gaussian() -> PerFactor<BasisFamily> {
    PerFactor::All(BasisFamily::GAUSSIAN)
}

fn identity() -> PerFactor<Link> {
    PerFactor::All(Link::Identity)
}

fn is_identity(link: &PerFactor<Link>) -> bool {
    *link == identity()
}

fn one() -> f64 {
    1.0
}

impl<T: Copy> PerFactor<T> {
    fn of(&self, factor: usize) -> T {
        match self {
            PerFactor::All(value) => *value,
            PerFactor::Each(values) => values[factor],
        }
    }

    fn check(&self, name: &'static str, factors: usize) -> Result<(), WeightError> {
        match self {
            PerFactor::Each(values) if values.len() != factors => Err(WeightError::Length {
                name,
                found: values.len(),
                expected: format!("{factors} factors"),
            }),
            _ => Ok(()),
        }
    }
}

impl TrainedFamily for ProductOfSumsSettings {
    const NAME: &'static str = "product-of-sums";

    const EXAMPLES: &'static [&'static str] = &[
        "factors = 1, terms = 5",
        "factors = 3, terms = 12, residual = true",
        "factors = 3, terms = [12, 9, 14], basis = 'rademacher', inner = [8, 5]",
        "factors = 2, terms = 20, basis = 'rank-one'",
        "factors = 2, terms = 7, basis = ['rademacher', 'gaussian'], stored = true",
        "factors = 2, terms = 5, link = 'exp'",
        "factors = 3, terms = 6, link = ['square', 'tanh', 'exp'], residual = true",
        "factors = 1, terms = 18, basis = 'dct', link = 'tanh'",
        "factors = 1, terms = 30, basis = 'projection', link = 'sigmoid'",
        "factors = 1, terms = 18, basis = 'dct'",
        "factors = 1, terms = 20, basis = 'dct', residual = true",
        "factors = 1, terms = 25, basis = 'pixels'",
        "factors = 1, terms = 30, basis = 'projection'",
        "factors = 1, terms = 6, basis = 'diagonal'",
        "factors = 1, terms = 7, basis = 'circulant'",
        "factors = 2, terms = 6, basis = ['fastfood', 'circulant']",
        "factors = 1, terms = 40, basis = 'srht'",
    ];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        let factors = self.factors(slot, draws)?;
        let mut operators: Vec<Box<dyn LinearOperator>> = Vec::new();
        let mut initial = Vec::new();
        for (j, factor) in factors.iter().enumerate() {
            operators.push(factor.operator()?);
            initial.extend(self.start(slot, draws, j, factor));
        }
        match operators.len() {
            1 => Ok(Weight {
                operator: operators.remove(0),
                initial,
            }),
            _ => Ok(Weight::new(Product::new(operators), initial)),
        }
    }
}

impl ProductOfSumsSettings {
    /// The factors, from the left.
    pub(super) fn factors(&self, slot: &Slot, draws: Draws) -> Result<Vec<Factor>, WeightError> {
        self.initial.check()?;
        positive("gain", self.gain)?;
        let (p, inner) = (self.factors, &self.inner);
        number_of_factors("factors", p)?;
        if let Some(&size) = inner.iter().find(|&&size| size > MOST_INNER) {
            return Err(WeightError::Factors {
                name: "inner",
                found: size,
                most: MOST_INNER,
            });
        }
        self.terms.check("terms", p)?;
        self.basis.check("basis", p)?;
        self.link.check("link", p)?;
        if !inner.is_empty() && (inner.len() != p - 1 || inner.contains(&0)) {
            return Err(WeightError::Inner {
                found: inner.clone(),
                factors: p,
            });
        }
        let between = if inner.is_empty() {
            vec![slot.rows.max(slot.columns); p - 1]
        } else {
            inner.clone()
        };
        let sizes = [vec![slot.rows], between, vec![slot.columns]].concat();
        let planes = slot.planes();
        // the channels of an image lie one below the other, or side by side
        let image = if planes.channels_last {
            Image {
                height: planes.height,
                width: planes.width * planes.channels,
            }
        } else {
            Image {
                height: planes.channels * planes.height,
                width: planes.width,
            }
        };
        let factor = |j: usize| {
            let factor = Factor {
                number: j,
                family: self.basis.of(j),
                rows: sizes[j],
                columns: sizes[j + 1],
                terms: self.terms.of(j),
                residual: self.residual,
                link: self.link.of(j),
                stored: self.stored,
                // only the last factor sees the inputs
                image: (j + 1 == p).then_some(image),
                place: draws.place(j),
            };
            factor.check().map(|()| factor)
        };
        (0..p).map(factor).collect()
    }

    /// The initial coefficients of a factor.
    fn start(&self, slot: &Slot, draws: Draws, j: usize, factor: &Factor) -> Vec<f64> {
        let fans = slot.fans();
        let at_outputs = j == 0;
        let gain = if at_outputs && self.initial.is_derived() {
            self.initial.gain(fans).sqrt()
        } else {
            1.0
        };
        let gain = if at_outputs { gain * self.gain } else { gain };
        let (identity, rest, share) = if self.residual {
            (
                factor.identity_start(),
                factor.terms - 1,
                Factor::BESIDE_IDENTITY,
            )
        } else {
            (Vec::new(), factor.terms, 1.0)
        };
        let variance = |_| share / rest as f64;
        let stream = draws.initial(j as u64);
        let coefficients = self.initial.draw_normal(fans, variance, rest, stream);
        let all = identity.into_iter().chain(coefficients);
        all.map(|value| factor.link.near(gain * value)).collect()
    }
}
