//! Tables for the terminal: plain words and the few numbers that carry them.

use super::frame::shape;
use crate::spectrum::{Comparison, Listing, Pair, Sisters};
use crate::weights::Status;
use comfy_table::{CellAlignment, Table, presets};
use console::Style;
use polars::prelude::{Column, DataFrame};

/// One row a pair of sisters.
pub fn comparison_table(comparison: &Comparison, colours: bool) -> String {
    let mut rows = Rows::new(
        &[
            "layer",
            "shape",
            "blocks",
            "variance ratio",
            "expected",
            "distance",
            "by chance",
            "s₁/R",
            "",
        ],
        2,
        8,
    );
    let is_vector = |pair: &&Pair| {
        let reason = pair.reason.as_deref().unwrap_or_default();
        pair.status == Status::Skipped && reason.starts_with("a vector")
    };
    for pair in comparison.rows.iter().filter(|pair| !is_vector(pair)) {
        rows.head(&format!("{} beside {}", pair.other, pair.one));
        let mut row = vec![pair.name.clone()];
        row.extend(match &pair.sisters {
            Some(s) => sister_numbers(s),
            None => vec![String::new(); 7],
        });
        row.push(pair.reason.clone().unwrap_or_default());
        rows.add(row, status_style(pair.status));
    }
    format!(
        "{}\nSeed {}, {} draws.\n\
         distance   mean |1 - ratio|, order by order, of the singular values to those of random matrices R\n\
         \x20          of the full shape with ONE's variance\n\
         by chance  the same for random blocks of the same shapes\n\
         s₁/R       ratio of the largest value\n",
        rows.show(colours),
        comparison.seed,
        comparison.settings.spectrum.draws,
    )
}

/// One row a tensor.
pub fn inspection_table(listing: &Listing, colours: bool) -> String {
    let mut rows = Rows::new(&["tensor", "type", "shape", "elements", "read as"], 3, 4);
    for tensor in &listing.tensors {
        let (view, style) = match (&tensor.reason, &tensor.view) {
            (Some(reason), _) => {
                let what = match tensor.status {
                    Status::Failed => "unreadable",
                    _ => "skipped",
                };
                (format!("{what}: {reason}"), status_style(tensor.status))
            }
            (None, view) => (view.clone().unwrap_or_default(), Style::new()),
        };
        let row = vec![
            tensor.name.clone(),
            tensor.dtype.clone(),
            shape(&tensor.shape),
            tensor.elements.to_string(),
            view,
        ];
        rows.add(row, style);
    }
    let files: Vec<String> = listing
        .files
        .iter()
        .map(|file| format!("{}: {}, {} bytes\n", file.path, file.format, file.bytes))
        .collect();
    let warnings: Vec<String> = listing
        .warnings
        .iter()
        .map(|warning| format!("warning: {warning}\n"))
        .collect();
    format!(
        "{}{}\n{}",
        files.concat(),
        warnings.concat(),
        rows.show(colours)
    )
}

/// A table of one line a row; the last column, words, may be coloured.
pub(super) struct Rows {
    table: Table,
    styles: Vec<Style>,
    /// Headings, each before the row of this number, the header's being 0.
    headings: Vec<(usize, String)>,
}

impl Rows {
    /// Columns from `first_number` up to `after_numbers` are aligned to the right.
    pub(super) fn new(header: &[&str], first_number: usize, after_numbers: usize) -> Rows {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_header(header);
        for (i, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if (first_number..after_numbers).contains(&i) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Rows {
            table,
            styles: vec![Style::new().bold()],
            headings: Vec::new(),
        }
    }

    /// Puts `heading` before the next row, unless it is the last one again.
    pub(super) fn head(&mut self, heading: &str) {
        if self.headings.last().is_none_or(|(_, last)| last != heading) {
            self.headings.push((self.styles.len(), heading.into()));
        }
    }

    pub(super) fn add(&mut self, row: Vec<String>, style: Style) {
        self.table.add_row(row);
        self.styles.push(style);
    }

    pub(super) fn show(&mut self, colours: bool) -> String {
        let last = self.table.column_count() - 1;
        let words = self.table.column_max_content_widths()[last] as usize + 2;
        let mut text = String::new();
        let mut headings = self.headings.iter().peekable();
        for (row, (line, style)) in self.table.lines().zip(&self.styles).enumerate() {
            while let Some((_, heading)) = headings.next_if(|(before, _)| *before == row) {
                text += &format!("\n{heading}\n");
            }
            let start = line.chars().count().saturating_sub(words);
            let split = line.char_indices().nth(start).map_or(0, |(at, _)| at);
            let (numbers, words) = line.split_at(split);
            text += &match words.trim_end() {
                words if colours && !words.is_empty() => {
                    format!("{numbers}{}\n", style.apply_to(words).force_styling(true))
                }
                _ => format!("{}\n", line.trim_end()),
            };
        }
        text
    }
}

/// Any table of a few columns, numbers to four digits.
pub fn frame_table(frame: &DataFrame) -> String {
    let names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
    let texts = frame.columns().iter().filter(|c| c.str().is_ok()).count();
    let mut rows = Rows::new(&names, texts, names.len());
    for row in 0..frame.height() {
        let cell = |column: &Column| match (column.str(), column.f64()) {
            (Ok(texts), _) => texts.get(row).unwrap_or_default().to_string(),
            (_, Ok(numbers)) => significant(numbers.get(row)),
            _ => String::new(),
        };
        rows.add(frame.columns().iter().map(cell).collect(), Style::new());
    }
    rows.show(false)
}

fn sister_numbers(s: &Sisters) -> Vec<String> {
    vec![
        format!("{}x{}", s.rows, s.columns),
        format!("{} to {}", s.blocks_one, s.blocks_other),
        significant(s.variance_ratio),
        significant(Some(s.expected_ratio)),
        fixed(s.mean_distance, 4),
        fixed(s.chance_distance, 4),
        fixed(s.largest_ratio, 3),
    ]
}

pub(super) fn status_style(status: Status) -> Style {
    match status {
        Status::Analyzed => Style::new(),
        Status::Skipped => Style::new().dim(),
        Status::Failed => Style::new().red(),
    }
}

pub(super) fn fixed(x: Option<f64>, digits: usize) -> String {
    x.map_or(String::new(), |x| format!("{x:.digits$}"))
}

/// Four significant digits, with an exponent for the very large and small.
pub(super) fn significant(x: Option<f64>) -> String {
    match x {
        None => String::new(),
        Some(x) if x != 0.0 && !(1e-3..1e5).contains(&x.abs()) => format!("{x:.3e}"),
        Some(x) => {
            let digits = (3 - x.abs().max(1e-3).log10().floor() as i32).max(0);
            format!("{x:.0$}", digits as usize)
        }
    }
}
