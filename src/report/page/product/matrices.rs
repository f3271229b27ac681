//! Each matrix: its finding, its picture, its factors and stages.

use std::fmt::Write;

use super::table::{finding, stopped};
use super::words::fitted;
use crate::fit::product::{FactorFit, FitRow, Method, ProductFit, ProductFits};
use crate::report::page::summary::counted;
use crate::report::page::table::breakable;
use crate::report::plots::MatrixPicture;
use crate::report::product::{device_account, ended};
use crate::report::table::significant;
use crate::report::text::{capitalised, escape_markup, shown_name};

/// How to read the chart of the stages of W.
const STAGES: &str = "Each stage begins at a ring, where the one before left off, and ends at a dot: a last dot well below the dashes is a gain over as many random terms, but where the triangle beside it is as low, places do not matter to it, and where the cross is, coordinates do not.";
/// How to read it for a fit to activations.
const STAGES_ON_INPUTS: &str = "Each stage begins at a ring, where the one before left off, and ends at a dot: a cross well above the dot beside it says that the fit does not carry over to inputs that it has not seen.";
/// How to read the starts.
const STARTS: &str = "On the right, on the same scale, stands the end of each start, the kept one filled: starts at one height agree, and where they stand far apart another one may come lower still.";

/// A section a matrix, or nothing.
pub(super) fn matrices(fits: &ProductFits, pictures: &[MatrixPicture]) -> String {
    let mut all = String::new();
    for (position, row, fit) in fitted(fits) {
        let picture = pictures.iter().find(|p| p.position == position);
        all.push_str(&matrix(position, row, fit, picture));
    }
    if all.is_empty() {
        return all;
    }
    let mut reading = match fits.inputs_file {
        Some(_) => STAGES_ON_INPUTS.to_owned(),
        None => STAGES.to_owned(),
    };
    if fitted(fits).any(|(_, _, fit)| fit.restarts.len() > 1) {
        reading.extend([" ", STARTS]);
    }
    let without = fitted(fits).count() - pictures.len();
    if without > 0 {
        let without = counted(without, "fit");
        let _ = write!(
            reading,
            " {without} after the first {} have no picture; --pictures N draws more.",
            pictures.len()
        );
    }
    format!(
        "<section aria-labelledby=\"matrices-heading\">\n<h2 id=\"matrices-heading\">Matrix by matrix</h2>\n<p class=\"reading\">{reading}</p>\n{all}</section>\n"
    )
}

fn matrix(
    position: usize,
    row: &FitRow,
    fit: &ProductFit,
    picture: Option<&MatrixPicture>,
) -> String {
    let name = breakable(&shown_name(&row.name));
    let figure = picture.map_or(String::new(), |picture| {
        let [_, (_, svg)] = &picture.files;
        format!("<figure>{}</figure>\n", String::from_utf8_lossy(svg))
    });
    format!(
        "<section id=\"layer-{position}\" aria-labelledby=\"name-{position}\">\n<h3 id=\"name-{position}\">{position} {name}</h3>\n<p class=\"finding\">{}</p>\n{figure}<div class=\"parts\">\n{}{}</div>\n</section>\n",
        escape_markup(&course(fit)),
        factors(position, &fit.factors),
        stages(position, fit)
    )
}

/// The finding, and how it was come by.
fn course(fit: &ProductFit) -> String {
    let mut text = format!(
        "{}. By {}: {}; {} of freedom.",
        capitalised(&finding(fit)),
        by(fit.method),
        ended(fit.stopped),
        counted(fit.degrees_of_freedom, "degree")
    );
    if let Some(device) = &fit.device {
        let _ = write!(text, " {}.", capitalised(&device_account(device)));
    }
    if fit.restarts.len() > 1 {
        let starts = fit.restarts.iter().map(|&r| significant(Some(r)));
        let starts: Vec<String> = starts.collect();
        let _ = write!(text, " Starts: {}; the best is kept.", starts.join(", "));
    }
    text
}

fn by(method: Method) -> &'static str {
    match method {
        Method::Transform => "correlations with orthonormal terms",
        Method::Gram => "a Gram matrix in closed form",
        Method::RowWise => "least squares row by row",
        Method::Qr => "reflections of all terms",
        Method::Preconditioned => "preconditioned iterations",
        Method::Levenberg => "Levenberg-Marquardt",
        Method::Alternating => "alternating least squares",
    }
}

/// A line a run of factors alike.
fn factors(position: usize, factors: &[FactorFit]) -> String {
    let head = ["Factor", "Shape", "Terms", "Family", "Link"];
    let mut body = String::new();
    let mut first = 1;
    for run in factors.chunk_by(|a, b| a == b) {
        let last = first + run.len() - 1;
        let which = match run.len() {
            1 => first.to_string(),
            _ => format!("{first} to {last}"),
        };
        let factor = run[0];
        let family = factor.family.map_or("given", |family| family.name());
        let _ = writeln!(
            body,
            "<tr><th scope=\"row\">{which}<td>{}×{}<td>{}<td class=\"left\">{family}<td class=\"left\">{}",
            factor.rows,
            factor.columns,
            factor.terms,
            factor.link.name()
        );
        first = last + 1;
    }
    small(
        &format!("Factors of matrix {position}"),
        &head,
        &[1, 2],
        &body,
    )
}

fn stages(position: usize, fit: &ProductFit) -> String {
    let head = [
        "Stage",
        "Parameters",
        "From",
        "To",
        "Iterations",
        "Why it ended",
    ];
    let mut body = String::new();
    for (i, stage) in fit.stages.iter().enumerate() {
        let iterations = match stage.iterations {
            0 => String::new(),
            count => count.to_string(),
        };
        let _ = writeln!(
            body,
            "<tr><th scope=\"row\">{}<td>{}<td>{}<td>{}<td>{iterations}<td class=\"ended\">{}",
            i + 1,
            stage.parameters,
            significant(Some(stage.start_residual)),
            significant(Some(stage.relative_residual)),
            stopped(stage.stopped)
        );
    }
    small(
        &format!("Stages of matrix {position}"),
        &head,
        &[1, 2, 3, 4],
        &body,
    )
}

/// A table with a caption, its columns of numbers named by their places.
fn small(caption: &str, head: &[&str], numbers: &[usize], body: &str) -> String {
    let cell = |(i, words): (usize, &&str)| match numbers.contains(&i) {
        true => format!("<th scope=\"col\" class=\"num\">{words}"),
        false => format!("<th scope=\"col\">{words}"),
    };
    let head: String = head.iter().enumerate().map(cell).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\n<table><caption>{caption}</caption><thead><tr>{head}</thead><tbody>\n{body}</tbody></table>\n</div>\n"
    )
}
