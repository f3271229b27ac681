//! What a training came to, in sentences.

use crate::data::{Origin, Split};
use crate::report::format::finite_percent;
use crate::report::page::alert::{Alert, Level, links};
use crate::report::text::{capitalised, counted, grouped, plural, shown_name};
use crate::report::training::{Outcome, accuracy};
use crate::train::recipe::Precision;
use crate::train::{Ended, LayerSummary, Row, TrainingRecord};

/// Steps that all phases have.
pub(super) fn planned(record: &TrainingRecord) -> u64 {
    record.phases.last().map_or(record.iterations, |p| p.end)
}

/// `300 iterations`, in thousands.
pub(super) fn steps(count: u64) -> String {
    many(count as usize, "iteration")
}

/// `after 300 iterations`, `before the first`.
fn when(row: &Row) -> String {
    match row.iteration {
        0 => "before the first iteration".to_owned(),
        count => format!("after {}", steps(count)),
    }
}

/// How it ended and how well.
pub(super) fn headline(record: &TrainingRecord) -> String {
    let made = record.iterations;
    let ended = match record.ended {
        Ended::Finished => String::new(),
        Ended::Interrupted => format!(
            "Interrupted after {} of {}. ",
            grouped(made as usize),
            steps(planned(record))
        ),
        Ended::Diverged { iteration } => format!(
            "Diverged: in iteration {} of {} the loss was no finite number. ",
            grouped(iteration as usize),
            grouped(planned(record) as usize)
        ),
    };
    let Some(Outcome { last, best }) = Outcome::of(record) else {
        return match record.ended {
            Ended::Finished => format!("Trained for {}; accuracy was not measured.", steps(made)),
            _ => format!("{ended}Accuracy was not measured."),
        };
    };
    let best = if best.1 > last.1 {
        format!(" The best was {} {}.", accuracy(best.1), when(best.0))
    } else {
        String::new()
    };
    format!(
        "{ended}{} accuracy on {} {}.{best}",
        accuracy(last.1),
        many(record.samples.test, tested(record)),
        when(last.0)
    )
}

/// Returns what it was tested with, one of them.
fn tested(record: &TrainingRecord) -> &'static str {
    match record.recipe.data.held_out {
        Some(_) => "held-out training sample",
        None => "test sample",
    }
}

/// `1,000 samples`, `1 sample`: a count in thousands with its noun.
fn many(count: usize, noun: &str) -> String {
    format!("{} {}", grouped(count), plural(count, noun))
}

/// Parameters, and what they are of those with dense weights.
pub(super) fn size(record: &TrainingRecord) -> String {
    let counts = &record.parameters;
    let all = many(counts.weights + counts.biases, "parameter");
    let parts = format!(
        "{all} ({} of weights, {})",
        grouped(counts.weights),
        many(counts.biases, "bias")
    );
    match finite_percent(counts.compression) {
        _ if counts.weights == counts.dense_weights => format!("{parts}; all weights are dense."),
        Some(share) => format!(
            "{parts}: {share} of the {} that the same layers have with dense weights.",
            grouped(counts.dense_weights + counts.biases)
        ),
        None => format!("{parts}."),
    }
}

/// On what it was trained, and how.
pub(super) fn data_set(record: &TrainingRecord) -> String {
    let samples = &record.samples;
    let set = shown_name(&record.recipe.data.set);
    let from = match &record.data {
        Origin::Generated { version, seed, .. } => {
            format!("drawn by a generator (version {version}, seed {seed})")
        }
        Origin::Files { format, files, .. } => {
            format!("read from {} ({format})", counted(files.len(), "file"))
        }
    };
    let precision = match record.recipe.training.precision {
        Precision::Single => "single",
        Precision::Double => "double",
    };
    format!(
        "Trained on {set}, {from}: {} and {} of {}. Batches of {}, seed {}, {precision} precision; device: {}.",
        many(samples.train, "training sample"),
        many(samples.test, tested(record)),
        many(samples.classes, "class"),
        grouped(record.recipe.training.batch),
        record.recipe.seed,
        shown_name(&record.device),
    )
}

