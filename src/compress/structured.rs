//! The families beside low rank, a line each.

use super::{Family, Fit, Moment, Size, Sizes, Stored, columns, frequencies, kronecker};
use faer::MatRef;

/// A layer with fewer outputs than this share of its inputs is one for which the families are tried unasked.
const WIDE: usize = 4;

/// Fits members to a layer.
type Fits = fn(MatRef<'_, f64>, &Moment, &Sizes, &[Size]) -> Vec<Option<Fit>>;

/// The abilities of a family.
struct Ability {
    family: Family,
    /// Members that are worth a fit.
    sizes: fn(&Sizes) -> Vec<Size>,
    /// Counts the numbers of a member.
    stored: fn(&Sizes, Size) -> Stored,
    /// Fits to a layer, m × n, against the moment of its inputs; `None` of a member that cannot be fitted.
    fits: Fits,
}

#[rustfmt::skip]
static ABILITIES: [Ability; 3] = [
    Ability { family: Family::Columns, sizes: columns::sizes, stored: columns::stored, fits: columns::fits },
    Ability { family: Family::Kronecker, sizes: kronecker::sizes, stored: kronecker::stored, fits: kronecker::fits },
    Ability { family: Family::Dct, sizes: frequencies::sizes, stored: frequencies::stored, fits: frequencies::fits },
];

fn ability(family: Family) -> Option<&'static Ability> {
    ABILITIES.iter().find(|ability| ability.family == family)
}

/// Returns whether a family is worth trying on a layer: one that pays for outputs alone wins where these are few.
#[must_use]
pub fn is_worth_trying(family: Family, sizes: &Sizes) -> bool {
    family == Family::LowRank || WIDE * sizes.m < sizes.n
}

/// Returns the members of a family that are worth a fit; none of low rank, of which every rank is known at once.
#[must_use]
pub fn members(family: Family, sizes: &Sizes) -> Vec<Size> {
    ability(family).map_or(Vec::new(), |ability| (ability.sizes)(sizes))
}

/// Returns what a member consists of; `None` of low rank, which is stored in several ways.
#[must_use]
pub fn member_stored(sizes: &Sizes, size: Size) -> Option<Stored> {
    ability(size.family).map(|ability| (ability.stored)(sizes, size))
}

/// Returns fits of members of one family; `None` of those that cannot be fitted.
#[must_use]
pub fn member_fits(
    w: MatRef<'_, f64>,
    moment: &Moment,
    sizes: &Sizes,
    members: &[Size],
) -> Vec<Option<Fit>> {
    let family = members.first().and_then(|member| ability(member.family));
    family.map_or(vec![None; members.len()], |ability| {
        (ability.fits)(w, moment, sizes, members)
    })
}
