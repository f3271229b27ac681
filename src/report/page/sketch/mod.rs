//! The variance of sketches as one self-contained page without a script.

mod tables;
mod words;

use super::alert::{Alert, Level, links};
use super::html::Terms;
use super::layout::line;
use super::run::{Words, origin, page, settings};
use crate::report::text::{short_number, shown_name};
use crate::sketch::{SketchRun, Sketched};
use maud::html;
use tables::{matrices, overview};
use words::sketched;

const TERMS: Terms = &[
    "Mode 1: the estimate U₁ᵀ U₁ W M of the outputs W M, U₁ a random sketch with k rows; U₁ W is kept.",
    "Mode 2: the estimate W U₂ᵀ U₂ M; W U₂ᵀ is kept. For a kernel of h × w the sketch has k h w rows.",
    "Averaged: the mean of l independent pairs of both: the SK-FC and SK-CONV layers of Kasiviswanathan, Narodytska and Jin.",
    "Variance: E‖estimate − W M‖² over the draws of the sketches, exactly; beside it the published bound, how many times larger that is (slack), and the mean over the trials with its interval.",
    "Best fit: the matrix nearest to W of the form U₁ᵀ A + B U₂, A and B free: the same numbers kept, but fitted, for the sketches of the first trial. The estimates are without bias, which is not the same as near.",
    "Inputs: M, one sample a column: given activations, or the expectation over independent inputs of mean 0 and variance 1.",
];

const WORDS: Words = Words {
    kind: "sketches",
    kicker: "What random sketches cost in variance",
    nameless: "Sketches",
    other: "other file",
    rows: ["tensor", "sketched"],
    digits: "Numbers here are rounded to three digits; report.json and sketches.parquet beside this page have all of them, and the pictures lie there as SVG and PNG.",
    all_linked: false,
};

/// The page for a run and its pictures, file names with their contents. The same run gives the same
/// bytes.
///
/// Matrix 3 has the anchor `#layer-3`.
pub fn render_sketches(run: &SketchRun, pictures: &[(String, Vec<u8>)]) -> String {
    let mut page = page(run, &WORDS);
    if let Some(device) = &run.device {
        let device = shown_name(device);
        page.account
            .push(line(&format!("The trials were drawn on {device}.")));
    }
    page.headline = headline(run);
    page.alerts = alerts(run, page.alerts);
    page.sections = html! { (overview(run)) (matrices(run, pictures)) };
    page.terms = TERMS;
    page.origin = origin(
        WORDS.digits,
        &run.program,
        &[settings(&run.settings), settings(&run.selection)],
        run.files.iter().chain(&run.inputs_file),
    );
    page.render()
}

/// Says how large the errors are, and how many beat an estimate of 0.
fn headline(run: &SketchRun) -> String {
    let errors: Vec<f64> = sketched(run)
        .filter_map(|(_, _, found)| found.averaged.mode.relative_error)
        .collect();
    let (Some(least), Some(most)) = (
        errors.iter().copied().reduce(f64::min),
        errors.iter().copied().reduce(f64::max),
    ) else {
        return "No matrix could be sketched.".to_owned();
    };
    let farther = errors.iter().filter(|error| **error > 1.0).count();
    let range = match errors.len() {
        1 => short_number(most),
        _ => format!("{} to {}", short_number(least), short_number(most)),
    };
    let farther = match (farther, errors.len()) {
        (0, _) => "nearer than an estimate of 0".to_owned(),
        (1, 1) => "an estimate of 0 would be nearer".to_owned(),
        (farther, all) => {
            format!("an estimate of 0 would be nearer in {farther} of {all} matrices")
        }
    };
    format!("The averaged estimate has a relative error of {range}: {farther}.")
}

/// Returns the alerts, those of `run` in general among them.
fn alerts(run: &SketchRun, general: Vec<Alert>) -> Vec<Alert> {
    let of = |wanted: fn(&Sketched) -> bool| {
        let found = sketched(run).filter(|(_, _, found)| wanted(found));
        links(found.map(|(position, layer, _)| (position, layer.name.as_str())))
    };
    let mut alerts = Vec::new();
    if !run.complete {
        let text = "interrupted: some matrices are missing, or have fewer trials than asked for";
        alerts.push(Alert::new(Level::Error, text).about(of(|f| f.best_fit.is_none())));
    }
    alerts.extend(general);
    for (level, text, layers) in [
        (
            Level::Warning,
            "theorem 3.1 as printed, with the norm of the images, is no bound here; with that of the patches it is",
            of(|f| f.averaged.printed_bound_holds == Some(false)),
        ),
        (
            Level::Note,
            "nothing is saved: the sketches hold as many numbers as the layer, or more",
            of(|f| f.cost.parameters >= f.dense_parameters),
        ),
    ] {
        if !layers.is_empty() {
            alerts.push(Alert::new(level, text).about(layers));
        }
    }
    alerts
}
