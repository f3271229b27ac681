//! HashedNets: entries share parameters by a hash (Chen et al. 2015, "Compressing neural networks
//! with the hashing trick").

use super::projection::tied::Means;
use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::linalg::algebra::sum_of_squares;
use crate::operator::{Hashed, recipes};
use crate::random::Stream;
use faer::{Mat, MatRef};
use rand::Rng;
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::HASHED),
    weight: Some(WeightFamily::of::<HashedSettings>()),
    ..Family::NONE
};

impl FamilyKind {
    /// Entries that share parameters by a hash.
    pub const HASHED: FamilyKind = Entry(&Projection {
        tag: "hashed",
        name: "hashed",
        about: "Entries that share parameters by a hash",
        members: |w, budgets, options| members(w, budgets, options.seed),
        operations: |m, n, budgets| 8.0 * (budgets.len() * m * n) as f64,
        search: Search::Exact,
        choice: Choice::Drawn,
    });
}

/// First word of the stream's path.
const HASHED: u64 = 111;

/// A member for each budget: as many buckets as it allows, each with the mean of its entries.
///
/// Entry (i, j) goes to bucket ⌊K h / 2³²⌋ of K, h being number i n + j of a random stream, so the hash
/// costs no storage but a seed. Buckets without an entry count as parameters, not as degrees of
/// freedom. O(m n) a member.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize], seed: u64) -> Vec<Member> {
    let entries = entries(w);
    let energy = sum_of_squares(&entries);
    let hash = hashes(entries.len(), seed);
    let columns = w.ncols();
    let allowed = budgets.iter().filter(|&&budget| budget > 0);
    allowed
        .map(|&buckets| {
            let class = |i: usize| {
                let row = &hash[i * columns..];
                move |j: usize| bucket(row[j], buckets)
            };
            let means = Means::of(&entries, columns, buckets, class);
            let residual = means.residual_energy(&entries, columns, class);
            let detail = format!("{} of {buckets} buckets in use", means.used);
            Member::new(buckets, means.used, residual, energy, detail)
        })
        .collect()
}

/// The nearest matrix to `w` with entries shared by the hash of `seed` in `buckets` buckets.
///
/// # Panics
///
/// When there is no bucket.
pub fn approximation(w: MatRef<'_, f64>, buckets: usize, seed: u64) -> Mat<f64> {
    let (m, n) = w.shape();
    assert!(buckets > 0, "hashing of {m} × {n} into 0 buckets");
    let hash = hashes(m * n, seed);
    let hash = hash.as_slice();
    let class = |i: usize, j: usize| bucket(hash[i * n + j], buckets);
    let means = Means::of(&entries(w), n, buckets, |i| move |j| class(i, j));
    Mat::from_fn(m, n, |i, j| means.value[class(i, j)])
}

fn hashes(count: usize, seed: u64) -> Vec<u32> {
    let mut stream = Stream::new(seed, &[HASHED]);
    (0..count).map(|_| stream.next_u32()).collect()
}

fn bucket(hash: u32, buckets: usize) -> usize {
    ((u128::from(hash) * buckets as u128) >> 32) as usize
}

/// `family = "hashed"`: `W[i, j] = ξ(i, j) p[h(i, j)]` with a random bucket h and, with `signs`, a random sign ξ
/// (HashedNets: Chen et al. 2015); as many parameters as the recipe says.
///
/// The hash is drawn, not computed, so buckets are even. Every entry is a parameter: variance 1/n.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HashedSettings {
    /// Buckets.
    pub parameters: usize,
    /// Whether half of the entries are negated.
    #[serde(default = "signs")]
    pub signs: bool,
    /// The initial law of the entries.
    #[serde(default)]
    pub initial: Initial,
}

fn signs() -> bool {
    true
}

impl TrainedFamily for HashedSettings {
    const NAME: &'static str = "hashed";

    const EXAMPLES: &'static [&'static str] =
        &["parameters = 20", "parameters = 20, signs = false"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let count = self.parameters;
        check_parameters(count, 1, slot)?;
        let fans = slot.fans();
        let initial = self.initial.draw(fans, |v| v, count, draws.initial(0));
        let stream = draws.stream(0, 0);
        Ok(if self.signs {
            let hashed = recipes::signed_hash(rows, columns, count, stream);
            Weight::new(hashed, initial)
        } else {
            Weight::new(Hashed::new(rows, columns, count, stream), initial)
        })
    }
}

/// Refuses fewer parameters than `least` or more than entries.
pub(super) fn check_parameters(found: usize, least: usize, slot: &Slot) -> Result<(), WeightError> {
    let &Slot { rows, columns, .. } = slot;
    let most = rows * columns;
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(WeightError::Parameters {
            found,
            least,
            most,
            rows,
            columns,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;

    /// Against least squares on the indicator matrices of the buckets.
    #[test]
    fn agrees_with_dense_least_squares() {
        for (m, n, buckets) in [(6, 9, 12), (3, 4, 40), (5, 5, 1)] {
            let w = check::sample(m, n);
            let hash = hashes(m * n, 4);
            let basis = check::indicators(m, n, |i, j| bucket(hash[i * n + j], buckets));
            let near = approximation(w.as_ref(), buckets, 4);
            check::linear(&w, &basis, &near);
            let members = members(w.as_ref(), &[buckets], 4);
            assert_eq!(members[0].degrees_of_freedom, basis.len());
            check::residual(&w, &near, &members[0]);
        }
    }

    /// Catches a hash that forgets its seed, or buckets of unequal chance.
    #[test]
    fn planted_members_are_found_by_their_own_seed_alone() {
        let w = approximation(check::sample(20, 30).as_ref(), 60, 7);
        check::recovered(&members(w.as_ref(), &[60], 7), 60, 60, 60);
        let other = members(w.as_ref(), &[60], 8);
        assert!(other[0].relative_residual > 0.8);
    }

    /// Expected residual on a matrix of noise is that of the null line, within five standard errors.
    #[test]
    fn knows_nothing_of_the_matrix() {
        let shares = (0..400).map(|seed| {
            let member = &members(check::sample(12, 20).as_ref(), &[30], seed)[0];
            (1.0 - member.relative_residual.powi(2)) / member.degrees_of_freedom as f64 * 240.0
        });
        check::mean_is(shares.collect(), 1.0);
    }
}
