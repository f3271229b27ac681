//! The families by name.

use super::{
    FamilySettings, Member, block_circulant, block_diagonal, block_toeplitz, butterfly, dct,
    hashed, kronecker, low_rank, monarch, permuted_blocks, random_subspace, sketch,
};
use faer::MatRef;
use serde::Serialize;

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
            FamilyKind::PermutedBlocks => permuted_blocks::members(w, budgets),
            FamilyKind::BlockCirculant => block_circulant::members(w, budgets),
            FamilyKind::BlockToeplitz => block_toeplitz::members(w, budgets),
            FamilyKind::Dct => dct::members(w, budgets, settings.image),
            FamilyKind::Kronecker => kronecker::members(w, budgets, settings.kronecker_shapes),
            FamilyKind::Monarch => monarch::members(w, budgets),
            FamilyKind::Butterfly => butterfly::members(w, budgets),
            FamilyKind::Hashed => hashed::members(w, budgets, settings.seed),
            FamilyKind::Sketch => sketch::members(w, budgets, settings.seed),
            FamilyKind::RandomSubspace => random_subspace::members(w, budgets),
        }
    }
}
