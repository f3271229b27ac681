//! Facts and tables of a training.

use super::words::{planned, steps};
use crate::data::{FileRecord, Origin, Split};
use crate::report::page::table::breakable;
use crate::report::text::{escape_markup, grouped, short_number, shown_name};
use crate::report::training::{
    Outcome, class_list, percent, share, standard_error, watched_layers, watched_row,
};
use crate::train::recipe::{Optimizer, Precision, Rate};
use crate::train::{Ended, TrainingRecord, Watched};
use std::fmt::Write;

/// A term and its text, none where it is not known.
type Fact = (&'static str, Option<String>);

/// Files of a data set that are named.
const FILES: usize = 20;
/// Classes that are named.
const NAMES: usize = 1000;

/// Lists of terms and texts under headings; empty texts are left out, and lists without any.
pub(super) fn facts(record: &TrainingRecord) -> String {
    let number = |x: Option<f64>| x.filter(|x| x.is_finite()).map(short_number);
    let share_of = |x: Option<f64>| x.filter(|x| x.is_finite()).map(percent);
    let outcome = Outcome::of(record);
    let last = record.rows.last();
    let after = |iteration: u64| Some(grouped(iteration as usize));
    let counts = &record.parameters;
    let counted = |count: usize| Some(grouped(count));
    let ended = match record.ended {
        Ended::Finished => "all iterations done".to_owned(),
        Ended::Interrupted => "interrupted".to_owned(),
        Ended::Diverged { .. } => "loss not finite".to_owned(),
    };
    let error = outcome.map(|o| {
        let points = 100.0 * standard_error(o.last.1, record.samples.test);
        format!("{points:.2} points")
    });
    let groups: [(&str, Vec<Fact>); 4] = [
        (
            "At the last row",
            vec![
                ("test accuracy", outcome.map(|o| percent(o.last.1))),
                ("its standard error", error),
                ("test loss", number(last.and_then(|row| row.test_loss))),
                (
                    "training accuracy",
                    share_of(last.and_then(|row| row.training_accuracy)),
                ),
                ("loss of batches", number(last.and_then(|row| row.loss))),
                (
                    "after iterations",
                    last.and_then(|row| after(row.iteration)),
                ),
                ("epochs", number(last.map(|row| row.epoch))),
            ],
        ),
        (
            "At best",
            vec![
                ("test accuracy", outcome.map(|o| percent(o.best.1))),
                (
                    "after iterations",
                    outcome.and_then(|o| after(o.best.0.iteration)),
                ),
            ],
        ),
        (
            "Size",
            vec![
                ("parameters", counted(counts.weights + counts.biases)),
                ("of weights", counted(counts.weights)),
                ("biases", counted(counts.biases)),
                (
                    "with dense weights",
                    counted(counts.dense_weights + counts.biases),
                ),
                ("compression", share(counts.compression)),
            ],
        ),
        (
            "Training",
            vec![
                (
                    "iterations",
                    Some(match record.iterations == planned(record) {
                        true => grouped(record.iterations as usize),
                        false => format!(
                            "{} of {}",
                            grouped(record.iterations as usize),
                            grouped(planned(record) as usize)
                        ),
                    }),
                ),
                ("ended", Some(ended)),
                ("batch", counted(record.recipe.training.batch)),
                ("rule", Some(rule(&record.recipe.training.optimizer))),
                ("rate", Some(rate(&record.recipe.training.rate))),
                (
                    "numbers",
                    Some(match record.recipe.training.precision {
                        Precision::Single => "single precision".to_owned(),
                        Precision::Double => "double precision".to_owned(),
                    }),
                ),
                ("seed", Some(record.recipe.seed.to_string())),
            ],
        ),
    ];
    let mut out = String::new();
    for (heading, rows) in groups {
        let _ = write!(out, "<div><h3>{heading}</h3><dl>");
        for (term, text) in rows {
            if let Some(text) = text {
                let text = escape_markup(&text);
                let _ = write!(out, "<div><dt>{term}</dt><dd>{text}</dd></div>");
            }
        }
        out.push_str("</dl></div>\n");
    }
    out
}

fn rule(optimizer: &Optimizer) -> String {
    let (mut text, decay) = match *optimizer {
        Optimizer::Sgd {
            momentum, decay, ..
        } => {
            let text = match momentum == 0.0 {
                true => "gradient descent".to_owned(),
                false => format!("momentum {momentum}"),
            };
            (text, decay)
        }
        Optimizer::Adam { decay, .. } => ("Adam".to_owned(), decay),
    };
    if decay != 0.0 {
        let _ = write!(text, ", decay {decay}");
    }
    text
}

fn rate(rate: &Rate) -> String {
    match *rate {
        Rate::Fixed { base } => format!("{base}"),
        Rate::Step {
            base,
            factor,
            every,
        } => format!("{base}, times {factor} every {}", steps(every)),
        Rate::Inv { base, .. } => format!("{base}, falling as a power"),
        Rate::Cosine { base, end } => format!("{base} to {end}, a cosine"),
        Rate::Linear { base, end } => format!("{base} to {end}, a line"),
    }
}

/// The heading of a column that can be sorted by.
fn head(out: &mut String, class: &str, title: &str, heading: &str, sort: &str) {
    let _ = write!(
        out,
        "<th scope=\"col\" class=\"{class}\" aria-sort=\"{sort}\"><button title=\"{}\">{heading}</button></th>",
        escape_markup(title)
    );
}

/// A row a layer.
pub(super) fn layers(record: &TrainingRecord) -> String {
    let mut out = String::from("<thead><tr>");
    head(&mut out, "num", "Place in the network", "#", "ascending");
    for (class, title, heading) in [
        ("", "Its name in the recipe", "Layer"),
        ("", "What it does", "Kind"),
        ("num", "Size of what goes in", "In"),
        ("num", "Size of what comes out", "Out"),
        ("num", "Trained parameters of the weight", "Parameters"),
        ("num", "Entries of the weight as a dense matrix", "Dense"),
        ("num", "Parameters over these", "Of dense"),
        ("num", "Biases, or scales and shifts", "Biases"),
        ("", "The weight as a formula of operators", "Weight"),
    ] {
        head(&mut out, class, title, heading, "none");
    }
    out.push_str("</tr></thead><tbody>\n");
    for (position, layer) in (1..).zip(&record.layers) {
        let times = |size: &str| escape_markup(&size.replace('x', "×"));
        let count = |count: usize, is: bool| if is { grouped(count) } else { String::new() };
        let has = layer.weight.is_some();
        let of_dense = share(layer.parameters as f64 / layer.dense as f64);
        let structured = has && layer.parameters != layer.dense;
        let _ = writeln!(
            out,
            "<tr id=\"layer-{position}\"><td>{position}<th scope=\"row\">{}<td class=\"words\">{}<td>{}<td>{}<td>{}<td>{}<td class=\"{}\">{}<td>{}<td class=\"words\">{}",
            breakable(&shown_name(&layer.name)),
            escape_markup(&shown_name(&layer.kind)),
            times(&layer.input),
            times(&layer.output),
            count(layer.parameters, has),
            count(layer.dense, has),
            if structured { "structured" } else { "plain" },
            of_dense.filter(|_| has).unwrap_or_default(),
            count(layer.biases, layer.biases > 0),
            layer
                .weight
                .as_deref()
                .map_or(String::new(), |weight| breakable(&shown_name(weight))),
        );
    }
    let counts = &record.parameters;
    let _ = write!(
        out,
        "</tbody><tfoot><tr><td><th scope=\"row\">All<td><td><td><td>{}<td>{}<td>{}<td>{}<td></tfoot>",
        grouped(counts.weights),
        grouped(counts.dense_weights),
        share(counts.weights as f64 / counts.dense_weights as f64).unwrap_or_default(),
        grouped(counts.biases)
    );
    out
}

/// A section with a row a phase, where phases were asked for.
pub(super) fn phases(record: &TrainingRecord) -> String {
    let phases = &record.phases;
    if phases.len() < 2 && phases.iter().all(|phase| phase.name.is_none()) {
        return String::new();
    }
    let mut out = String::from(
        "<section aria-labelledby=\"phases-heading\">\n<h2 id=\"phases-heading\">Phases</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of phases, can be scrolled sideways\">\n<table>\n<caption>Parameters are those of weights and biases that a phase begins with. The accuracy is that of its last row.</caption>\n<thead><tr><th scope=\"col\" class=\"num\">#<th scope=\"col\">Phase<th scope=\"col\" class=\"num\">After iterations<th scope=\"col\" class=\"num\">Until<th scope=\"col\" class=\"num\">Parameters<th scope=\"col\" class=\"num\">Test accuracy</thead><tbody>\n",
    );
    for (number, phase) in (1..).zip(phases) {
        let name = phase.name.as_deref().map_or("–".into(), shown_name);
        let rows = record.rows.iter().rev().filter(|row| row.phase == number);
        let accuracy = rows.filter_map(|row| row.test_accuracy).next();
        let _ = writeln!(
            out,
            "<tr><td>{number}<th scope=\"row\">{}<td class=\"number\">{}<td>{}<td>{}<td>{}",
            breakable(&name),
            grouped(phase.start as usize),
            grouped(phase.end as usize),
            grouped(phase.parameters),
            accuracy.map_or("–".into(), percent)
        );
    }
    out.push_str("</tbody></table>\n</div>\n</section>\n");
    out
}

/// A section with a row a watched layer, and where the script draws.
pub(super) fn watched(record: &TrainingRecord) -> String {
    let layers = watched_layers(record);
    let (Some(first), Some(last)) = (record.rows.first(), record.rows.last()) else {
        return String::new();
    };
    if layers.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<section id=\"watched\" aria-labelledby=\"watched-heading\">\n<h2 id=\"watched-heading\">Watched layers</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of watched layers, can be scrolled sideways\">\n<table>\n",
    );
    let _ = write!(
        out,
        "<caption>From {} to {}; times is the last over the first.</caption>\n<thead><tr><th scope=\"col\">Layer",
        at(first.iteration),
        at(last.iteration)
    );
    for heading in [
        "Singular values",
        "Variance",
        "at the end",
        "times",
        "s₁",
        "at the end",
        "times",
    ] {
        let _ = write!(out, "<th scope=\"col\" class=\"num\">{heading}");
    }
    out.push_str("</thead><tbody>\n");
    for layer in layers {
        let ends = [watched_row(first, layer), watched_row(last, layer)];
        let place = record.layers.iter().position(|l| l.name == layer);
        let name = breakable(&shown_name(layer));
        let name = match place {
            Some(place) => format!("<a href=\"#layer-{}\">{name}</a>", place + 1),
            None => name,
        };
        let count = ends[1].map_or(0, |watched| watched.singular_values.len());
        let _ = write!(out, "<tr><th scope=\"row\">{name}<td>{}", grouped(count));
        let numbers: [fn(&Watched) -> Option<f64>; 2] = [
            |watched| Some(watched.variance),
            |watched| watched.singular_values.first().copied(),
        ];
        for number in numbers {
            let [start, end] = ends.map(|watched| number(watched?).filter(|x| x.is_finite()));
            let times = start.zip(end).map(|(start, end)| end / start);
            for x in [start, end, times] {
                let x = x.filter(|x| x.is_finite());
                let _ = write!(out, "<td>{}", x.map_or("–".into(), short_number));
            }
        }
        out.push('\n');
    }
    out.push_str("</tbody></table>\n</div>\n<div class=\"figures\" id=\"watched-figures\"></div>\n</section>\n");
    out
}

