//! The variance of sketches as one self-contained page without a script.

use std::fmt::Write;

use super::summary::{self, Alert, Level};
use super::table::breakable;
use super::{PICTURES_STYLE, STYLE, alert_list, filled, origin, policy_hash};
use crate::report::sketch::times_the_layer;
use crate::report::text::{escape_markup, file_name, short_number, shown_name, shown_sentence};
use crate::sketch::{Mode, SketchLayer, SketchRun, Sketched};
use crate::weights::Status;

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
        "alerts" => alert_list(&alerts(run), ["matrix", "matrices"]),
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
    let layers = run.layers.iter().enumerate();
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
    let count = |status| run.layers.iter().filter(|l| l.status == status).count();
    format!(
        "{}: {} sketched, {} skipped, {} failed.",
        summary::counted(run.layers.len(), "row"),
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed)
    )
}

fn alerts(run: &SketchRun) -> Vec<Alert> {
    let failed = run.layers.iter().filter(|l| l.status == Status::Failed);
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

/// A line a matrix: its errors, and what as many numbers could do.
fn overview(run: &SketchRun) -> String {
    let mut out = String::from(
        "<thead><tr><th scope=\"col\" class=\"num\">#<th scope=\"col\">Matrix<th scope=\"col\" class=\"num\">Shape",
    );
    for name in [
        "Numbers kept",
        "Mode 1",
        "Mode 2",
        "Averaged",
        "Best fit",
        "Low rank",
    ] {
        let _ = write!(out, "<th scope=\"col\" class=\"num\">{name}");
    }
    out.push_str("</thead><tbody>\n");
    for (i, layer) in run.layers.iter().enumerate() {
        let position = i + 1;
        let name = breakable(&shown_name(&layer.name));
        let _ = write!(out, "<tr><td>{position}<th scope=\"row\">");
        if let Some(found) = &layer.sketched {
            let (m, n) = (found.rows, found.columns);
            let _ = write!(out, "<a href=\"#layer-{position}\">{name}</a><td>{m}×{n}");
            for x in [
                Some(found.compression_rate),
                found.mode1.relative_error,
                found.mode2.relative_error,
                found.averaged.mode.relative_error,
                found.best_fit.as_ref().and_then(|best| best.in_space),
                found.best_fit.as_ref().and_then(|best| best.low_rank),
            ] {
                let _ = write!(out, "<td>{}", error(x));
            }
        } else {
            let word = match layer.status {
                Status::Failed => "failed",
                _ => "skipped",
            };
            let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
            let _ = write!(
                out,
                "{name}<td>{}<td class=\"reason\" colspan=\"6\">{word}: {}",
                shape.join("×"),
                escape_markup(&reason(layer))
            );
        }
        out.push('\n');
    }
    out.push_str("</tbody>");
    out
}

fn number(x: Option<f64>) -> String {
    x.map_or("–".into(), short_number)
}

/// Rounding errors of what is exact are not told apart.
fn error(x: Option<f64>) -> String {
    match x {
        Some(x) if x > 0.0 && x < 1e-12 => "&lt;1e−12".into(),
        x => number(x),
    }
}

/// A picture, a table and sentences a matrix.
fn matrices(run: &SketchRun, pictures: &[(String, Vec<u8>)]) -> String {
    let digits = run.layers.len().to_string().len().max(3);
    let mut out = String::new();
    for (position, layer, found) in sketched(run) {
        let name = breakable(&shown_name(&layer.name));
        let _ = writeln!(
            out,
            "<section id=\"layer-{position}\" aria-labelledby=\"name-{position}\">\n<h2 id=\"name-{position}\">{position} {name}</h2>"
        );
        for note in &layer.notes {
            let note = escape_markup(&shown_sentence(note));
            let _ = writeln!(out, "<p class=\"notes\">{note}.</p>");
        }
        let file = format!("layer-{position:0digits$}-sketch.svg");
        if let Some((_, svg)) = pictures.iter().find(|(name, _)| *name == file) {
            let svg = String::from_utf8_lossy(svg);
            let _ = writeln!(out, "<figure>{svg}</figure>");
        }
        let _ = writeln!(
            out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of matrix {position}, can be scrolled sideways\">\n<table>{}</table>\n</div>",
            estimates(found)
        );
        for sentence in sentences(found, run) {
            let _ = writeln!(out, "<p>{}</p>", escape_markup(&sentence));
        }
        out.push_str("</section>\n");
    }
    out
}

fn estimates(found: &Sketched) -> String {
    let mut out = String::from("<thead><tr><th scope=\"col\">Estimate");
    for name in [
        "Variance",
        "Bound",
        "Slack",
        "Measured",
        "Interval",
        "Relative error",
        "Numbers",
    ] {
        let _ = write!(out, "<th scope=\"col\" class=\"num\">{name}");
    }
    out.push_str("</thead><tbody>\n");
    let mut line = |name: &str, mode: &Mode, numbers: usize| {
        let interval = mode.interval.map_or("–".to_owned(), |[low, high]| {
            format!("{} to {}", short_number(low), short_number(high))
        });
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{name}<td>{}<td>{}<td>{}<td>{}<td>{interval}<td>{}<td>{numbers}",
            number(mode.exact),
            number(mode.bound),
            number(mode.slack),
            number(mode.measured),
            number(mode.relative_error)
        );
    };
    line("mode 1", &found.mode1, found.k * found.columns);
    line("mode 2", &found.mode2, found.k * found.area * found.rows);
    line("averaged", &found.averaged.mode, found.cost.parameters);
    let mut fit = |name: &str, left: Option<f64>, numbers: usize| {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{name}<td>–<td>–<td>–<td>–<td>–<td>{}<td>{numbers}",
            error(left)
        );
    };
    if let Some(best) = &found.best_fit {
        fit("best fit", best.in_space, best.parameters);
        let rank = format!("rank {}", best.rank);
        let numbers = best.rank * (found.rows + found.columns);
        fit(&rank, best.low_rank, numbers);
    }
    out.push_str("</tbody>");
    out
}

