//! The families by name.

use super::{
    FamilySettings, Member, block_circulant, block_diagonal, block_toeplitz, butterfly, dct, grid,
    hashed, kronecker, low_rank, monarch, permuted_blocks, random_subspace, sketch,
};
use faer::MatRef;
use serde::Serialize;

/// How a family's nearest member is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Search {
    /// By a projection: no member within the budget is nearer.
    Exact,
    /// By a search: a nearer one may exist.
    BestFound,
}

/// A family of structured matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FamilyKind {
    /// [`low_rank`].
    LowRank,
    /// [`block_diagonal`].
    BlockDiagonal,
    /// [`permuted_blocks`].
    PermutedBlocks,
    /// [`block_circulant`].
    BlockCirculant,
    /// [`block_toeplitz`].
    BlockToeplitz,
    /// [`mod@dct`].
    Dct,
    /// [`kronecker`].
    Kronecker,
    /// [`monarch`].
    Monarch,
    /// [`butterfly`].
    Butterfly,
    /// [`hashed`].
    Hashed,
    /// [`sketch`].
    Sketch,
    /// [`random_subspace`].
    RandomSubspace,
}

impl FamilyKind {
    /// All, in the order of a report.
    pub const ALL: [FamilyKind; 12] = [
        FamilyKind::LowRank,
        FamilyKind::BlockDiagonal,
        FamilyKind::PermutedBlocks,
        FamilyKind::BlockCirculant,
        FamilyKind::BlockToeplitz,
        FamilyKind::Dct,
        FamilyKind::Kronecker,
        FamilyKind::Monarch,
        FamilyKind::Butterfly,
        FamilyKind::Hashed,
        FamilyKind::Sketch,
        FamilyKind::RandomSubspace,
    ];

    /// `permuted blocks`.
    pub fn name(self) -> &'static str {
        match self {
            FamilyKind::LowRank => "low rank",
            FamilyKind::BlockDiagonal => "block diagonal",
            FamilyKind::PermutedBlocks => "permuted blocks",
            FamilyKind::BlockCirculant => "block circulant",
            FamilyKind::BlockToeplitz => "block Toeplitz",
            FamilyKind::Dct => "DCT",
            FamilyKind::Kronecker => "Kronecker",
            FamilyKind::Monarch => "Monarch",
            FamilyKind::Butterfly => "butterfly",
            FamilyKind::Hashed => "hashed",
            FamilyKind::Sketch => "sketch",
            FamilyKind::RandomSubspace => "random subspace",
        }
    }

    /// Whether its terms are drawn from a seed: what it gains on one matrix is luck.
    pub fn is_drawn(self) -> bool {
        use FamilyKind::{Hashed, RandomSubspace, Sketch};
        matches!(self, Hashed | Sketch | RandomSubspace)
    }

    /// Returns whether it chooses where its terms stand, so that it explains more than as many random terms of any matrix.
    pub fn is_adaptive(self) -> bool {
        use FamilyKind::{Butterfly, Kronecker, LowRank, Monarch, PermutedBlocks};
        matches!(
            self,
            LowRank | PermutedBlocks | Kronecker | Monarch | Butterfly
        )
    }

    /// Returns whether no member within a budget is nearer than the one that is fitted, or whether it is the best that a
    /// search has found.
    pub fn search(self) -> Search {
        match self {
            FamilyKind::PermutedBlocks | FamilyKind::Monarch | FamilyKind::Butterfly => {
                Search::BestFound
            }
            _ => Search::Exact,
        }
    }

    /// Returns about how many operations the members of an m × n matrix take: those of entry by entry loops, some 10⁹ of
    /// which a core does in a second; of products of matrices it does ten times as many.
    pub(super) fn operations(self, m: usize, n: usize, budgets: &[usize]) -> f64 {
        let (entries, shorter) = ((m * n) as f64, m.min(n) as f64);
        let count = budgets.len() as f64;
        match self {
            FamilyKind::LowRank => 0.3 * entries * shorter,
            FamilyKind::BlockDiagonal => 30.0 * entries,
            FamilyKind::PermutedBlocks => permuted_blocks::operations(m, n, budgets),
            FamilyKind::BlockCirculant | FamilyKind::BlockToeplitz => {
                2.0 * grid::diagonals_of_all_orders(m, n) + 8.0 * count * entries
            }
            FamilyKind::Dct => 250.0 * entries,
            FamilyKind::Kronecker => 0.1 * kronecker::operations(m, n, budgets),
            FamilyKind::Monarch => monarch::operations(m, n, budgets),
            FamilyKind::Butterfly => butterfly::operations(m, n, budgets),
            FamilyKind::Hashed => 8.0 * count * entries,
            FamilyKind::Sketch => 0.1 * count * entries * shorter,
            FamilyKind::RandomSubspace => entries,
        }
    }

    /// Members of the family near `w` that are worth trying for these numbers of parameters.
    ///
    /// # Panics
    ///
    /// When an entry is not finite.
    pub fn members(
        self,
        w: MatRef<'_, f64>,
        budgets: &[usize],
        settings: &FamilySettings,
    ) -> Vec<Member> {
        match self {
            FamilyKind::LowRank => low_rank::members(w, budgets),
            FamilyKind::BlockDiagonal => block_diagonal::members(w, budgets),
            FamilyKind::PermutedBlocks => permuted_blocks::members(w, budgets, settings.seed),
            FamilyKind::BlockCirculant => block_circulant::members(w, budgets),
            FamilyKind::BlockToeplitz => block_toeplitz::members(w, budgets),
            FamilyKind::Dct => dct::members(w, budgets, settings.image),
            FamilyKind::Kronecker => kronecker::members(w, budgets),
            FamilyKind::Monarch => monarch::members(w, budgets),
            FamilyKind::Butterfly => butterfly::members(w, budgets),
            FamilyKind::Hashed => hashed::members(w, budgets, settings.seed),
            FamilyKind::Sketch => sketch::members(w, budgets, settings.seed),
            FamilyKind::RandomSubspace => random_subspace::members(w, budgets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::families::{best, check};

    /// Catches another seed, path or order of draws in a family, another search, and another tag in results.
    #[test]
    fn golden_members() {
        let w = check::sample(12, 18);
        let settings = FamilySettings::default();
        for (kind, (tag, name, parameters, residual)) in FamilyKind::ALL.into_iter().zip([
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
            let members = kind.members(w.as_ref(), &[160], &settings);
            let best = best(&members, 160, 1e-12).unwrap();
            assert_eq!(serde_json::to_value(kind).unwrap(), tag);
            assert_eq!((kind.name(), best.parameters), (name, parameters));
            let found = best.relative_residual;
            assert!((found - residual).abs() < 1e-12, "{name}: {found}");
        }
    }
}
