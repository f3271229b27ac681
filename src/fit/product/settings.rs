//! What a fit is asked for.

use super::Link;
use crate::family::terms::BasisFamily;
use crate::fit::Thresholds;
use crate::operator::basis::Image;
use serde::Serialize;

/// Unchecked settings of a product of sums, echoed in the output.
#[derive(Debug, Clone, Serialize)]
pub struct ProductSettings {
    /// Number of factors p.
    pub factors: usize,
    /// Terms of each factor in the last stage: one number for all, or one a factor.
    pub terms: Vec<usize>,
    /// Family of each factor's terms: one for all, or one a factor. Ignored beside a basis file.
    pub families: Vec<BasisFamily>,
    /// The first term of every factor is the identity.
    pub residual: bool,
    /// Sizes between factors, p - 1 numbers; none means the larger side of W, as section V.A of the
    /// paper has it: the factor at the smaller side has W's shape, the others are square.
    pub inner: Vec<usize>,
    /// Size of the images that the inputs are, for the family of cosines.
    pub image: Option<Image>,
    /// Function of the coefficients: one for all factors, or one a factor.
    pub links: Vec<Link>,
    /// Stages before the last one, in order.
    pub stages: Vec<Stage>,
    /// How more than one factor is solved for.
    pub solver: Solver,
    /// Starts from which the best fit is kept; none means 3, and 1 beyond 3 factors, whose fits cost more
    /// and differ less.
    pub restarts: Option<usize>,
    /// Most iterations of a stage.
    pub iterations: usize,
    /// Gain of explained share below which an iteration gained nothing: relative to the share explained,
    /// or to the share left where that is less. Three such iterations in a row end a search.
    pub tolerance: f64,
    /// Most memory for derivatives and for terms that are kept, in MiB, half for each.
    pub memory: usize,
    /// Fit the matrix with its entries shuffled, and turned at the same spectrum, beside it.
    pub controls: bool,
    /// What is called a finding.
    pub thresholds: Thresholds,
    /// Seed of bases, starts and controls.
    pub seed: u64,
}

impl Default for ProductSettings {
    fn default() -> Self {
        ProductSettings {
            factors: 1,
            terms: vec![50],
            families: vec![BasisFamily::GAUSSIAN],
            residual: false,
            inner: Vec::new(),
            image: None,
            links: vec![Link::Identity],
            stages: Vec::new(),
            solver: Solver::Auto,
            restarts: None,
            iterations: 100,
            tolerance: 1e-2,
            memory: 3072,
            controls: true,
            thresholds: Thresholds::default(),
            seed: 0,
        }
    }
}

/// One stage of growth (Wu 2018, section VII): terms of the factors, and their family where it
/// changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Terms of each factor: one number for all, or one a factor.
    pub terms: Vec<usize>,
    /// Another family than the last stage's.
    pub family: Option<BasisFamily>,
}

/// How more than one factor is solved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Alternating sweeps while they gain, at most ten, then Levenberg-Marquardt where its derivatives fit in memory.
    Auto,
    /// Levenberg-Marquardt over all coefficients.
    Levenberg,
    /// Alternating least squares.
    Alternating,
}

/// The number for factor `j` of a list with one number for all, or one a factor.
pub(super) fn of_factor<T: Copy>(list: &[T], j: usize) -> T {
    list[if list.len() == 1 { 0 } else { j }]
}
