//! A comparison as one self-contained page without a script: its numbers, its pictures, words.

use super::html::{Terms, breakable, picture, section};
use super::layout::Page;
use super::run::{Words, page, state};
use crate::report::column::pick;
use crate::report::figures::stem;
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::pairs::SISTERS;
use crate::report::tensors::{Tensor, other, tensors};
use crate::report::text::{file_name, short_number, shown_name};
use crate::spectrum::{Comparison, Pair};
use crate::weights::Status;
use maud::{Markup, html};

/// How to read the two kinds of pictures: part of their file names, heading, sentence.
const PICTURES: [(&str, &str, &str); 2] = [
    (
        "ratios",
        "Order by order",
        "Each curve is OTHER’s singular values over the means of R’s, largest first: a curve along its dashed level is a random layer (many small blocks droop at the right end even so), a rise at its left end is what training put into the largest values, and a level off 1 means that OTHER’s variance is not ONE’s times OTHER’s number of blocks.",
    ),
    (
        "course",
        "Over the run",
        "Each checkpoint is one point: where a blue curve leaves its dashes, the layer has left what its start and chance would give; in blocks the mean distance to R is mostly that of the level, so hold the green curve, taken about the level, against the dashes.",
    ),
];

const TERMS: Terms = &[
    "ONE, OTHER: the first file, and each of those compared with it; tensors of one name make a pair.",
    "Blocks: diagonal blocks of the layer; OTHER’s singular values are those of all its blocks together.",
    "Variance: of the entries inside the blocks, about their mean.",
    "R: random matrices of the full shape and ONE’s variance, drawn from the seed below.",
    "Level: where OTHER’s values stand over R’s when both are random.",
    "Distance: the mean over orders of |1 − sᵢ/R’s mean|; “about level” divides by the level first, and that is the one to hold against chance.",
];

const WORDS: Words = Words {
    kind: "sister spectra",
    kicker: "Weight spectra beside those of a sister network",
    nameless: "Sister spectra",
    other: "sister",
    rows: ["pair", "analysed"],
    digits: "Numbers here are rounded; report.json and pairs.parquet beside this page have all of them, and the pictures lie there as SVG and PNG.",
    all_linked: false,
};

/// Columns of the table, by their keys.
const COLUMNS: [&str; 9] = [
    "variance_ratio",
    "expected_ratio",
    "largest_ratio",
    "smallest_ratio",
    "expected_level",
    "mean_distance",
    "mean_distance_from_expected",
    "chance_distance",
    "mean_distance_matched",
];

/// The page for a comparison and its pictures. The same comparison gives the same bytes.
///
/// Tensor 3 of ONE has the anchor `#tensor-3`.
pub fn render_comparison(comparison: &Comparison, pictures: &[(String, Vec<u8>)]) -> String {
    let tensors = tensors(comparison);
    let other = if comparison.settings.track {
        "later checkpoint"
    } else {
        WORDS.other
    };
    let page = Page {
        headline: headline(comparison),
        sections: html! {
            (table(&tensors, pictures))
            @for kind in PICTURES { (figures(kind, &tensors, pictures)) }
        },
        terms: TERMS,
        ..page(comparison, &Words { other, ..WORDS })
    };
    page.render()
}

/// Names the pair farthest from random, in units of what chance gives.
fn headline(comparison: &Comparison) -> String {
    let times = |pair: &Pair| {
        let s = pair.sisters.as_ref()?;
        let times = s.mean_distance_from_expected? / s.chance_distance?;
        times.is_finite().then_some(times)
    };
    let farthest = comparison
        .rows
        .iter()
        .filter_map(|pair| Some((times(pair)?, pair)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match farthest {
        None => "No pair of matrices could be compared.".to_owned(),
        Some((times, pair)) => format!(
            "Farthest from random: {} of {}, {} times the distance that chance gives.",
            shown_name(&pair.name),
            file_name(&pair.other),
            short_number(times)
        ),
    }
}

fn table(tensors: &[Tensor<'_>], pictures: &[(String, Vec<u8>)]) -> Markup {
    let columns = pick(&SISTERS, &COLUMNS);
    let caption = html! {
        "R are random matrices of the full shape with the variance of ONE (divided by ONE's blocks where it has several). A number in grey is what the number before it would be at random: the variance ratio at initialisation, the level √(v" sub { "OTHER" } " b" sub { "ONE" } " / (v" sub { "ONE" } " b" sub { "OTHER" } ")) for b blocks, the distance of random blocks about their level."
    };
    let mut grid = Grid::new("Table, can be scrolled sideways")
        .caption(caption)
        .heads(Kind::Number, ["#"])
        .heads(Kind::Name, ["Tensor"])
        .heads(Kind::Words, ["OTHER"])
        .heads(Kind::Number, ["Shape", "Blocks"])
        .columns(columns.iter().map(|column| column.head()));
    let ratios = |number| stem("tensor", number, tensors.len(), PICTURES[0].0);
    for tensor in tensors {
        let number = tensor.number;
        let name = breakable(&tensor.name());
        let name = if picture(pictures, &ratios(number)).is_some() {
            html! { a href={ "#tensor-" (number) } { (name) } }
        } else {
            name
        };
        let first = tensor.pairs[0];
        let alike = |pair: &&Pair| pair.status == Status::Skipped && pair.reason == first.reason;
        let all_alike = tensor.pairs.iter().all(alike);
        let rows = if all_alike { 1 } else { tensor.pairs.len() };
        for pair in &tensor.pairs[..rows] {
            let other = if all_alike {
                html! {}
            } else {
                html! { (breakable(&other(pair))) " " }
            };
            let mut row = vec![number.into(), name.clone().into()];
            if let Some(s) = &pair.sisters {
                let blocks = format!("{} to {}", s.blocks_one, s.blocks_other);
                row.extend([
                    other.into(),
                    format!("{}×{}", s.rows, s.columns).into(),
                    blocks.into(),
                ]);
                row.extend(columns.iter().map(|column| column.cell(Some(s))));
            } else {
                let state = state(pair.status, pair.reason.as_deref());
                let state = html! { (other) span.reason { (state) } };
                row.push(Cell::from(state).across(grid.width() - 2));
            }
            grid.row(row);
        }
    }
    section("table", "All pairs", html! { (grid) })
}

/// Returns all pictures of a kind under a heading, or nothing.
fn figures(
    (what, heading, reading): (&str, &str, &str),
    tensors: &[Tensor<'_>],
    pictures: &[(String, Vec<u8>)],
) -> Markup {
    let drawn = |number| picture(pictures, &stem("tensor", number, tensors.len(), what));
    let drawn = tensors
        .iter()
        .filter_map(|tensor| Some((tensor, drawn(tensor.number)?)));
    let drawn: Vec<_> = drawn.collect();
    if drawn.is_empty() {
        return html! {};
    }
    let id = |number: usize| (what == "ratios").then(|| format!("tensor-{number}"));
    section(
        what,
        heading,
        html! {
            p.reading { (reading) } "\n"
            div.figures { "\n"
                @for (tensor, picture) in drawn {
                    figure id=[id(tensor.number)] {
                        h3 { (tensor.number) " " (breakable(&tensor.name())) } "\n"
                        (picture)
                    }
                    "\n"
                }
            }
            "\n"
        },
    )
}
