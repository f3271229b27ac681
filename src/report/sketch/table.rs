//! For the terminal: a line an estimate, and what its numbers could do otherwise.

use super::times_the_layer;
use crate::report::format::{exact_error, percent, significant};
use crate::report::table::{Rows, status_style};
use crate::report::text::{short_number, shown_name};
use crate::sketch::{Mode, SketchLayer, SketchRun, Sketched};
use crate::weights::Status;
use console::Style;
use std::fmt::Write;

/// One table, a heading a matrix; then the tensors that are none, with the reason.
pub fn sketch_table(run: &SketchRun, colours: bool) -> String {
    let header = [
        "", "variance", "bound", "slack", "measured", "low", "high", "error", "numbers", "",
    ];
    let mut rows = Rows::new(&header, 1, 9);
    let of = |status| run.rows.iter().filter(move |l| l.status == status);
    for layer in of(Status::Analyzed) {
        if let Some(found) = &layer.sketched {
            matrix(&mut rows, layer, found, run);
        }
    }
    let mut text = rows.show(colours);
    for layer in run
        .rows
        .iter()
        .filter(|layer| layer.status == Status::Analyzed)
    {
        for note in &layer.notes {
            let _ = write!(text, "\n{}: {note}.", layer.name);
        }
    }
    for (status, word) in [(Status::Skipped, "skipped"), (Status::Failed, "failed")] {
        for layer in of(status) {
            let reason = layer.reason.as_deref().unwrap_or("not sketched");
            let line = format!("{}: {word}: {reason}", layer.name);
            let line = if colours {
                status_style(status)
                    .apply_to(line)
                    .force_styling(true)
                    .to_string()
            } else {
                line
            };
            let _ = write!(text, "\n{line}");
        }
    }
    let count = |status| of(status).count();
    let settings = &run.settings;
    let least = of(Status::Analyzed).filter_map(|layer| Some(layer.sketched.as_ref()?.trials));
    let trials = match (run.complete, least.min()) {
        (false, Some(least)) => format!("{least} of {}", settings.trials),
        _ => settings.trials.to_string(),
    };
    let _ = write!(
        text,
        "\n{} sketched, {} skipped, {} failed. Seed {}, {} trials of {} sketches.\n\
         variance  E‖estimate - W M‖²: exactly, as published, and the mean over the trials with its {} % interval\n\
         error     root of it over ‖W M‖: an estimate of 0 has error 1\n",
        count(Status::Analyzed),
        count(Status::Skipped),
        count(Status::Failed),
        run.seed,
        trials,
        settings.ensemble.name(),
        short_number(100.0 * settings.confidence),
    );
    if let Some(device) = &run.device {
        let _ = writeln!(text, "trials    drawn on {}", shown_name(device));
    }
    text
}

