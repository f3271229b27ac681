//! Each matrix: its finding, its picture, its factors and stages.

use super::table::{finding, stopped};
use super::words::fitted;
use crate::fit::product::{FactorFit, Method, ProductFit, ProductFits};
use crate::report::figures::stem;
use crate::report::format::significant;
use crate::report::grid::{Grid, Kind};
use crate::report::page::html::{breakable, picture, section};
use crate::report::product::{device_account, ended};
use crate::report::text::{capitalised, counted, shown_name};
use maud::{Markup, html};
use std::fmt::Write;

/// How to read the chart of the stages of W.
const STAGES: &str = "Each stage begins at a ring, where the one before left off, and ends at a dot: a last dot well below the dashes is a gain over as many random terms, but where the triangle beside it is as low, places do not matter to it, and where the cross is, coordinates do not.";
/// How to read it for a fit to activations.
const STAGES_ON_INPUTS: &str = "Each stage begins at a ring, where the one before left off, and ends at a dot: a cross well above the dot beside it says that the fit does not carry over to inputs that it has not seen.";
/// How to read the starts.
const STARTS: &str = "On the right, on the same scale, stands the end of each start, the kept one filled: starts at one height agree, and where they stand far apart another one may come lower still.";

/// Returns a section a matrix, or nothing.
pub(super) fn matrices(fits: &ProductFits, pictures: &[(String, Vec<u8>)]) -> Markup {
    if fitted(fits).next().is_none() {
        return html! {};
    }
    let mut reading = match fits.inputs_file {
        Some(_) => STAGES_ON_INPUTS.to_owned(),
        None => STAGES.to_owned(),
    };
    if fitted(fits).any(|(_, _, fit)| fit.restarts.len() > 1) {
        reading.extend([" ", STARTS]);
    }
    let pictured = pictures.iter().filter(|(name, _)| name.ends_with(".svg"));
    let pictured = pictured.count();
    let without = fitted(fits).count() - pictured;
    if without > 0 {
        let without = counted(without, "fit");
        let _ = write!(
            reading,
            " {without} after the first {} have no picture; --pictures N draws more.",
            pictured
        );
    }
    let drawn = |position| {
        let stem = stem("layer", position, fits.rows.len(), "fit");
        picture(pictures, &stem)
    };
    section(
        "matrices",
        "Matrix by matrix",
        html! {
            p.reading { (reading) } "\n"
            @for (position, row, fit) in fitted(fits) {
                section id={ "layer-" (position) } aria-labelledby={ "name-" (position) } { "\n"
                    h3 id={ "name-" (position) } { (position) " " (breakable(&shown_name(&row.name))) } "\n"
                    p.finding { (course(fit)) } "\n"
                    @if let Some(picture) = drawn(position) { figure { (picture) } "\n" }
                    div.parts { "\n" (factors(position, &fit.factors)) (stages(position, fit)) } "\n"
                }
                "\n"
            }
        },
    )
}

/// Says what was found, and how it was come by.
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

/// Returns a line a run of factors alike.
fn factors(position: usize, factors: &[FactorFit]) -> Grid {
    let caption = format!("Factors of matrix {position}");
    let mut grid = Grid::new(&caption)
        .caption(&caption)
        .heads(Kind::Name, ["Factor"])
        .heads(Kind::Number, ["Shape", "Terms"])
        .heads(Kind::Words, ["Family", "Link"]);
    let mut first = 1;
    for run in factors.chunk_by(|a, b| a == b) {
        let last = first + run.len() - 1;
        let which = match run.len() {
            1 => first.to_string(),
            _ => format!("{first} to {last}"),
        };
        let factor = run[0];
        grid.row(vec![
            which.into(),
            format!("{}×{}", factor.rows, factor.columns).into(),
            factor.terms.into(),
            factor.family.map_or("given", |family| family.name()).into(),
            factor.link.name().into(),
        ]);
        first = last + 1;
    }
    grid
}

fn stages(position: usize, fit: &ProductFit) -> Grid {
    let caption = format!("Stages of matrix {position}");
    let mut grid = Grid::new(&caption)
        .caption(&caption)
        .heads(Kind::Name, ["Stage"])
        .heads(Kind::Number, ["Parameters", "From", "To", "Iterations"])
        .heads(Kind::Words, ["Why it ended"]);
    for (number, stage) in (1_usize..).zip(&fit.stages) {
        let iterations = (stage.iterations > 0).then_some(stage.iterations);
        grid.row(vec![
            number.into(),
            stage.parameters.into(),
            significant(Some(stage.start_residual)).into(),
            significant(Some(stage.relative_residual)).into(),
            html! { @if let Some(count) = iterations { (count) } }.into(),
            stopped(stage.stopped).into(),
        ]);
    }
    grid
}
