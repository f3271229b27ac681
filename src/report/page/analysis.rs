//! An analysis as one self-contained page.

use super::html::{Terms, section};
use super::layout::{Page, line};
use super::run::{Words, page};
use super::{data, model, summary, table};
use crate::report::TERMS as PHRASES;
use crate::spectrum::{Analysis, Layer};
use maud::{Markup, html};

/// The length a page is kept under, in bytes, by thinning its curves.
pub const PAGE_BYTES: usize = 2_900_000;

const WORDS: Words = Words {
    kind: "weight spectra",
    kicker: "Weight spectra against random-matrix theory",
    nameless: "Weight spectra",
    other: "other file",
    rows: ["tensor", "analysed"],
    digits: "Numbers here are rounded to four digits; report.json beside this page has all of them. A layer’s anchor is its number, as in #layer-1.",
    all_linked: true,
};

const TERMS: Terms = &[
    "Singular values: s₁ ≥ s₂ ≥ … of the m × n weight matrix W, outputs × inputs.",
    "Eigenvalues: those of (1/n) W Wᵀ: λ = s²/n.",
    "Marchenko-Pastur law: the spectrum of a large matrix of independent entries. Where it ends the bulk ends.",
    "Random bulk: the values that are left when the leading ones are taken away and that noise of one variance explains; drawn as “fitted bulk”.",
    "R: random matrices of the same shape and variance, drawn from the seed below.",
    "Distance: the mean over orders of |1 − sᵢ/R’s mean|; “expected” is what a fresh random matrix gives.",
    "Alpha: exponent of the density of the largest eigenvalues, p(λ) ∝ λ⁻ᵅ; a random matrix has one as well, so it counts only where the finding names it.",
    "p-value: the chance of as much in noise. “≤ 0.005” is the least that 199 draws can give, whatever the layer.",
    "Stable rank: Σ sᵢ² / s₁²: how many directions carry the energy.",
    "Energy: Σ sᵢ², the sum of the squared entries.",
];

/// The page for an analysis. The same analysis gives the same bytes.
///
/// Numbers in it have four significant digits. Curves have at most 300 points, fewer where the
/// page would pass [`PAGE_BYTES`]; the page says so. Layers are numbered from 1, in the order of
/// the analysis, and layer 3 has the anchor `#layer-3`.
pub fn render(analysis: &Analysis) -> String {
    let mut page = unscripted(analysis);
    // Room for the sentence about curves that are thinned.
    let budget = PAGE_BYTES.saturating_sub(page.render().len() + 200);
    let block = data::data_block(analysis, budget);
    let points = block.points;
    page.data = Some(block.json);
    let values = |layer: &Layer| Some(layer.spectrum.as_ref()?.singular_values.as_ref()?.len());
    let mut counts = analysis.rows.iter().filter_map(values);
    let mut words = Vec::new();
    if counts.any(|count| count > points) {
        let kept = points / 4;
        words.push(format!(
            "Curves keep {points} orders of a layer, the first {kept} one by one."
        ));
    }
    if !block.is_full {
        words.push(
            "There is no room for the densities of eigenvalues and the numbers beside points."
                .to_owned(),
        );
    }
    if !words.is_empty() {
        page.origin = html! { p { (words.join(" ")) } "\n" (page.origin) };
    }
    page.render()
}

/// Returns what the page says first of an analysis, and its table of the tensors that were not skipped, for a page that
/// shows them among other things.
pub fn overview(analysis: &Analysis) -> String {
    let overview = html! {
        div {
            p { strong { (summary::headline(analysis)) } }
            p { (summary::account(analysis)) }
            (table::table(analysis, false))
        }
    };
    overview.into_string()
}

/// Returns the page without the data of its script.
fn unscripted(analysis: &Analysis) -> Page {
    let general = page(analysis, &WORDS);
    Page {
        headline: summary::headline(analysis),
        account: vec![line(&summary::account(analysis))],
        alerts: summary::alerts(analysis, general.alerts),
        sections: sections(analysis),
        terms: TERMS,
        data: Some(String::new()),
        ..general
    }
}

/// Returns the sections; those of the overview and of the layers are filled by the script.
fn sections(analysis: &Analysis) -> Markup {
    html! {
        noscript { p { "The curves are drawn by a script in this page; the tables stand without it." } } "\n"
        section id="model" aria-labelledby="model-heading" { "\n"
            h2 id="model-heading" { "The model" } "\n"
            (model::model(analysis))
        }
        "\n"
        (section("table", "All tensors", html! {
            p.tools {
                label { "Filter " input type="search" id="filter" autocomplete="off" spellcheck="false" placeholder="query not bias"; }
                " " button type="button" id="fold" aria-pressed="false" hidden { "Show skipped" }
                " " output id="shown" for="filter" {}
            }
            "\n"
            p.tools { "A row stays if it has every word in its name, its finding or its role; " code { "not" } " before a word, or a " code { "-" } ", leaves out rows that have it. The list of layers below follows." } "\n"
            (table::table(analysis, true))
        }))
        section id="overview" aria-labelledby="overview-heading" hidden { "\n"
            h2 id="overview-heading" { "Layers in the order of the file" } "\n"
        }
        "\n"
        section id="layers" aria-labelledby="layers-heading" { "\n"
            h2 id="layers-heading" { "Layer by layer" } "\n"
            p.tools {
                button type="button" id="open-all" { "Open all layers" }
                " Point at a plot, or step through it with Tab and the arrow keys, to read its values."
            }
            "\n"
        }
        "\n"
        (section("phrases", "What the findings mean, and what to do next", html! {
            dl.terms.findings { "\n"
                @for term in &PHRASES {
                    div { dt { (term.phrase) } dd { (term.meaning) " " em { (term.next) } } } "\n"
                }
            }
            "\n"
        }))
    }
}
