//! Which of many members are fitted to the last digit.

/// A member whose residual is known, perhaps to a rounding coarser than that of its fit.
#[derive(Debug, Clone, Copy)]
pub(in crate::family) struct Candidate<T> {
    /// Numbers stored.
    pub parameters: usize,
    /// `‖W - Ŵ‖²`.
    pub rest: f64,
    /// The member.
    pub member: T,
}

/// Returns for each budget the candidate that leaves least, and the one with the fewest parameters among those that leave no
/// more than `rounding`, or else least: no member twice, in order of the budgets.
pub(in crate::family) fn chosen<T: Copy + PartialEq>(
    candidates: &[Candidate<T>],
    budgets: &[usize],
    rounding: f64,
) -> Vec<T> {
    let mut chosen = Vec::new();
    for &budget in budgets {
        for rounding in [0.0, rounding] {
            let affordable = candidates.iter().filter(|c| c.parameters <= budget);
            let best = affordable.min_by(|a, b| {
                let left = |c: &Candidate<T>| c.rest.max(rounding);
                let nearer = left(a).total_cmp(&left(b));
                nearer.then(a.parameters.cmp(&b.parameters))
            });
            if let Some(best) = best
                && !chosen.contains(&best.member)
            {
                chosen.push(best.member);
            }
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a candidate beyond the budget, and a rounding that hides a nearer member or prefers a larger one.
    #[test]
    fn the_nearest_and_the_smallest_exact_are_chosen() {
        let candidate = |parameters, rest, member| Candidate {
            parameters,
            rest,
            member,
        };
        let all = [
            candidate(10, 0.5, 'a'),
            candidate(20, 1e-17, 'b'),
            candidate(30, -2e-17, 'c'),
            candidate(40, 0.0, 'd'),
        ];
        assert_eq!(chosen(&all, &[5], 1e-16), []);
        assert_eq!(chosen(&all, &[15], 1e-16), ['a']);
        assert_eq!(chosen(&all, &[15, 25], 1e-16), ['a', 'b']);
        assert_eq!(chosen(&all, &[100], 1e-16), ['c', 'b']);
    }
}
