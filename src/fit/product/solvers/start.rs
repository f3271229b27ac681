//! Where a search begins.

use crate::fit::product::chain::{Chain, Coefficients, Factor, Point};
use crate::random::Stream;

/// First word of the paths of starts.
const START: u64 = 202;
/// Size of the other coefficients beside that of an identity, in units of what keeps norms.
const BESIDE_IDENTITY: f64 = 0.1;

/// Which start of a search.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Whether the first term of every factor is the identity.
    pub residual: bool,
    /// Seed of all starts.
    pub seed: u64,
    /// The number.
    pub restart: usize,
}

/// Returns a start: independent normal coefficients of a size that keeps the norm of what
/// passes, 1 for an identity term, then the best scale of the whole product.
pub fn start(chain: &Chain<'_>, factors: &[Factor<'_>], start: Start) -> Point {
    let Start {
        residual,
        seed,
        restart,
    } = start;
    let values = |j: usize, factor: &Factor<'_>| -> Vec<f64> {
        let mut stream = Stream::new(seed, &[START, restart as u64, j as u64]);
        let (terms, columns) = (factor.basis.terms(), factor.basis.shape().1);
        let size = 1.0 / ((terms * columns) as f64).sqrt();
        let value = |k: usize| match residual {
            true if k == 0 => 1.0,
            true => BESIDE_IDENTITY * size * stream.normal(),
            false => size * stream.normal(),
        };
        (0..terms).map(value).collect()
    };
    let near = |(j, factor): (usize, &Factor<'_>)| -> Vec<f64> {
        let all = values(j, factor).into_iter();
        all.map(|x| factor.link.near(x)).collect()
    };
    let a: Coefficients = factors.iter().enumerate().map(near).collect();
    chain.best_scale(chain.point(&a))
}
