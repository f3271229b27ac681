//! Draws a figure, whatever it shows: its title, its key and its panels.

use plotters::prelude::DrawingBackend;

use super::canvas::{Canvas, Drawn, Frame, WIDTH};
use super::key::{Entry, Sample};
use super::palette::{INK, MUTED, rgb};
use super::panel::Plane;
use super::ticks::{across, upward};
use crate::report::axis::Axis;
use crate::report::figure::{Figure, Layout};
use crate::report::mark::{Color, Mark, Stroke};

/// Longest title, in characters.
const TITLE: usize = 84;
/// The word between the labels of the first and the last one of many.
const TO: &str = " to ";
/// Where words begin at the left.
const MARGIN: u32 = 16;

/// Draws a figure on an empty canvas.
pub(super) fn draw<DB: DrawingBackend>(figure: &Figure, canvas: &Canvas<DB>) -> Drawn<DB> {
    let is_rows = figure.layout == Layout::Rows;
    let below = heading(figure, canvas)?;
    let shares: Vec<u32> = figure.panels.iter().map(|panel| panel.share).collect();
    let parts = if is_rows {
        below.rows(shares.len())
    } else {
        below.columns(&shares)
    };
    let last = shares.len().saturating_sub(1);
    for (place, (panel, part)) in figure.panels.iter().zip(parts).enumerate() {
        let name = label(&panel.x);
        let corner = if is_rows {
            label(&panel.y)
        } else {
            panel.title.clone()
        };
        let has_numbers = !is_rows || place == last;
        let frame = Frame {
            corner: &corner,
            upward: upward(&panel.y, part.chart_height(&corner, has_numbers)),
            across: has_numbers.then(|| (across(&panel.x, part.chart_width()), name.as_str())),
        };
        let chart = part.chart(&frame)?;
        Plane::new(panel, &part, chart).draw()?;
    }
    Ok(())
}

/// Draws title, key (in as many lines as it takes) and the name of the vertical axis; returns the area below.
fn heading<DB: DrawingBackend>(figure: &Figure, canvas: &Canvas<DB>) -> Drawn<DB, Canvas<DB>> {
    let mut title: String = figure.title.chars().take(TITLE).collect();
    if title.len() < figure.title.len() {
        title.pop();
        title.push('…');
    }
    canvas.text(&title, 15, INK, MARGIN, 12)?;
    let (mut x, mut y) = (MARGIN, 38);
    for entry in key(figure) {
        let before = entry.sample.width() + 6;
        let width = before + canvas.width(&entry.words, 12)?;
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + 18);
        }
        entry.draw(canvas, &canvas.area, canvas.at(x, y + 5))?;
        canvas.text(&entry.words, 12, MUTED, x + before, y)?;
        x += width + 20;
    }
    if figure.layout == Layout::Rows {
        return Ok(canvas.below(y + 20));
    }
    let name = figure.panels.first().map(|panel| label(&panel.y));
    canvas.text(&name.unwrap_or_default(), 12, INK, MARGIN, y + 20)?;
    Ok(canvas.below(y + 38))
}

fn label(axis: &Axis) -> String {
    match axis.unit.as_str() {
        "" => axis.words.clone(),
        unit => format!("{} in {unit}", axis.words),
    }
}

/// Returns the entries of the key, those that are alike once.
fn key(figure: &Figure) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for mark in figure.panels.iter().flat_map(|panel| &panel.marks) {
        let (color, words, sample) = match mark {
            Mark::Line {
                color,
                stroke,
                dots,
                words,
                ..
            } => (*color, words, Sample::Line(*stroke, *dots)),
            Mark::Band { color, words, .. } => (*color, words, Sample::Band),
            Mark::Bars { color, words, bars } => {
                let is_wide = bars.iter().any(|bar| bar.from < bar.to);
                (
                    *color,
                    words,
                    if is_wide { Sample::Bar } else { Sample::Stroke },
                )
            }
            Mark::Rug { color, words, .. } => (*color, words, Sample::Stroke),
            Mark::Points {
                color,
                shape,
                words,
                ..
            } => (*color, words, Sample::Point(*shape)),
            Mark::Vertical { words, .. } => (Color::Muted, words, Sample::ThinDashes),
            // Its words stand beside it.
            Mark::Level { .. } => continue,
        };
        let entry = Entry {
            color: rgb(color),
            words: words.into(),
            sample,
        };
        if words.is_empty() || entries.contains(&entry) {
            continue;
        }
        // Thin lines are many of one kind.
        let is_alike = |own: &&mut Entry<'_>| {
            matches!(sample, Sample::Line(Stroke::Thin, _))
                && (own.color, own.sample) == (entry.color, sample)
        };
        match entries.iter_mut().find(is_alike) {
            Some(own) => {
                let first = own.words.split(TO).next().unwrap_or_default();
                own.words = format!("{first}{TO}{words}").into();
            }
            None => entries.push(entry),
        }
    }
    entries
}