fn matrix(rows: &mut Rows, layer: &SketchLayer, found: &Sketched, run: &SketchRun) {
    let file = match run.files.len() {
        1 => String::new(),
        _ => format!("{}: ", layer.file),
    };
    let images = found
        .energies
        .is_some_and(|energies| energies.images.is_some());
    let inputs = match (found.samples, run.settings.image) {
        (Some(samples), _) if images => format!("{samples} images"),
        (Some(samples), _) => format!("{samples} samples"),
        (None, Some([height, width])) if images => {
            format!("images of {height} x {width} independent pixels")
        }
        (None, _) => "independent inputs".into(),
    };
    rows.head(&format!(
        "{file}{}, {} x {}, k = {}, l = {}, {inputs}",
        layer.name, found.rows, found.columns, found.k, found.l
    ));
    let second = found.k * found.area;
    let better = |mode: u8| match (found.better_mode, found.better_mode_at_equal_parameters) {
        (Some(a), Some(b)) if a == mode && b == mode => "the better mode",
        (Some(a), _) if a == mode => "better at equal k",
        (_, Some(b)) if b == mode => "better at equal numbers",
        _ => "",
    };
    estimate(
        rows,
        "mode 1",
        &found.mode1,
        found.k * found.columns,
        better(1).into(),
    );
    estimate(
        rows,
        "mode 2",
        &found.mode2,
        second * found.rows,
        better(2).into(),
    );
    let beyond = found.exceedance.as_ref().map_or(String::new(), |e| {
        let measured = e.measured.map_or(String::new(), |m| {
            format!("{} measured, ", percent(m.estimate))
        });
        format!(
            "beyond an error of {}: {measured}at most {}",
            short_number(e.deviation),
            percent(e.chebyshev)
        )
    });
    let averaged = &found.averaged;
    estimate(
        rows,
        "averaged",
        &averaged.mode,
        found.cost.parameters,
        beyond,
    );
    if let (Some(bound), Some(holds)) = (averaged.printed_bound, averaged.printed_bound_holds) {
        let mut line = vec![
            "as printed".to_string(),
            String::new(),
            significant(Some(bound)),
        ];
        line.extend([const { String::new() }; 6]);
        line.push(if holds {
            "theorem 3.1 with the norm of the images: holds here".into()
        } else {
            "theorem 3.1 with the norm of the images: false here".into()
        });
        rows.add(
            line,
            if holds {
                Style::new()
            } else {
                Style::new().yellow()
            },
        );
    }
    let error = |rows: &mut Rows,
                 name: String,
                 error: Option<f64>,
                 numbers: Option<usize>,
                 words: String| {
        let mut line = vec![name];
        line.extend([const { String::new() }; 6]);
        let numbers = numbers.map_or(String::new(), |n| n.to_string());
        line.extend([relative(error), numbers, words]);
        rows.add(line, Style::new());
    };
    if let Some(fit) = &found.best_fit {
        let null = relative(fit.null);
        error(
            rows,
            "best fit".into(),
            fit.in_space,
            Some(fit.parameters),
            format!("W's nearest in the sketches' space; {null} for independent entries"),
        );
        let rank = format!("rank {}", fit.rank);
        let numbers = fit.rank * (found.rows + found.columns);
        let words = "W's nearest of low rank".into();
        error(rows, rank, fit.low_rank, Some(numbers), words);
    }
    let layers_own = found.dense_parameters;
    error(
        rows,
        "the layer".into(),
        Some(0.0),
        Some(layers_own),
        String::new(),
    );
    if let Some(choice) = found.target.iter().find(|choice| choice.l == found.l) {
        let words = match (choice.k, &choice.cost, choice.compression_rate) {
            (Some(k), Some(cost), Some(rate)) => format!(
                "takes k = {k}: {} numbers, {} times its multiply-adds",
                times_the_layer(rate),
                short_number(cost.multiply_adds as f64 / found.dense_parameters as f64)
            ),
            _ => "no sketch reaches it".into(),
        };
        let numbers = choice.cost.map(|cost| cost.parameters);
        let name = format!("to reach {}", relative(run.settings.target));
        error(rows, name, run.settings.target, numbers, words);
    }
}

fn estimate(rows: &mut Rows, name: &str, mode: &Mode, numbers: usize, words: String) {
    let [low, high] = match mode.interval {
        Some([low, high]) => [Some(low), Some(high)],
        None => [None; 2],
    };
    let missed = mode.interval_holds_exact == Some(false);
    let words = match missed {
        true if words.is_empty() => "outside the interval".into(),
        true => format!("{words}; outside the interval"),
        false => words,
    };
    rows.add(
        vec![
            name.into(),
            significant(mode.exact),
            significant(mode.bound),
            mode.slack.map_or(String::new(), |x| format!("{x:.2}")),
            significant(mode.measured),
            significant(low),
            significant(high),
            relative(mode.relative_error),
            numbers.to_string(),
            words,
        ],
        Style::new(),
    );
}

fn relative(error: Option<f64>) -> String {
    exact_error(error, significant)
}
