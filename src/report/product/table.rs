//! For the terminal: a line a matrix, and how each fit went.

use super::frame::FIT;
use crate::fit::product::{DeviceFit, FactorFit, Link, ProductFit, ProductFits, StageFit, Stopped};
use crate::report::column::pick;
use crate::report::format::significant;
use crate::report::frame::{key, shape};
use crate::report::table::{Rows, status_style};
use crate::report::text::shown_name;
use crate::weights::Status;
use console::Style;
use std::fmt::Write;

/// One line a matrix, then its factors, stages and starts.
pub fn product_table(fits: &ProductFits, colours: bool) -> String {
    let inputs = fits.inputs_file.is_some();
    let numbers = pick(&FIT, &shown_columns(inputs));
    let mut header = vec!["matrix", "shape"];
    header.extend(numbers.iter().map(|column| column.heading));
    header.push("");
    let mut rows = Rows::new(&header, 1, 8);
    for row in &fits.rows {
        if fits.files.len() > 1 {
            rows.head(&row.file);
        }
        let mut cells = vec![row.name.clone(), shape(&row.shape)];
        let fit = row.fit.as_ref();
        cells.extend(numbers.iter().map(|column| column.on_line(fit)));
        let words = match fit {
            Some(fit) => {
                let verdict = fit.verdict.as_ref().map(|verdict| verdict.text.clone());
                verdict.unwrap_or_else(|| ended(fit.stopped).to_owned())
            }
            None => {
                let word = if row.status == Status::Failed {
                    "failed"
                } else {
                    "skipped"
                };
                format!("{word}: {}", row.reason.as_deref().unwrap_or("not fitted"))
            }
        };
        cells.push(words);
        let style = match row.status {
            Status::Analyzed => Style::new(),
            status => status_style(status),
        };
        rows.add(cells, style);
    }
    let mut text = rows.show(colours);
    for row in &fits.rows {
        if let Some(fit) = &row.fit {
            let _ = write!(
                text,
                "\n{}: {}",
                row.name,
                account(fit, fits.settings.residual)
            );
        }
    }
    if let Some(d) = fits.distance.filter(|d| d.matrices > 1) {
        let _ = write!(
            text,
            "\nd(W, {{M}}) over {} matrices: mean {}, largest {}; over ‖W‖: mean {}, largest {}.\n",
            d.matrices,
            significant(Some(d.mean)),
            significant(Some(d.maximum)),
            significant(Some(d.relative_mean)),
            significant(Some(d.relative_maximum)),
        );
    }
    let _ = write!(
        text,
        "\nSeed {}. residual ‖W - Ŵ‖ / ‖W‖; chance: what as many random terms leave of a matrix that they\n\
         know nothing of, √(1 - degrees of freedom / entries){}.\n",
        fits.seed,
        if inputs {
            "; fitted, held out: ‖X (W - Ŵ)ᵀ‖ / ‖X Wᵀ‖ over halves of the inputs"
        } else {
            "; shuffled, rotated: the same fit to W with its\n\
        entries in random order, and to W turned at the same singular values"
        }
    );
    text
}

/// Returns the keys of the columns that terminal and page show; `inputs` says whether the fits are to activations.
pub(in crate::report) fn shown_columns(inputs: bool) -> [&'static str; 6] {
    let [left, right] = if inputs {
        ["fitted_residual", "held_out_residual"]
    } else {
        ["shuffled_residual", "rotated_residual"]
    };
    [
        "parameters",
        "compression_rate",
        "relative_residual",
        "null_residual",
        left,
        right,
    ]
}

/// How a fit went, in a few lines.
fn account(fit: &ProductFit, residual: bool) -> String {
    let factors: Vec<String> = fit
        .factors
        .chunk_by(|a, b| a == b)
        .map(|run| alike(run, residual))
        .collect();
    let mut text = format!("{}.\n", factors.join(" · "));
    let method = key(&fit.method).unwrap_or_default();
    let iterations = match fit.iterations {
        0 => String::new(),
        1 => ", 1 iteration".into(),
        count => format!(", {count} iterations"),
    };
    let condition = fit.condition.map_or(String::new(), |c| {
        format!(", condition {}", significant(Some(c)))
    });
    let _ = writeln!(
        text,
        "  {} degrees of freedom; {method}{iterations}{condition}; {}.",
        fit.degrees_of_freedom,
        ended(fit.stopped)
    );
    if let Some(device) = &fit.device {
        let _ = writeln!(text, "  {}.", device_account(device));
    }
    if fit.stages.len() > 1 {
        let stage = |s: &StageFit| {
            let (first, last) = (Some(s.start_residual), Some(s.relative_residual));
            format!(
                "{} parameters {} → {}",
                s.parameters,
                significant(first),
                significant(last)
            )
        };
        let stages: Vec<String> = fit.stages.iter().map(stage).collect();
        let _ = writeln!(text, "  stages: {}.", stages.join("; "));
    }
    if fit.restarts.len() > 1 {
        let starts: Vec<String> = fit.restarts.iter().map(|&r| significant(Some(r))).collect();
        let _ = writeln!(text, "  starts: {}; the best is kept.", starts.join(", "));
    }
    text
}

/// `9 × (784 × 784, 50 gaussian)`.
fn alike(run: &[FactorFit], residual: bool) -> String {
    let f = run[0];
    let family = f.family.map_or("given", |family| family.name());
    let link = match f.link {
        Link::Identity => String::new(),
        link => format!(" through {}", link.name()),
    };
    let terms = if residual {
        format!("identity + {} {family}", f.terms - 1)
    } else {
        format!("{} {family}", f.terms)
    };
    let one = format!("{} × {}, {terms}{link}", f.rows, f.columns);
    match run.len() {
        1 => format!("({one})"),
        count => format!("({one})^{count}"),
    }
}

/// Why a fit or a stage ended, in words.
pub(in crate::report) fn ended(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Solved => "solved outright",
        Stopped::Exact => "exact to rounding",
        Stopped::Converged => "converged",
        Stopped::Stationary => "no step gains",
        Stopped::Iterations => "ended at the most iterations; --iterations allows more",
        Stopped::Interrupted => "interrupted; the best so far is kept",
    }
}

/// What a device did, and how near that is.
pub(in crate::report) fn device_account(device: &DeviceFit) -> String {
    let times = match device.refinements {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    format!(
        "iterated on {}, refined {times} in double precision, which leaves a gradient of {:.1e} ‖terms‖ ‖W‖",
        shown_name(&device.name),
        device.gradient
    )
}
