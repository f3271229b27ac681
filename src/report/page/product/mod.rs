//! Fits of products of sums as one self-contained page without a script.

mod alerts;
mod matrices;
mod settings;
mod table;
mod words;

use super::html::Terms;
use super::layout::{Page, line};
use super::run::{Words, origin, page, settings as as_json};
use crate::fit::product::ProductFits;
use maud::html;

const TERMS: Terms = &[
    "Residual: ‖W − Ŵ‖ / ‖W‖ in the Frobenius norm. Explained is 1 − residual², the share of ‖W‖² that Ŵ has.",
    "Parameters: trained coefficients K of all factors. The fixed matrices are made again from the seed and are not counted.",
    "Chance: √(1 − degrees of freedom / mn): what as many random terms that know nothing of W leave of it. Factors trade scale, so a product of p has p − 1 degrees fewer than parameters.",
    "Shuffled: the same fit to the entries of W in random order: what their values alone allow.",
    "Rotated: the same fit to Q₁ W Q₂ᵀ with random rotations: the singular values are kept, the coordinates are not.",
    "Fitted, held out: ‖X (W − Ŵ)ᵀ‖ / ‖X Wᵀ‖ over the half of the inputs X that was fitted, and over the other half.",
    "Condition: largest over smallest singular value of the derivatives at the fit: how many times an error may grow on its way into the coefficients.",
    "Stage: a fit with some of the terms, from which the next one, with more of them, begins.",
    "Start: random first coefficients. A product is fitted from several and the best fit is kept; a single sum has one best fit, whatever the start. A residual far above all others is drawn at the upper edge.",
    "Link: what a coefficient goes through before it multiplies its matrix.",
];

const WORDS: Words = Words {
    kind: "fit",
    kicker: "Fits of fixed matrices, summed and multiplied",
    nameless: "Fits",
    other: "other file",
    rows: ["tensor", "fitted"],
    digits: "Numbers here are rounded; report.json and fits.parquet beside this page have all digits, the first also the coefficients, and the pictures lie there as SVG and PNG.",
    all_linked: false,
};

/// The page for fits and the pictures of some of them. The same fits give the same bytes.
///
/// Matrix 3 has the anchor `#layer-3`.
pub fn render_product(fits: &ProductFits, pictures: &[(String, Vec<u8>)]) -> String {
    let general = page(fits, &WORDS);
    let settings = [settings::settings(fits), as_json(&fits.selection)];
    let page = Page {
        headline: words::headline(fits),
        account: vec![line(&words::model(fits)), line(&words::account(fits))],
        alerts: alerts::alerts(fits, general.alerts),
        sections: html! { (table::table(fits)) (matrices::matrices(fits, pictures)) },
        terms: TERMS,
        origin: origin(WORDS.digits, &fits.program, &settings, &fits.files),
        ..general
    };
    page.render()
}
