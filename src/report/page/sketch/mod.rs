//! The variance of sketches as one self-contained page without a script.

mod tables;
mod words;

use super::summary::{self, Alert, Level};
use super::{PICTURES_STYLE, STYLE, alert_list, filled, origin, policy_hash};
use crate::report::text::{escape_markup, file_name, short_number, shown_name, shown_sentence};
use crate::sketch::{SketchLayer, SketchRun, Sketched};
use crate::weights::Status;
use tables::{matrices, overview};

const TEMPLATE: &str = include_str!("sketch.html");
const OWN_STYLE: &str = include_str!("sketch.css");

/// The page for a run and its pictures, file names with their contents. The same run gives the same
/// bytes.
///
/// Matrix 3 has the anchor `#layer-3`.
pub fn render_sketches(run: &SketchRun, pictures: &[(String, Vec<u8>)]) -> String {
    let style = format!("{STYLE}{PICTURES_STYLE}{OWN_STYLE}");
    let settings = [
        serde_json::to_value(&run.settings).unwrap_or_default(),
        serde_json::to_value(&run.selection).unwrap_or_default(),
    ];
    filled(TEMPLATE, |key| match key {
        "title" => escape_markup(&title(run)),
        "headline" => escape_markup(&headline(run)),
        "account" => escape_markup(&account(run)),
        "alerts" => alert_list(&alerts(run), |position| {
            shown_name(&run.rows[position - 1].name)
        }),
        "overview" => overview(run),
        "matrices" => matrices(run, pictures),
        "origin" => {
            let files = run.files.iter().chain(&run.inputs_file).cloned();
            origin(&run.program, &settings, &files.collect::<Vec<_>>())
        }
        "style" => style.clone(),
        "style-hash" => policy_hash(&style),
        unknown => unreachable!("sketch.html has no value for {unknown}"),
    })
}

fn title(run: &SketchRun) -> String {
    match run.files.as_slice() {
        [] => "Sketches".to_owned(),
        [file] => file_name(&file.path),
        [file, rest @ ..] => format!(
            "{} and {}",
            file_name(&file.path),
            summary::counted(rest.len(), "other file")
        ),
    }
}

fn sketched(run: &SketchRun) -> impl Iterator<Item = (usize, &SketchLayer, &Sketched)> {
    let layers = run.rows.iter().enumerate();
    layers.filter_map(|(i, layer)| Some((i + 1, layer, layer.sketched.as_ref()?)))
}

/// How large the errors are, and how many beat an estimate of 0.
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

fn account(run: &SketchRun) -> String {
    let count = |status| run.rows.iter().filter(|l| l.status == status).count();
    let device = run.device.as_ref().map_or(String::new(), |device| {
        format!(" The trials were drawn on {}.", shown_name(device))
    });
    format!(
        "{}: {} sketched, {} skipped, {} failed.{device}",
        summary::counted(run.rows.len(), "row"),
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed)
    )
}

fn alerts(run: &SketchRun) -> Vec<Alert> {
    let failed = run.rows.iter().filter(|l| l.status == Status::Failed);
    let failed = failed.take(5).map(|layer| Alert {
        level: Level::Error,
        text: format!("{} failed: {}", shown_name(&layer.name), reason(layer)),
        layers: Vec::new(),
    });
    let of = |wanted: fn(&Sketched) -> bool| -> Vec<usize> {
        let found = sketched(run).filter(|(_, _, found)| wanted(found));
        found.map(|(position, ..)| position).collect()
    };
    let warnings = run.warnings.iter().map(|warning| Alert {
        level: Level::Warning,
        text: shown_sentence(warning),
        layers: Vec::new(),
    });
    let interrupted = (!run.complete).then(|| Alert {
        level: Level::Error,
        text: "interrupted: some matrices are missing, or have fewer trials than asked for"
            .to_owned(),
        layers: of(|f| f.best_fit.is_none()),
    });
    let more = [
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
    ];
    let more = more.into_iter().filter(|(.., layers)| !layers.is_empty());
    let more = more.map(|(level, text, layers)| Alert {
        level,
        text: text.to_owned(),
        layers,
    });
    interrupted
        .into_iter()
        .chain(failed)
        .chain(warnings)
        .chain(more)
        .collect()
}

fn reason(layer: &SketchLayer) -> String {
    shown_sentence(layer.reason.as_deref().unwrap_or("no reason was given"))
}