fn at(iteration: u64) -> String {
    match iteration {
        0 => "the start".to_owned(),
        count => format!("iteration {}", grouped(count as usize)),
    }
}

/// Commands to go on with.
pub(super) fn next(record: &TrainingRecord) -> String {
    let mut out = String::new();
    let mut row = |command: &str, words: &str| {
        let _ = writeln!(
            out,
            "<div><dt><code>{command}</code></dt><dd>{words}</dd></div>"
        );
    };
    match record.ended {
        Ended::Finished => {}
        Ended::Interrupted => row("spectra train --resume .", "goes on where this run ended."),
        Ended::Diverged { .. } => {
            row(
                "spectra train recipe.toml --out ../NAME",
                "trains anew, once the rate in recipe.toml is lower.",
            );
            return out;
        }
    }
    row(
        "spectra analyze weights.safetensors",
        "holds the spectrum of every weight against random matrices: the bulk, spikes above it, tails.",
    );
    if record.iterations > record.recipe.record.checkpoint {
        row(
            "spectra compare --track checkpoints/*.safetensors",
            "follows every weight from checkpoint to checkpoint, beside what chance would give.",
        );
    }
    row(
        "spectra families weights.safetensors",
        "asks which structured family could hold each weight in fewer numbers.",
    );
    out
}

