//! From one stage of training to the next.

use super::{build, settings};
use faer::Mat;
use spectra::family::terms::BasisFamily;
use spectra::operator::basis::Place;
use spectra::train::weight::Slot;

const SEED: u64 = 3;
const LAYER: u64 = 4;

/// The matrix of `from` at its initial parameters, that of `to` at the grown ones, and these.
fn grown(from: &str, to: &str, slot: &Slot) -> (Mat<f64>, Mat<f64>, Vec<f64>) {
    let old = build(from, slot, SEED, LAYER);
    let new = build(to, slot, SEED, LAYER);
    let grown = settings(to).grow(&settings(from), &old.initial, slot, SEED, LAYER);
    let grown = grown.unwrap_or_else(|error| panic!("{from} to {to}: {error}"));
    assert_eq!(grown.len(), new.operator.parameters());
    let before = old.operator.dense(&old.initial);
    (before, new.operator.dense(&grown), grown)
}

/// More terms of the same families are the old factors exactly, with an identity or without: catches zeros in the wrong
/// places, and a scale that depends on the number of terms.
#[test]
fn nested_stages_are_exact() {
    let slot = Slot::plain(6, 12);
    for &family in BasisFamily::all() {
        for (residual, then) in [(false, false), (true, true), (false, true)] {
            let said = |terms: &str, residual: bool| {
                format!(
                    "family = 'product-of-sums', factors = 3, terms = {terms}, inner = [8, 12], basis = '{}', residual = {residual}",
                    family.name()
                )
            };
            let (from, to) = (said("[3, 4, 5]", residual), said("[6, 7, 8]", then));
            let (before, after, parameters) = grown(&from, &to, &slot);
            let error = (&before - &after).norm_l2();
            assert!(
                error <= 200.0 * f64::EPSILON * before.norm_l2(),
                "{to}: {error:e}"
            );
            let zeros = parameters.iter().filter(|x| **x == 0.0).count();
            assert_eq!(zeros, 9, "{to}");
        }
    }
}

/// Terms that are never stored repeat the old matrix to the bit.
#[test]
fn generated_stages_are_the_same_bits() {
    let said = |terms: usize| format!("family = 'product-of-sums', factors = 4, terms = {terms}");
    let (before, after, _) = grown(&said(5), &said(11), &Slot::plain(6, 12));
    assert_eq!(before, after);
}

/// Old coefficients stay in their links, and new terms begin small: within 1 % of the largest value each, of 3 terms
/// beside 6. Catches a value that goes through the link twice, or a new term that begins at g(0) = 1.
#[test]
fn linked_stages_stay_near() {
    let slot = Slot::plain(6, 12);
    for link in ["exp", "tanh", "sigmoid", "square"] {
        let said = |terms: usize, link: &str| {
            format!("family = 'product-of-sums', factors = 1, terms = {terms}, link = '{link}'")
        };
        let (before, after, parameters) = grown(&said(6, link), &said(9, link), &slot);
        let old = build(&said(6, link), &slot, SEED, LAYER).initial;
        assert_eq!(parameters[..6], old);
        let error = (&before - &after).norm_l2() / before.norm_l2();
        assert!(error < 0.05, "{link}: {error}");
        assert_eq!(error == 0.0, link == "tanh", "{link}");
        // without a link the values themselves are kept
        let (before, after, _) = grown(&said(6, link), &said(6, "identity"), &slot);
        let error = (&before - &after).norm_l2() / before.norm_l2();
        assert!(error <= 20.0 * f64::EPSILON, "{link}: {error:e}");
    }
}

/// All m n terms of another family hold any factor: catches a solution in the wrong scale or order.
#[test]
fn another_complete_family_holds_the_factor() {
    let slot = Slot::plain(6, 12);
    for (family, other) in [
        ("gaussian", "srht"),
        ("dct", "gaussian"),
        ("srht", "dct"),
        ("circulant", "rank-one"),
    ] {
        let from = format!(
            "family = 'product-of-sums', factors = 1, terms = 9, basis = '{family}', residual = true"
        );
        let to = format!("family = 'product-of-sums', factors = 1, terms = 72, basis = '{other}'");
        let (before, after, _) = grown(&from, &to, &slot);
        let error = (&before - &after).norm_l2() / before.norm_l2();
        // random terms have condition numbers of some hundreds to thousands
        assert!(error < 1e4 * 72.0 * f64::EPSILON, "{to}: {error:e}");
    }
}

/// What an incomplete family leaves is orthogonal to all of its terms: catches anything but least squares, and a strip that
/// is left out.
#[test]
fn what_is_left_is_orthogonal() {
    let slot = Slot::plain(30, 40);
    let from = "family = 'product-of-sums', factors = 1, terms = 9";
    let to = "family = 'product-of-sums', factors = 1, terms = 25, basis = 'rank-one'";
    let (before, after, _) = grown(from, to, &slot);
    let left = &before - &after;
    let place = Place {
        seed: SEED,
        layer: LAYER,
        factor: 0,
    };
    let basis = BasisFamily::RANK_ONE
        .build((30, 40), 25, None, place)
        .unwrap();
    let correlations = basis.correlate(left.as_ref());
    // terms have norms of about √1200
    assert!(
        correlations.iter().all(|c| c.abs() < 1e-11),
        "{correlations:?}"
    );
    assert!(left.norm_l2() < 0.999 * before.norm_l2());
}

/// More features keep the old ones: catches coefficients that lie row by row.
#[test]
fn projections_grow() {
    let slot = Slot {
        image: Some([1, 3, 4]),
        ..Slot::plain(6, 12)
    };
    for basis in ["dct", "gaussian", "pixels"] {
        let said =
            |count: usize| format!("family = 'projected', basis = '{basis}', features = {count}");
        let (before, after, _) = grown(&said(4), &said(9), &slot);
        assert!((&before - &after).norm_l2() <= 20.0 * f64::EPSILON * before.norm_l2());
    }
}

/// Catches a growth that is wrong rather than refused.
#[test]
fn what_does_not_continue_is_refused() {
    let slot = Slot::plain(6, 12);
    for (from, to, reason) in [
        (
            "family = 'dense'",
            "family = 'low-rank', rank = 2",
            "a low-rank weight cannot continue a dense weight: only products of sums and projections grow",
        ),
        (
            "family = 'product-of-sums', factors = 2, terms = 3",
            "family = 'product-of-sums', factors = 3, terms = 3",
            "a product-of-sums weight cannot continue a product-of-sums weight: their factors have other sizes",
        ),
        (
            "family = 'projected', basis = 'pixels', features = 5",
            "family = 'projected', basis = 'pixels', features = 4",
            "a projected weight cannot continue a projected weight: it has not all of its features",
        ),
    ] {
        let old = build(from, &slot, SEED, LAYER);
        let grown = settings(to).grow(&settings(from), &old.initial, &slot, SEED, LAYER);
        assert_eq!(grown.unwrap_err().to_string(), reason);
    }
}
