//! Projections of a given matrix on the families.

pub(super) mod assignment;
pub(super) mod candidate;
#[cfg(test)]
pub(crate) mod check;
pub(super) mod cosine;
mod diagonals;
pub(super) mod grid;
mod member;
pub(super) mod spectral;
pub(super) mod tied;

use super::{Ability, Entry};
use faer::MatRef;
use serde::Serialize;
use std::borrow::Cow;

pub(crate) use member::entries;
pub use member::{Member, best};

/// How a family's nearest member is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Search {
    /// By a projection: no member within the budget is nearer.
    Exact,
    /// By a search: a nearer one may exist.
    BestFound,
}

/// What a projection may use beside the matrix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProjectionOptions {
    /// Seed of searches, hashes and sketches.
    pub seed: u64,
    /// Height and width of the images that rows are.
    pub image: Option<[usize; 2]>,
}

/// Whether a family's terms depend on the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The terms are the same for every matrix.
    Fixed,
    /// It chooses where its terms stand, so that it explains more than as many random terms of any matrix.
    Adaptive,
    /// The terms are drawn from a seed: what it gains on one matrix is luck.
    Drawn,
    /// The expectation of random terms, with which the other families are compared.
    NullLine,
}

/// Finds members near a matrix that are worth trying for some numbers of parameters; panics when an entry is not finite.
type Members = fn(MatRef<'_, f64>, &[usize], ProjectionOptions) -> Vec<Member>;

/// The ability of a family to come near a given matrix, as `spectra families` compares them.
pub struct Projection {
    /// `permuted-blocks`: on the command line, and with underscores in JSON.
    pub tag: &'static str,
    /// `permuted blocks`: in tables and pictures.
    pub name: &'static str,
    /// Says in a few words what its members are.
    pub about: &'static str,
    /// Finds members near a matrix that are worth trying for some numbers of parameters.
    pub members: Members,
    /// Counts about how many operations the members of an m × n matrix take for some numbers of parameters: those of entry
    /// by entry loops, some 10⁹ of which a core does in a second; of products of matrices it does ten times as many.
    pub operations: fn(usize, usize, &[usize]) -> f64,
    /// Whether a nearer member within a budget may exist.
    pub search: Search,
    /// Whether its terms depend on the matrix.
    pub choice: Choice,
}

impl Projection {
    /// Whether its terms are drawn from a seed.
    pub fn is_drawn(&self) -> bool {
        matches!(self.choice, Choice::Drawn | Choice::NullLine)
    }

    /// Whether it is the line that random terms draw.
    pub fn is_null_line(&self) -> bool {
        self.choice == Choice::NullLine
    }
}

impl Ability for Projection {
    fn tag(&self) -> &'static str {
        self.tag
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn key(&self) -> Cow<'static, str> {
        self.tag.replace('-', "_").into()
    }
}

/// A family with a [`Projection`].
pub type FamilyKind = Entry<Projection>;

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches another seed, path or order of draws in a family, another search, and another tag in results.
    #[test]
    fn golden_members() {
        let w = check::sample(12, 18);
        let options = ProjectionOptions::default();
        for (kind, (tag, name, parameters, residual)) in FamilyKind::all().iter().zip([
            ("low_rank", "low rank", 150, 0.4765200852643928),
            ("block_diagonal", "block diagonal", 108, 0.7469250727317602),
            (
                "permuted_blocks",
                "permuted blocks",
                108,
                0.5205326155266852,
            ),
            (
                "block_circulant",
                "block circulant",
                108,
                0.7213476931979615,
            ),
            ("block_toeplitz", "block Toeplitz", 120, 0.6570833110382923),
            ("dct", "DCT", 160, 0.4980150151658989),
            ("kronecker", "Kronecker", 150, 0.45446552065228046),
            ("monarch", "Monarch", 144, 0.48832471490792045),
            ("butterfly", "butterfly", 122, 0.7373887689006435),
            ("hashed", "hashed", 160, 0.6541342767110511),
            ("sketch", "sketch", 150, 0.6468212101559552),
            (
                "random_subspace",
                "random subspace",
                160,
                0.5091750772173156,
            ),
        ]) {
            let members = (kind.members)(w.as_ref(), &[160], options);
            let best = best(&members, 160, 1e-12).unwrap();
            assert_eq!(serde_json::to_value(kind).unwrap(), tag);
            assert_eq!((kind.name, best.parameters), (name, parameters));
            let found = best.relative_residual;
            assert!((found - residual).abs() < 1e-12, "{name}: {found}");
        }
    }
}
