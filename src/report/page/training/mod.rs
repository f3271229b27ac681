//! A training as one self-contained page: what was trained, what it came to, curves, layers.

mod facts;
mod next;
mod origin;
mod tables;
mod words;

use super::html::{Terms, section};
use super::layout::{Page, line};
use super::shared_data::SharedData;
use crate::report::text::shown_name;
use crate::report::training::{kept_rows, training_figures};
use crate::train::TrainingRecord;
use maud::html;
use serde_json::{Value, json};

const TERMS: Terms = &[
    "Iteration: a step on one batch; an epoch is as many samples as there are to train on.",
    "Accuracy: share of samples whose largest score is that of their class. Its standard error is √(p(1 − p)/n) for n samples: what another draw of test samples would change, not another seed.",
    "Best: the highest accuracy that a row has, and so chosen by the test samples: a little too good.",
    "Parameters: numbers that are trained. Entries kept at zero, fixed matrices and seeds are not counted.",
    "Of dense: parameters over the entries of the weight as a dense matrix, outputs × inputs (of a convolution, its kernel).",
    "Compression: weights and biases over those of the same layers with dense weights.",
    "Loss: mean cross-entropy of the softmax of the scores, in nats.",
    "Variance: of the entries of a weight about their mean; of diagonal blocks, of the entries inside.",
];

/// Returns the figures for the script, under the sections that they stand in.
fn data_block(record: &TrainingRecord) -> String {
    let mut shared = SharedData::default();
    let figures = training_figures(record);
    let (curves, watched): (Vec<_>, Vec<_>) = figures
        .iter()
        .partition(|figure| figure.stem.starts_with("training-"));
    let [curves, watched] = [curves, watched].map(|figures| {
        let parts = figures.iter().map(|figure| shared.part(figure));
        parts.collect::<Vec<Value>>()
    });
    shared.block(&json!({"figures": {"curves": curves, "watched-figures": watched}}))
}

/// The page for a record. The same record gives the same bytes; what a run took stands in one line, the
/// element `#timing`.
///
/// Layer 3 of the network has the anchor `#layer-3`.
pub fn render_training(record: &TrainingRecord) -> String {
    let drawn = words::drawn(record, kept_rows(record).len());
    let page = Page {
        kind: "training",
        kicker: "Training of a network of structured layers".to_owned(),
        title: shown_name(&record.recipe.name),
        headline: words::headline(record),
        account: vec![line(&words::size(record)), line(&words::data_set(record))],
        alerts: words::alerts(record),
        sections: html! {
            (section("outcome", "Outcome", html! { div.facts { "\n" (facts::facts(record)) } "\n" }))
            (section("curves", "Over the iterations", html! {
                noscript { p { "The curves are drawn by a script in this page; as pictures they lie beside it." } } "\n"
                @if !drawn.is_empty() { p.tools { (drawn) } "\n" }
                div.figures id="curves" {} "\n"
            }))
            (section("layers", "Layers", html! { (tables::layers(record)) }))
            (tables::phases(record))
            (tables::watched(record))
            (next::next(record))
        },
        terms: TERMS,
        origin: origin::origin(record),
        data: Some(data_block(record)),
        ..Page::default()
    };
    page.render()
}