fn sentences(found: &Sketched, run: &SketchRun) -> Vec<String> {
    let mut sentences = Vec::new();
    if let (Some(equal_k), Some(equal_numbers)) =
        (found.better_mode, found.better_mode_at_equal_parameters)
    {
        sentences.push(match equal_k == equal_numbers {
            true => format!("Mode {equal_k} has the smaller variance, at equal k and at equal numbers kept."),
            false => format!(
                "Mode {equal_k} has the smaller variance at equal k, mode {equal_numbers} at equal numbers kept."
            ),
        });
    }
    if let Some(e) = &found.exceedance {
        let share = |x: f64| format!("{} %", short_number(100.0 * x));
        let measured = e.measured.map_or(String::new(), |m| {
            format!(
                "; measured {}, between {} and {}",
                share(m.estimate),
                share(m.low),
                share(m.high)
            )
        });
        sentences.push(format!(
            "The averaged estimate misses by a relative error of {} or more in at most {} of draws (Chebyshev){measured}.",
            short_number(e.deviation),
            share(e.chebyshev)
        ));
    }
    if let (Some(bound), Some(holds)) = (
        found.averaged.printed_bound,
        found.averaged.printed_bound_holds,
    ) {
        sentences.push(format!(
            "Theorem 3.1 as printed, with the norm of the images, gives {}: it {} here.",
            short_number(bound),
            if holds { "holds" } else { "is false" }
        ));
    }
    for choice in &found.target {
        let wanted = number(run.settings.target);
        sentences.push(match (choice.k, &choice.cost, choice.compression_rate) {
            (Some(k), Some(cost), Some(rate)) => format!(
                "With l = {} an error of {wanted} takes k = {k}: {} numbers, {}, and {} multiply-adds against {}.",
                choice.l,
                cost.parameters,
                times_the_layer(rate),
                cost.multiply_adds,
                found.dense_parameters
            ),
            _ => format!("With l = {} no sketch reaches an error of {wanted}.", choice.l),
        });
    }
    for mode in &found.tensor_modes {
        sentences.push(format!(
            "Sketched along its dimension {} (of {}), the tensor itself is missed by a relative error of {}, with {} numbers.",
            mode.mode,
            mode.dimension,
            short_number(mode.relative_error),
            mode.parameters
        ));
    }
    sentences
}