/// Where the data came from.
pub(super) fn origin(record: &TrainingRecord) -> String {
    let mut out = String::new();
    let mut row = |term: &str, text: &str| {
        let text = escape_markup(text);
        let _ = writeln!(out, "<div><dt>{term}</dt><dd>{text}</dd></div>");
    };
    row("Program", &shown_name(&record.program));
    row("data set", &shown_name(&record.recipe.data.set));
    if let Some(names) = class_list(&record.class_names, NAMES) {
        row("outputs by class", &names);
    }
    match &record.data {
        Origin::Generated {
            generator,
            version,
            seed,
            train,
            test,
        } => row(
            "drawn by",
            &format!(
                "the generator {}, version {version}, seed {seed}: {} training and {} test samples",
                shown_name(generator),
                grouped(*train),
                grouped(*test)
            ),
        ),
        Origin::Files {
            format,
            files,
            split,
        } => {
            row("read as", &format.to_string());
            row(
                "test samples",
                &match split {
                    Split::Given => "as the files say".to_owned(),
                    Split::ByClass(every) => format!("one of every {every} of each class"),
                },
            );
            for FileRecord {
                name,
                bytes,
                sha256,
            } in files.iter().take(FILES)
            {
                let sum = shown_name(sha256);
                row(
                    "file",
                    &format!("{} ({bytes} bytes, SHA-256 {sum})", shown_name(name)),
                );
            }
            if files.len() > FILES {
                row("more files", &grouped(files.len() - FILES));
            }
        }
    }
    out
}
