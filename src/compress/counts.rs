//! Numbers of columns or frequencies that are tried.

/// Returns whole numbers below `n`, each some 0.7 of the one before.
pub(super) fn falling(n: usize) -> impl Iterator<Item = usize> {
    let next = |last: &usize| Some(last * 10 / 14).filter(|next| *next > 0);
    std::iter::successors(n.checked_sub(1).filter(|n| *n > 0), next)
}