/// What needs attention, most urgent first.
pub(super) fn alerts(record: &TrainingRecord) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let mut say = |level, text: String| alerts.push(Alert::new(level, text));
    match record.ended {
        Ended::Finished => {}
        Ended::Interrupted => say(
            Level::Warning,
            format!(
                "Interrupted: weights and curves are those after {}. spectra train --resume with this folder goes on, to the same bits as without the pause",
                steps(record.iterations)
            ),
        ),
        Ended::Diverged { iteration } => say(
            Level::Error,
            format!(
                "The loss was no finite number in iteration {}. The last checkpoint before it is kept; a lower rate may help, or a look at the data",
                grouped(iteration as usize)
            ),
        ),
    }
    let is_infinite = |layer: &LayerSummary| {
        let all = record.rows.iter().flat_map(|row| &row.watched);
        let mut own = all.filter(|watched| watched.layer == layer.name);
        own.any(|watched| watched.singular_values.is_empty())
    };
    let layers = (1..).zip(&record.layers);
    let infinite = layers.filter(|(_, layer)| is_infinite(layer));
    let infinite = links(infinite.map(|(position, layer)| (position, layer.name.as_str())));
    if !infinite.is_empty() {
        let text = "A watched weight had entries that are not finite, and so no singular values";
        alerts.push(Alert::new(Level::Warning, text).about(infinite));
    }
    let mut say = |level, text: String| alerts.push(Alert::new(level, text));
    for remark in &record.remarks {
        let text = capitalised(&remark.sentence(&record.class_names));
        say(Level::Warning, text);
    }
    if record.rows.is_empty() {
        let text = "No row was written: there is nothing to draw";
        say(Level::Note, text.into());
    }
    if let Origin::Files {
        split: Split::ByClass(every),
        ..
    } = record.data
    {
        let text = format!(
            "The data has no part for tests: one of every {every} samples of each class was held out for them; the only sample of a class is trained on"
        );
        say(Level::Note, text);
    }
    let weights = record.layers.iter().find(|layer| layer.weight.is_some());
    if let (true, Some(layer)) = (record.recipe.record.watch.is_empty(), weights) {
        let text = format!(
            "No layer was watched; watch = [\"{}\"] under [record] in the recipe writes down how its singular values move",
            shown_name(&layer.name)
        );
        say(Level::Note, text);
    }
    alerts
}

/// How the curves can be read, and whether rows are left out of them.
pub(super) fn drawn(record: &TrainingRecord, drawn: usize) -> String {
    let rows = record.rows.len();
    let pointed =
        "Point at a plot, or step through it with Tab and the arrow keys, to read its values.";
    match rows {
        0 => String::new(),
        _ if drawn < rows => format!("{pointed} Curves keep {drawn} of {} rows.", grouped(rows)),
        _ => pointed.to_owned(),
    }
}

pub(super) fn layers_caption(record: &TrainingRecord) -> String {
    let end = match record.phases.len() {
        0 | 1 => "",
        _ => " As they were at the end; phases before may have had other weights.",
    };
    format!(
        "Click a heading to sort. Sizes are channels × height × width, or a count; a weight’s matrix is outputs × inputs.{end}"
    )
}

/// What the run took. It differs from run to run, and so stands alone.
pub(super) fn timing(record: &TrainingRecord) -> String {
    let timing = &record.timing;
    let rate = if timing.samples_per_second.is_finite() {
        grouped(timing.samples_per_second.round() as usize)
    } else {
        "–".to_owned()
    };
    format!(
        "The last run took {:.1} s with its tests, and trained on {rate} samples a second between them, on {}.",
        timing.seconds,
        counted(timing.threads, "thread")
    )
}
